use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::builder::NonEmptyStringValueParser;
use controlsync_core::check::check;
use controlsync_core::config::FILE_NAME;
use controlsync_core::diagnostic::{Level, counted};
use controlsync_core::packs::import::{NewFile, Options, import};
use controlsync_core::pull::Target;
use controlsync_core::report::import_text;
use controlsync_core::source::{FileKind, Source};

use crate::error::{bail, error};
use crate::exit::Exit;
use crate::options::Global;
use crate::{file_changes, files, output, paths};

/// Write controls and a framework for AWS Config conformance packs.
///
/// Writes one control for each rule, shared between packs and with the catalog, and a framework for each pack. Existing files are not
/// changed. Conditions are evaluated with the defaults of the parameters. Exits with 1 if a part of a pack could not be imported.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Template of a conformance pack, in YAML or JSON.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Name of the framework, for a single FILE [default: the name of the file]
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    framework: Option<String>,

    /// Show what would be written, and write nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Args {
    pub fn run(self, global: &Global) -> Result<Exit> {
        if self.framework.is_some() && self.files.len() > 1 {
            bail!(Usage, "--framework names one framework; import the packs one by one, or leave it out");
        }
        let root = &global.catalog_dir;
        let options = Options { framework: self.framework, check: global.check_options()? };
        let (existing, folders) = files::existing_paths(root)?;
        let checked = check(files::read_if_any(root, global.config.as_deref())?, &options.check);
        let is_config = |file| checked.sources.get(file).kind() == FileKind::Config;
        if checked.diagnostics.iter().any(|found| found.level == Level::Error && is_config(found.file)) {
            bail!(Configuration, "{FILE_NAME} has errors; run `controlsync lint` to see them");
        }
        let target = Target { checked, files: existing, folders };
        let packs = self.files.iter().map(|path| {
            let content = files::read_content(path)?;
            Ok(Source::new(paths::name(path), FileKind::Ignored, content))
        });
        let packs = packs.collect::<Result<Vec<Source>>>()?;
        let style = output::style(global.color);
        let imported = match import(&target, &packs, &options) {
            Ok(imported) => imported,
            Err(rejected) => {
                output::print(&import_text::rejected(&rejected, &style))?;
                return Ok(Exit::Findings);
            }
        };
        if !self.dry_run {
            write(root, &imported.files)?;
        }
        output::print(&import_text::imported(&imported, self.dry_run, &paths::from_cwd(root), &style))?;
        Ok(if imported.is_complete() { Exit::Done } else { Exit::Findings })
    }
}

/// Writes the files, each of them atomically.
fn write(root: &Path, files: &[NewFile]) -> Result<()> {
    for (done, file) in files.iter().enumerate() {
        file_changes::create(root, &file.path, &file.text).map_err(|error| {
            let count = counted(files.len(), "file");
            error!(File, "{error:#}; {done} of {count} were already written; run the command again")
        })?;
    }
    Ok(())
}

use std::path::{Path, PathBuf};

use anyhow::Result;
use controlsync_core::check::{Checked, check};
use controlsync_core::config::FILE_NAME;
use controlsync_core::diagnostic::{Level, counted};
use controlsync_core::fix::FixedFile;
use controlsync_core::pull::{File, Options, Pulled, Step, Target, step};
use controlsync_core::report::{Findings, pull_text, text};
use controlsync_core::source::FileKind;

use crate::error::error;
use crate::exit::Exit;
use crate::options::Global;
use crate::output;
use crate::paths;
use crate::session::Session;
use crate::{file_changes, files};

/// Export the objects of the account as catalog files.
///
/// Objects of this catalog are written to their original files, other objects to files named after them. A file that
/// matches the account is not changed. Exits with 1 if an object could not be written.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Directory to write `controls/` and `frameworks/` to [default: the catalog's root directory]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Include objects that are not managed by any catalog.
    #[arg(long)]
    unmanaged: bool,

    /// Replace files that differ from the account. Their comments are lost.
    #[arg(long)]
    overwrite: bool,

    /// Read the account again instead of using the cache.
    #[arg(long)]
    refresh: bool,
}

impl Args {
    pub fn run(self, global: &Global) -> Result<Exit> {
        let root = self.out.as_deref().unwrap_or(&global.catalog_dir);
        let mut options =
            Options { unmanaged: self.unmanaged, overwrite: self.overwrite, check: global.check_options()? };
        let (files, folders) = files::existing_paths(root)?;
        let sources = files::read_if_any(root, global.config.as_deref())?;
        let checked = check(sources, &options.check);
        if let Some(findings) = config_errors(&checked, root) {
            return report_errors(global, &findings);
        }
        let mut config = checked.config.clone();
        let mut target = Target { checked, files, folders };
        if self.out.is_some() && !has_config(&target.checked) {
            // A directory without a configuration belongs to the current catalog.
            let of_catalog = check(files::read_config_alone(&global.catalog_dir)?, &options.check);
            if let Some(findings) = config_errors(&of_catalog, &global.catalog_dir) {
                return report_errors(global, &findings);
            }
            config = of_catalog.config;
            options.check.catalog = options.check.catalog.or_else(|| config.catalog.clone());
            target.checked = check(files::read_if_any(root, None)?, &options.check);
        }
        let pulled =
            Session::run(global, &config, async |session| self.read(global, session, &target, &options).await)?;
        write(root, &pulled.files)?;
        let paths = paths::from_cwd(root);
        output::print(&pull_text::pulled(&pulled, &paths, &output::style(global.color)))?;
        Ok(if pulled.is_complete() { Exit::Done } else { Exit::Findings })
    }

    /// Reads as much of the account as the files need.
    async fn read(&self, global: &Global, session: &Session, target: &Target, options: &Options) -> Result<Pulled> {
        let (_, pulled) = session
            .read(global, self.refresh, async |reading, progress| {
                loop {
                    match step(target, reading.actual(), options) {
                        Step::Done(pulled) => break Ok(*pulled),
                        Step::Read(needs) => reading.read(&needs, &|done, total| progress.set(done, total)).await?,
                    }
                }
            })
            .await?;
        if pulled.target.account.is_some() {
            session.check_account(pulled.target.account.as_deref())?;
        }
        Ok(pulled)
    }
}

fn has_config(checked: &Checked) -> bool {
    checked.sources.iter().any(|(_, source)| source.kind() == FileKind::Config)
}

/// Errors in the configuration. With any of them, none of its values can be trusted, above all not the catalog name.
fn config_errors<'a>(checked: &'a Checked, root: &Path) -> Option<Findings<'a>> {
    let is_config = |file| checked.sources.get(file).kind() == FileKind::Config;
    let errors = checked.diagnostics.iter().filter(|found| found.level == Level::Error && is_config(found.file));
    let diagnostics: Vec<_> = errors.collect();
    let paths = paths::from_cwd(root);
    (!diagnostics.is_empty()).then_some(Findings { sources: &checked.sources, diagnostics, files: 1, paths })
}

fn report_errors(global: &Global, findings: &Findings<'_>) -> Result<Exit> {
    let report = text::findings(std::slice::from_ref(findings), &output::style(global.color));
    output::print(&format!("{report}Nothing was pulled: {FILE_NAME} has errors.\n"))?;
    Ok(Exit::Findings)
}

/// Writes the files, each of them atomically.
fn write(root: &Path, files: &[File]) -> Result<()> {
    for (done, file) in files.iter().enumerate() {
        let written = match &file.before {
            None => file_changes::create(root, &file.path, &file.text),
            Some(before) => {
                let file = FixedFile { path: file.path.clone(), before: before.clone(), after: file.text.clone() };
                file_changes::write(root, &file)
            }
        };
        written.map_err(|error| {
            let count = counted(files.len(), "file");
            error!(File, "{error:#}; {done} of {count} were already written; run `controlsync pull` again")
        })?;
    }
    Ok(())
}

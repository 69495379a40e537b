use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use controlsync_core::check::Checked;
use controlsync_core::packs::{self, Export, Manual, SecurityHub, guard_paths};
use controlsync_core::report::packs::{Written, files, json, text};
use controlsync_core::source::MAX_FILE_BYTES;

use crate::atomic::{self, Existing};
use crate::catalog::{check_catalog, report_errors, report_warnings};
use crate::error::error;
use crate::exit::Exit;
use crate::options::Global;
use crate::output::{self, Format};
use crate::{catalog, exported, paths};

/// Export AWS Config conformance packs with the rules that the controls need.
///
/// Each rule is in one pack, shared by all controls that name it. `packs.lock.json` pins which pack has which rule: keep it in version
/// control. `GAPS.md` lists what no pack can have, and why. Nothing is read from or sent to AWS.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag, independent of the others")]
pub struct Args {
    /// Directory of the packs [default: `packs` in the catalog's root directory]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Start of the names of the packs [default: the name of the catalog]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// Make packs for each framework. A rule that several frameworks need is then copied, and each copy is billed.
    #[arg(long)]
    per_framework: bool,

    /// Make packs for an organization: remediations whose role is in one account are left out.
    #[arg(long)]
    organization: bool,

    /// Place all rules again. Rules that move or get another name are listed: deploying the packs deletes them with their results,
    /// and creates them again.
    #[arg(long)]
    rebalance: bool,

    /// Let AWS Config start the remediations that are `automatic`. It can start them for resources that are compliant again.
    #[arg(long)]
    allow_automatic_remediation: bool,

    /// What to do with manual data sources.
    #[arg(long, value_name = "WHAT", default_value = "skip")]
    manual: ManualSources,

    /// What to do with data sources of Security Hub.
    #[arg(long, value_name = "WHAT", default_value = "skip")]
    security_hub: HubSources,

    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ManualSources {
    /// Leave them out.
    Skip,
    /// Make a process check of each, in packs of their own for one account.
    ProcessCheck,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum HubSources {
    /// Leave them out.
    Skip,
    /// Export the managed rule behind each. Audit Manager still collects only from Security Hub for them.
    Map,
}

impl Args {
    pub fn run(self, global: &Global) -> Result<Exit> {
        let checked = check_catalog(global)?;
        if checked.has_errors() {
            if self.format == Format::Json {
                output::print(&json::invalid(&checked, &paths::from_repository(&global.catalog_dir)))?;
                return Ok(Exit::Findings);
            }
            report_errors(global, &checked, "Nothing was exported: the catalog has errors.")?;
            return Ok(Exit::Findings);
        }
        report_warnings(global, &checked);
        let directory = self.out.clone().unwrap_or_else(|| exported::directory(&global.catalog_dir));
        let lock = exported::read_lock(&directory)?;
        let options = packs::Options {
            name: self.name.as_deref(),
            per_framework: self.per_framework,
            organization: self.organization,
            rebalance: self.rebalance,
            allow_automatic_remediation: self.allow_automatic_remediation,
            manual: match self.manual {
                ManualSources::Skip => Manual::Skip,
                ManualSources::ProcessCheck => Manual::ProcessCheck,
            },
            security_hub: match self.security_hub {
                HubSources::Skip => SecurityHub::Skip,
                HubSources::Map => SecurityHub::Map,
            },
            guard_rules: read_guard_rules(&checked, &global.catalog_dir),
            lock: lock.as_ref(),
        };
        let export = packs::export(&checked, &options).map_err(|error| error!(Usage, "{error}"))?;
        if !export.is_valid() {
            self.report(&export, &checked, None, &directory, global)?;
            return Ok(Exit::Findings);
        }
        let written = write(&export, &checked.catalog.name, &directory)?;
        self.report(&export, &checked, Some(&written), &directory, global)?;
        Ok(Exit::Done)
    }

    fn report(
        &self,
        export: &Export,
        checked: &Checked,
        written: Option<&Written>,
        directory: &Path,
        global: &Global,
    ) -> Result<()> {
        if self.format == Format::Json {
            return output::print(&json::exported(
                export,
                checked,
                written,
                &paths::from_repository(&global.catalog_dir),
            ));
        }
        let style = output::style(global.color);
        let findings = catalog::findings(checked, export.diagnostics.iter().collect(), global);
        let errors = controlsync_core::report::text::findings(&[findings], &style);
        let directory = directory.to_string_lossy();
        output::print(&(errors + &text::exported(export, &checked.catalog.name, written, &directory, &style)))
    }
}

/// Reads the Guard rules that controls name. One that cannot be read becomes a gap.
fn read_guard_rules(checked: &Checked, root: &Path) -> BTreeMap<String, String> {
    let listed = |path: &&str| checked.catalog.guard_rules.contains(*path);
    let read = |path: &str| {
        let file = root.join(path);
        let small = std::fs::symlink_metadata(&file).ok().filter(|of| of.is_file() && of.len() <= MAX_FILE_BYTES);
        let text = small.and_then(|_| std::fs::read_to_string(&file).ok())?;
        Some((path.to_owned(), text.replace("\r\n", "\n")))
    };
    guard_paths(&checked.catalog).into_iter().filter(listed).filter_map(read).collect()
}

/// Writes the files that differ, and removes those of packs that no longer exist.
fn write(export: &Export, catalog: &str, directory: &Path) -> Result<Written> {
    std::fs::create_dir_all(directory).with_context(|| format!("cannot create {}", directory.display()))?;
    let mut done = Written::default();
    // The lock that names these packs is replaced after they are removed: an interrupted run can be repeated.
    for pack in &export.removed_packs {
        let name = format!("{pack}.yaml");
        let path = directory.join(&name);
        match std::fs::remove_file(&path) {
            Ok(()) => done.removed.push(name),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| format!("cannot remove {}", path.display())),
        }
    }
    for (name, text) in files::files(export, catalog) {
        let path = directory.join(&name);
        if std::fs::read(&path).is_ok_and(|existing| existing == text.as_bytes()) {
            done.unchanged += 1;
            continue;
        }
        atomic::write(&path, &text, Existing::Replace)?;
        done.written.push(name);
    }
    Ok(done)
}

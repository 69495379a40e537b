use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use controlsync_core::check::{self, Checked, check, kind_by_content};
use controlsync_core::diagnostic::Severity;
use controlsync_core::report::{Findings, Paths, concise, github, gitlab, json, junit, sarif, text};
use controlsync_core::source::{Content, Kind, Source, Sources};

use crate::exit::Exit;
use crate::files;
use crate::options::Global;
use crate::output;

/// Check the catalogue.
///
/// Reads every file below `controls/` and `frameworks/` and tells everything that is wrong with it. Knows nothing of
/// the account.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Show the findings of these files and folders only; a folder or file elsewhere is checked on its own.
    paths: Vec<PathBuf>,

    /// How findings are written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// Exit with 1 on warnings too.
    #[arg(long)]
    deny_warnings: bool,
}

/// How findings are written. The other commands have plans and results to write, for which most of these have no words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people, with the text it is about.
    Text,
    /// One line a finding.
    Concise,
    /// For programs.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// JUnit XML, for test reports.
    Junit,
    /// A Code Quality report of GitLab.
    Gitlab,
}

/// A catalogue or a single file, and which of its findings are shown.
struct Unit {
    checked: Checked,
    /// Paths from ROOT, of files or of folders; all where there is none.
    chosen: Vec<String>,
    root: PathBuf,
}

impl Unit {
    fn shows(&self, path: &str) -> bool {
        self.chosen.is_empty() || self.chosen.iter().any(|chosen| is_below(path, chosen))
    }

    fn holds(&self, chosen: &str) -> bool {
        self.checked.sources.iter().any(|(_, source)| is_below(source.path(), chosen))
    }

    fn findings(&self, paths: Paths) -> Findings<'_> {
        let path = |file| self.checked.sources.get(file).path();
        let diagnostics = self.checked.diagnostics.iter().filter(|diagnostic| self.shows(path(diagnostic.file)));
        let files = self.checked.sources.iter().filter(|(_, source)| self.shows(source.path()));
        Findings { sources: &self.checked.sources, diagnostics: diagnostics.collect(), files: files.count(), paths }
    }
}

impl Args {
    pub fn run(self, global: &Global) -> Result<Exit> {
        let options = global.check_options()?;
        let units = self.units(global, &options)?;
        let format = self.format;
        let findings: Vec<Findings<'_>> = units
            .iter()
            .map(|unit| {
                let paths = match format {
                    Format::Text | Format::Concise => files::paths_for_people(&unit.root),
                    Format::Json | Format::Sarif | Format::Github | Format::Junit | Format::Gitlab => {
                        files::paths_for_programs(&unit.root)
                    }
                };
                unit.findings(paths)
            })
            .collect();
        let mut report = match format {
            Format::Text => text::findings(&findings, &output::style(global.color)),
            Format::Concise => concise::findings(&findings),
            Format::Json => json::findings(&findings),
            Format::Sarif => sarif::findings(&findings),
            Format::Github => github::findings(&findings),
            Format::Junit => junit::findings(&findings),
            Format::Gitlab => gitlab::findings(&findings),
        };
        // What GitHub does not take for a command is shown in the log, to people.
        if matches!(format, Format::Text | Format::Concise | Format::Github) && !global.quiet {
            report += &text::summary(&findings);
        }
        output::print(&report)?;
        let errors = Findings::count(&findings, Severity::Error);
        let warnings = Findings::count(&findings, Severity::Warning);
        let failed = errors > 0 || (self.deny_warnings && warnings > 0);
        Ok(if failed { Exit::Findings } else { Exit::Done })
    }

    fn units(&self, global: &Global, options: &check::Options) -> Result<Vec<Unit>> {
        let catalogue = |root: &Path, config: Option<&Path>, chosen| -> Result<Unit> {
            let checked = check(files::read(root, config)?, options);
            Ok(Unit { checked, chosen, root: root.to_owned() })
        };
        let root = &global.catalog_dir;
        if self.paths.is_empty() {
            return Ok(vec![catalogue(root, global.config.as_deref(), Vec::new())?]);
        }
        // Where the folder is no catalogue, everything is elsewhere.
        let absolute_root = root.canonicalize().ok().filter(|root| files::is_catalog(root));
        let mut chosen = Vec::new();
        let mut units = Vec::new();
        let mut whole_root = false;
        let mut seen = BTreeSet::new();
        for path in &self.paths {
            let absolute = resolved(path)?;
            if !seen.insert(absolute.clone()) {
                continue;
            }
            match absolute_root.as_ref().and_then(|root| absolute.strip_prefix(root).ok()) {
                Some(inside) if inside.as_os_str().is_empty() => whole_root = true,
                Some(inside) => chosen.push(inside.display().to_string()),
                None if files::is_catalog(path) => units.push(catalogue(path, None, Vec::new())?),
                None if path.is_dir() => {
                    bail!("{} holds neither a folder `controls` nor `frameworks`", path.display())
                }
                None => units.push(lone_file(path, options)?),
            }
        }
        if whole_root || !chosen.is_empty() {
            let chosen = if whole_root { Vec::new() } else { chosen };
            let unit = catalogue(root, global.config.as_deref(), chosen)?;
            if let Some(missing) = unit.chosen.iter().find(|chosen| !unit.holds(chosen)) {
                bail!(
                    "{missing} is no part of the catalogue: it holds no .yaml, .yml or .json file below `controls` or `frameworks`"
                );
            }
            units.insert(0, unit);
        }
        Ok(units)
    }
}

/// Whether a path is another one, or in that folder.
fn is_below(path: &str, folder: &str) -> bool {
    path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// An absolute path; a link stays what it is, what leads to it is followed.
fn resolved(path: &Path) -> Result<PathBuf> {
    let context = || format!("cannot find {}", path.display());
    path.symlink_metadata().with_context(context)?;
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => {
            let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            Ok(parent.canonicalize().with_context(context)?.join(name))
        }
        _ => path.canonicalize().with_context(context),
    }
}

fn lone_file(path: &Path, options: &check::Options) -> Result<Unit> {
    let content = if path.is_symlink() { Content::SymbolicLink } else { files::read_content(path)? };
    let kind = match &content {
        _ if path.extension().is_some_and(|extension| extension == "toml") => Kind::Config,
        Content::Bytes(bytes) => kind_by_content(bytes),
        Content::TooLarge(_) | Content::SymbolicLink => Kind::Control,
    };
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    let root = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
    let sources = Sources::new(vec![Source::new(name, kind, content)]);
    Ok(Unit { checked: check(sources, options), chosen: Vec::new(), root })
}

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::ValueEnum;
use controlsync_core::diagnostic::{Level, counted};
use controlsync_core::fix::{self, Fixed, FixedFile, Fixes};
use controlsync_core::report::{Findings, concise, github, gitlab, json, junit, sarif, text};

use crate::exit::Exit;
use crate::lint_targets::{self, LintTarget};
use crate::options::Global;
use crate::{file_changes, files, output};

/// Check the catalog.
///
/// Reads every file below `controls/` and `frameworks/` and tells everything that is wrong with it. Knows nothing of
/// the account.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that people give or leave out")]
pub struct Args {
    /// Show the findings of these files and folders only; a folder or file elsewhere is checked on its own. `-` reads
    /// standard input.
    paths: Vec<PathBuf>,

    /// How findings are written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// Mend what can be mended without changing what it means, and report what is left.
    #[arg(long)]
    fix: bool,

    /// Mend also what may change what it means: a name, a keyword that was guessed. Needs --fix or --diff.
    #[arg(long)]
    unsafe_fixes: bool,

    /// Show what --fix would change, and write nothing.
    #[arg(long, conflicts_with = "fix")]
    diff: bool,

    /// The file that standard input is to be taken for; with --fix, the mended text is printed, findings on standard
    /// error.
    #[arg(long, value_name = "PATH")]
    stdin_filename: Option<PathBuf>,

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

impl Args {
    pub fn run(self, global: &Global) -> Result<Exit> {
        let options = global.check_options()?;
        if self.unsafe_fixes && !self.fix && !self.diff {
            bail!("--unsafe-fixes says which fixes; add --fix to write them, or --diff to see them");
        }
        let stdin = self.paths.iter().any(|path| path == Path::new("-"));
        if stdin && self.paths.len() > 1 {
            bail!("`-` stands alone: standard input is one file");
        }
        if !stdin && self.stdin_filename.is_some() {
            bail!("--stdin-filename names what standard input is to be taken for; add `-`");
        }
        let units = if stdin {
            vec![lint_targets::of_stdin(self.stdin_filename.as_deref(), global, &options)?]
        } else {
            lint_targets::of_paths(&self.paths, global, &options)?
        };
        if !self.fix && !self.diff {
            output::print(&self.report(&units, global))?;
            return Ok(self.exit(&units));
        }
        let which = if self.unsafe_fixes { Fixes::All } else { Fixes::Safe };
        let mut mended = Vec::new();
        let mut before = Vec::new();
        for unit in units {
            before.push(self.exit(std::slice::from_ref(&unit)));
            mended.push(unit.map(|checked, chosen| {
                let Fixed { checked, files, count } = fix::fix(checked, &options, which, chosen);
                (checked, (files, count))
            }));
        }
        if self.diff {
            return show(&mended, &before, global);
        }
        let (units, changes): (Vec<LintTarget>, Vec<(Vec<FixedFile>, usize)>) = mended.into_iter().unzip();
        if stdin {
            let Some(text) = units.first().and_then(|unit| text_of(unit, &changes)) else {
                bail!("standard input is no UTF-8 text of at most 1 MiB: there is nothing to mend");
            };
            output::print(&text)?;
            output::print_aside(&self.report(&units, global));
            return Ok(self.exit(&units));
        }
        for (unit, (changed, _)) in units.iter().zip(&changes) {
            for file in changed {
                file_changes::write(&unit.root, file)?;
            }
        }
        let files: usize = changes.iter().map(|(files, _)| files.len()).sum();
        let count: usize = changes.iter().map(|(_, count)| count).sum();
        if count > 0 && !global.quiet {
            output::print_aside(&format!("mended {} in {}\n", counted(count, "finding"), counted(files, "file")));
        }
        output::print(&self.report(&units, global))?;
        Ok(self.exit(&units))
    }

    fn report(&self, units: &[LintTarget], global: &Global) -> String {
        let findings: Vec<Findings<'_>> = units.iter().map(|unit| unit.findings(self.paths_of(unit))).collect();
        let mut report = match self.format {
            Format::Text => text::findings(&findings, &output::style(global.color)),
            Format::Concise => concise::findings(&findings),
            Format::Json => json::findings(&findings),
            Format::Sarif => sarif::findings(&findings),
            Format::Github => github::findings(&findings),
            Format::Junit => junit::findings(&findings),
            Format::Gitlab => gitlab::findings(&findings),
        };
        // What GitHub does not take for a command is shown in the log, to people.
        if matches!(self.format, Format::Text | Format::Concise | Format::Github) && !global.quiet {
            report += &text::summary(&findings);
        }
        report
    }

    fn paths_of(&self, unit: &LintTarget) -> controlsync_core::report::Paths {
        match self.format {
            Format::Text | Format::Concise => files::paths_for_people(&unit.root),
            Format::Json | Format::Sarif | Format::Github | Format::Junit | Format::Gitlab => {
                files::paths_for_programs(&unit.root)
            }
        }
    }

    fn exit(&self, units: &[LintTarget]) -> Exit {
        let findings: Vec<Findings<'_>> = units.iter().map(|unit| unit.findings(self.paths_of(unit))).collect();
        let errors = Findings::count(&findings, Level::Error);
        let warnings = Findings::count(&findings, Level::Warning);
        if errors > 0 || (self.deny_warnings && warnings > 0) { Exit::Findings } else { Exit::Done }
    }
}

/// Shows what would change. Nothing is written, so it ends as the files are.
fn show(mended: &[(LintTarget, (Vec<FixedFile>, usize))], before: &[Exit], global: &Global) -> Result<Exit> {
    let mut shown = String::new();
    for (unit, (changed, _)) in mended {
        let paths = files::paths_for_people(&unit.root);
        for file in changed {
            shown += &file_changes::diff(file, &paths);
        }
    }
    output::print(&shown)?;
    let files: usize = mended.iter().map(|(_, (files, _))| files.len()).sum();
    let count: usize = mended.iter().map(|(_, (_, count))| count).sum();
    if !global.quiet {
        let words = if count == 0 {
            "nothing would be mended\n".to_owned()
        } else {
            format!("{} in {} would be mended\n", counted(count, "finding"), counted(files, "file"))
        };
        output::print_aside(&words);
    }
    Ok(if before.contains(&Exit::Findings) { Exit::Findings } else { Exit::Done })
}

/// The text of the one file that is shown, mended or not.
fn text_of(unit: &LintTarget, changes: &[(Vec<FixedFile>, usize)]) -> Option<String> {
    if let Some(file) = changes.iter().flat_map(|(files, _)| files).next() {
        return Some(file.after.clone());
    }
    let (_, shown) = unit.checked.sources.iter().find(|(_, source)| unit.shows(source.path()))?;
    shown.text().ok().map(str::to_owned)
}

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::ValueEnum;
use controlsync_core::characters::printable_lines;
use controlsync_core::diagnostic::{Level, counted};
use controlsync_core::fix::{self, Fixed, FixedFile, Fixes};
use controlsync_core::report::{Findings, concise, github, gitlab, json, junit, sarif, text};

use crate::error::bail;
use crate::exit::Exit;
use crate::lint_targets::{self, LintTarget};
use crate::options::Global;
use crate::{file_changes, output, paths};

/// Check the catalog for errors.
///
/// Reads all files of the catalog and reports all findings. Does not read the account.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent flag")]
pub struct Args {
    /// Files and directories to show findings for; paths outside the catalog are checked on their own. `-` reads
    /// standard input [default: the complete catalog]
    paths: Vec<PathBuf>,

    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// Apply safe fixes, which do not change the meaning, and report the remaining findings.
    #[arg(long)]
    fix: bool,

    /// Include fixes that may change the meaning, such as a guessed name or keyword. Needs --fix or --diff.
    #[arg(long)]
    unsafe_fixes: bool,

    /// Show what --fix would change without writing files, with or without --fix.
    #[arg(long)]
    diff: bool,

    /// File that standard input replaces. With --fix, the fixed content is printed to standard output, and findings to
    /// standard error.
    #[arg(long, value_name = "PATH")]
    stdin_filename: Option<PathBuf>,

    /// Exit with 1 if there are warnings.
    #[arg(long)]
    deny_warnings: bool,
}

/// Output format of findings. Most of these formats can only express findings, so other commands do not have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text for a terminal, with excerpts of the files.
    Text,
    /// One line per finding.
    Concise,
    /// JSON for programs.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// GitHub Actions annotations.
    Github,
    /// JUnit XML, for test reports.
    Junit,
    /// GitLab Code Quality report.
    Gitlab,
}

impl Args {
    pub fn run(self, global: &Global) -> Result<Exit> {
        let options = global.check_options()?;
        if self.unsafe_fixes && !self.fix && !self.diff {
            bail!(Usage, "--unsafe-fixes needs --fix to write the fixes, or --diff to show them");
        }
        let stdin = self.paths.iter().any(|path| path == Path::new("-"));
        if stdin && self.paths.len() > 1 {
            bail!(Usage, "`-` cannot be combined with other paths");
        }
        if !stdin && self.stdin_filename.is_some() {
            bail!(Usage, "--stdin-filename needs the path `-`, which reads standard input");
        }
        let targets = if stdin {
            vec![lint_targets::of_stdin(self.stdin_filename.as_deref(), global, &options)?]
        } else {
            lint_targets::of_paths(&self.paths, global, &options)?
        };
        if !self.fix && !self.diff {
            output::print(&self.report(&targets, global))?;
            return Ok(self.exit(&targets));
        }
        let which = if self.unsafe_fixes { Fixes::All } else { Fixes::Safe };
        let mut fixed = Vec::new();
        let mut before = Vec::new();
        for target in targets {
            before.push(self.exit(std::slice::from_ref(&target)));
            fixed.push(target.map(|checked, selected| {
                let Fixed { checked, files, count } = fix::fix(checked, &options, which, selected);
                (checked, (files, count))
            }));
        }
        if self.diff {
            return show(&fixed, &before, global);
        }
        let (targets, changes): (Vec<LintTarget>, Vec<(Vec<FixedFile>, usize)>) = fixed.into_iter().unzip();
        if stdin {
            let Some(text) = targets.first().and_then(|target| text_of(target, &changes)) else {
                bail!(File, "standard input is not UTF-8 text of at most 1 MiB; nothing was fixed");
            };
            output::print(&text)?;
            output::print_aside(&self.report(&targets, global));
            return Ok(self.exit(&targets));
        }
        for (target, (changed, _)) in targets.iter().zip(&changes) {
            for file in changed {
                file_changes::write(&target.root, file)?;
            }
        }
        let files: usize = changes.iter().map(|(files, _)| files.len()).sum();
        let count: usize = changes.iter().map(|(_, count)| count).sum();
        if count > 0 && !global.quiet {
            output::print_aside(&format!("fixed {} in {}\n", counted(count, "finding"), counted(files, "file")));
        }
        output::print(&self.report(&targets, global))?;
        Ok(self.exit(&targets))
    }

    fn report(&self, targets: &[LintTarget], global: &Global) -> String {
        let findings: Vec<Findings<'_>> = targets.iter().map(|target| target.findings(self.paths_of(target))).collect();
        let mut report = match self.format {
            Format::Text => text::findings(&findings, &output::style(global.color)),
            Format::Concise => concise::findings(&findings),
            Format::Json => json::findings(&findings),
            Format::Sarif => sarif::findings(&findings),
            Format::Github => github::findings(&findings),
            Format::Junit => junit::findings(&findings),
            Format::Gitlab => gitlab::findings(&findings),
        };
        // GitHub shows lines that are not commands in the log.
        if matches!(self.format, Format::Text | Format::Concise | Format::Github) && !global.quiet {
            report += &text::summary(&findings);
        }
        report
    }

    fn paths_of(&self, target: &LintTarget) -> controlsync_core::report::Paths {
        match self.format {
            Format::Text | Format::Concise => paths::from_cwd(&target.root),
            Format::Json | Format::Sarif | Format::Github | Format::Junit | Format::Gitlab => {
                paths::from_repository(&target.root)
            }
        }
    }

    fn exit(&self, targets: &[LintTarget]) -> Exit {
        let findings: Vec<Findings<'_>> = targets.iter().map(|target| target.findings(self.paths_of(target))).collect();
        let errors = Findings::count(&findings, Level::Error);
        let warnings = Findings::count(&findings, Level::Warning);
        if errors > 0 || (self.deny_warnings && warnings > 0) { Exit::Findings } else { Exit::Done }
    }
}

/// Shows what would change. Nothing is written, so the exit code is that of the unfixed files.
fn show(fixed: &[(LintTarget, (Vec<FixedFile>, usize))], before: &[Exit], global: &Global) -> Result<Exit> {
    let mut shown = String::new();
    for (target, (changed, _)) in fixed {
        let paths = paths::from_cwd(&target.root);
        for file in changed {
            shown += &file_changes::diff(file, &paths);
        }
    }
    // A patch has the bytes of the files.
    let on_terminal = std::io::stdout().is_terminal();
    output::print(&if on_terminal { printable_lines(&shown) } else { shown })?;
    let files: usize = fixed.iter().map(|(_, (files, _))| files.len()).sum();
    let count: usize = fixed.iter().map(|(_, (_, count))| count).sum();
    if !global.quiet {
        let summary = if count == 0 {
            "nothing to fix\n".to_owned()
        } else {
            format!("would fix {} in {}\n", counted(count, "finding"), counted(files, "file"))
        };
        output::print_aside(&summary);
    }
    Ok(if before.contains(&Exit::Findings) { Exit::Findings } else { Exit::Done })
}

/// The content of the only file that is shown, fixed or not.
fn text_of(target: &LintTarget, changes: &[(Vec<FixedFile>, usize)]) -> Option<String> {
    if let Some(file) = changes.iter().flat_map(|(files, _)| files).next() {
        return Some(file.after.clone());
    }
    let (_, shown) = target.checked.sources.iter().find(|(_, source)| target.shows(source.path()))?;
    shown.text().ok().map(str::to_owned)
}

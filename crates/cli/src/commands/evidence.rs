use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::Result;
use clap::ValueEnum;
use controlsync_core::check::Checked;
use controlsync_core::evidence::{Evidence, Setup};
use controlsync_core::report::evidence::{csv, json, markdown, text};
use controlsync_core::report::{Findings, Paths, concise, github, gitlab, junit, sarif};

use crate::catalog::{check_catalog, selected_controls, warn_about_errors};
use crate::evidence::Scope;
use crate::exit::Exit;
use crate::options::Global;
use crate::session::Session;
use crate::{evidence, output, paths};

/// Show whether each data source can collect evidence, and what was collected.
///
/// Reads the account of Audit Manager (assessments and their evidence), and the accounts in the scope of the active assessments: for the
/// sources of the catalog AWS Config, AWS Security Hub CSPM, EventBridge and CloudTrail. Changes nothing. What cannot be read is `unknown`, never missing. The exit code is 1 if a control is not ready.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// Show only this control, with its evidence by service; can be repeated.
    #[arg(long, value_name = "NAME")]
    control: Vec<String>,

    /// Show only the controls of this framework; can be repeated.
    #[arg(long, value_name = "NAME")]
    framework: Vec<String>,

    /// Group the controls by framework in the text format.
    #[arg(long)]
    by_framework: bool,

    /// Exit with 1 also if a control is unknown or waiting.
    #[arg(long)]
    strict: bool,

    /// Read the accounts again instead of using facts that an earlier run has read in the last 15 minutes.
    #[arg(long)]
    refresh: bool,

    /// Directory of exported conformance packs, to name the pack that has a rule [default: `packs` in the catalog's root directory].
    #[arg(long, value_name = "DIR")]
    packs: Option<PathBuf>,

    #[command(flatten)]
    scope: Scope,
}

/// Output format of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text for a terminal.
    Text,
    /// JSON for programs.
    Json,
    /// Markdown, for the summary of a pipeline.
    Markdown,
    /// A table with a row for each source in each account.
    Csv,
    /// One line per problem.
    Concise,
    /// Problems as SARIF 2.1.0, for code scanning.
    Sarif,
    /// Problems as GitHub Actions annotations.
    Github,
    /// Problems as JUnit XML, for test reports.
    Junit,
    /// Problems as GitLab Code Quality report.
    Gitlab,
}

impl Args {
    pub fn run(self, global: &Global) -> Result<Exit> {
        let checked = check_catalog(global)?;
        let controls = selected_controls(&checked.catalog, &self.control, &self.framework)?;
        let folders: BTreeSet<&str> = self.control.iter().map(String::as_str).collect();
        let reading = evidence::Reading {
            controls: &controls,
            folders: &folders,
            refresh: self.refresh,
            scope: &self.scope,
            packs: self.packs.as_deref(),
        };
        let evidence = Session::run(global, &checked.config, async |session| {
            Box::pin(evidence::read(session, global, &checked, &reading)).await
        })?;
        warn_about_errors(&checked, global);
        output::print(&self.report(&evidence, &checked, global))?;
        Ok(if checked.has_errors() { Exit::Findings } else { self.exit(&evidence) })
    }

    fn report(&self, evidence: &Evidence, checked: &Checked, global: &Global) -> String {
        let here = paths::from_cwd(&global.catalog_dir);
        let repository = || paths::from_repository(&global.catalog_dir);
        let findings = |paths: Paths| {
            [Findings {
                sources: &checked.sources,
                diagnostics: evidence.diagnostics.iter().collect(),
                files: checked.sources.len(),
                paths,
            }]
        };
        match self.format {
            Format::Text => text::text(evidence, checked, &here, self.by_framework, &output::style(global.color)),
            Format::Json => json::json(evidence, checked, &repository()),
            Format::Markdown => markdown::markdown(evidence, checked, &repository()),
            Format::Csv => csv::csv(evidence, checked, &repository()),
            Format::Concise => concise::findings(&findings(here)),
            Format::Sarif => sarif::findings(&findings(repository())),
            Format::Github => github::findings(&findings(repository())),
            Format::Junit => junit::findings(&findings(repository())),
            Format::Gitlab => gitlab::findings(&findings(repository())),
        }
    }

    fn exit(&self, evidence: &Evidence) -> Exit {
        let strict = self.strict && evidence.count(Setup::Unknown) + evidence.count(Setup::Waiting) > 0;
        if evidence.count(Setup::NotReady) > 0 || strict { Exit::Findings } else { Exit::Done }
    }
}

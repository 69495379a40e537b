use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use controlsync_core::catalog::Catalog;
use controlsync_core::compliance::Compliance;
use controlsync_core::compliance::since::{Earlier, changes};
use controlsync_core::model::Severity;
use controlsync_core::report::compliance::{Report, csv, json, markdown, text};
use controlsync_core::report::show::{self, View};
use controlsync_core::report::text::Style;

use crate::atomic::{self, Existing};
use crate::catalog::{check_catalog, selected_controls, warn_about_errors};
use crate::compliance::{self, Asked};
use crate::error::bail;
use crate::evidence::{Reading, Scope};
use crate::exit::Exit;
use crate::options::Global;
use crate::session::Session;
use crate::{output, paths};

/// Show what the evidence says: by framework, control, data source and account.
///
/// Reads the results of AWS Config and the findings of AWS Security Hub CSPM for the sources of the catalog, in the accounts in the scope of the active
/// assessments. Changes nothing. What cannot be read is `unknown`, and what has no result is `no data`: neither is ever compliant. The score is the
/// part of the controls that are compliant; controls that cannot have a result are beside it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Output format [default: that of the name of `--out`, otherwise text].
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,

    /// Write to FILE instead of standard output, replacing an existing file. Can be repeated: a name that ends with .txt, .json, .md, .csv or
    /// .html has that format, and all files are of one reading.
    #[arg(long, value_name = "FILE")]
    out: Vec<PathBuf>,

    /// Read the results of an aggregator of AWS Config in this account and Region, instead of asking each account.
    #[arg(long, value_name = "NAME")]
    aggregator: Option<String>,

    /// Show only this control; can be repeated.
    #[arg(long, value_name = "NAME")]
    control: Vec<String>,

    /// Show only this framework and its controls; can be repeated.
    #[arg(long, value_name = "NAME")]
    framework: Vec<String>,

    /// List the resources that are not compliant in the text format.
    #[arg(long)]
    resources: bool,

    /// Show what is new and what is resolved since an earlier report of `--format json`.
    #[arg(long, value_name = "FILE")]
    since: Option<PathBuf>,

    /// Exit with 1 if a control of this severity or a worse one is not compliant. A control without a severity counts as `low`.
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<FailOn>,

    /// Read the accounts again instead of using what an earlier run has read of their setup in the last 15 minutes. Results are always read.
    #[arg(long)]
    refresh: bool,

    /// Directory of exported conformance packs, whose rules are known by their names [default: `packs` in the catalog's root directory].
    #[arg(long, value_name = "DIR")]
    packs: Option<PathBuf>,

    #[command(flatten)]
    scope: Scope,
}

/// Output format of compliance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text for a terminal.
    Text,
    /// JSON for programs, and for `--since`.
    Json,
    /// Markdown, for the summary of a pipeline.
    Markdown,
    /// A table with a row for each source in each account.
    Csv,
    /// Self-contained HTML page.
    Html,
}

/// A severity of controls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Critical,
    High,
    Medium,
    Low,
}

impl From<FailOn> for Severity {
    fn from(of: FailOn) -> Self {
        match of {
            FailOn::Critical => Self::Critical,
            FailOn::High => Self::High,
            FailOn::Medium => Self::Medium,
            FailOn::Low => Self::Low,
        }
    }
}

impl Format {
    /// Returns the format of a file with a name.
    fn of(path: &Path) -> Result<Self> {
        Ok(match path.extension().and_then(|ending| ending.to_str()) {
            Some("txt") => Self::Text,
            Some("json") => Self::Json,
            Some("md") => Self::Markdown,
            Some("csv") => Self::Csv,
            Some("html") => Self::Html,
            _ => bail!(
                Usage,
                "--out {}: the name does not say the format; end it with .txt, .json, .md, .csv or .html, or add --format",
                path.display()
            ),
        })
    }
}

impl Args {
    pub fn run(self, global: &Global) -> Result<Exit> {
        let outputs = self.outputs()?;
        let earlier = self.since.as_deref().map(read_earlier).transpose()?;
        let checked = check_catalog(global)?;
        let controls = selected_controls(&checked.catalog, &self.control, &self.framework)?;
        let frameworks = self.frameworks(&checked.catalog);
        let folders = BTreeSet::new();
        let reading = Reading {
            controls: &controls,
            folders: &folders,
            refresh: self.refresh,
            scope: &self.scope,
            packs: self.packs.as_deref(),
        };
        let asked = Asked { aggregator: self.aggregator.as_deref(), frameworks: &frameworks };
        let compliance = Session::run(global, &checked.config, async |session| {
            Box::pin(compliance::read(session, global, &checked, &reading, &asked)).await
        })?;
        warn_about_errors(&checked, global);
        let changes = earlier.map(|earlier| changes(&earlier, &compliance));
        let paths = paths::from_repository(&global.catalog_dir);
        let report = Report { compliance: &compliance, changes: changes.as_ref(), checked: &checked, paths: &paths };
        for (format, path) in outputs {
            self.write(report, format, path, global)?;
        }
        Ok(if checked.has_errors() { Exit::Findings } else { self.exit(&compliance) })
    }

    /// Returns the names of the frameworks to show.
    fn frameworks<'a>(&'a self, catalog: &'a Catalog) -> BTreeSet<&'a str> {
        if self.control.is_empty() && self.framework.is_empty() {
            return catalog.frameworks.keys().map(String::as_str).collect();
        }
        self.framework.iter().map(String::as_str).collect()
    }

    /// Returns the formats to write, and where; `None` for standard output.
    fn outputs(&self) -> Result<Vec<(Format, Option<&Path>)>> {
        match (self.format, self.out.as_slice()) {
            (format, []) => Ok(vec![(format.unwrap_or(Format::Text), None)]),
            (Some(format), [path]) => Ok(vec![(format, Some(path))]),
            (Some(_), _) => bail!(Usage, "--format is for one file: with several --out, their names decide"),
            (None, paths) => paths.iter().map(|path| Ok((Format::of(path)?, Some(path.as_path())))).collect(),
        }
    }

    fn write(&self, report: Report<'_>, format: Format, path: Option<&Path>, global: &Global) -> Result<()> {
        match format {
            Format::Text => {
                let report = Report { paths: &paths::from_cwd(&global.catalog_dir), ..report };
                // A file has neither the colors nor the width of the terminal.
                let style = path.map_or_else(|| output::style(global.color), |_| Style::default());
                write(path, [text::text(report, self.resources, &style)].into_iter())
            }
            Format::Json => write(path, json::parts(report)),
            Format::Markdown => write(path, [markdown::markdown(report)].into_iter()),
            Format::Csv => write(path, csv::rows(report)),
            Format::Html => {
                let page = show::html(&View::of_compliance(report)).context("cannot write the page")?;
                write(path, [page].into_iter())
            }
        }
    }

    fn exit(&self, compliance: &Compliance) -> Exit {
        match self.fail_on {
            Some(severity) if compliance.fails(severity.into()) => Exit::Findings,
            _ => Exit::Done,
        }
    }
}

/// Writes a report, which can be too large to be in memory.
fn write(path: Option<&Path>, parts: impl Iterator<Item = String>) -> Result<()> {
    match path {
        Some(path) => atomic::write_parts(path, parts, Existing::Replace),
        None => output::print_parts(parts),
    }
}

/// Reads an earlier report.
fn read_earlier(path: &Path) -> Result<Earlier> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    match Earlier::read(&text) {
        Ok(earlier) => Ok(earlier),
        Err(error) => bail!(File, "--since {}: {error}", path.display()),
    }
}

use std::collections::BTreeSet;

use anyhow::Result;
use clap::ValueEnum;
use controlsync_aws::audit_manager::account::SnapshotKey;
use controlsync_core::catalog::Catalog;
use controlsync_core::check::Checked;
use controlsync_core::evidence::facts::{Counts, Facts, Seconds};
use controlsync_core::evidence::wanted::Wanted;
use controlsync_core::evidence::{self, Evidence, Input, Setup};
use controlsync_core::keywords::Keywords;
use controlsync_core::model::ControlRef;
use controlsync_core::report::evidence::{csv, json, markdown, text};
use controlsync_core::report::{Findings, Paths, concise, github, gitlab, junit, sarif};
use controlsync_core::suggest::closest;
use controlsync_evidence::{KeptFacts, Request, Services};

use crate::catalog::check_catalog;
use crate::error::bail;
use crate::exit::Exit;
use crate::options::Global;
use crate::progress::Progress;
use crate::session::{Session, unreadable};
use crate::{cache, output, paths};

/// Seconds for which facts of an earlier run are used.
const FRESH: Seconds = 15 * 60;

/// Show whether each data source can collect evidence, and what was collected.
///
/// Reads the account: assessments and their evidence, and for the sources of the catalog AWS Config, AWS Security Hub CSPM, EventBridge and
/// CloudTrail. Changes nothing. What cannot be read is `unknown`, never missing. The exit code is 1 if a control is not ready.
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

    /// Read the account again instead of using facts that an earlier run has read in the last 15 minutes.
    #[arg(long)]
    refresh: bool,
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
        let keywords = Keywords::of(&checked.sources);
        let controls = self.selected(&checked.catalog)?;
        let wanted = Wanted::of(&checked.catalog, &keywords, &controls);
        let now = time::OffsetDateTime::now_utc().unix_timestamp();
        let facts = Session::run(global, &checked.config, async |session| {
            session.check_account(session.known_account())?;
            Box::pin(self.facts(session, global, &wanted, now)).await
        })?;
        let input =
            Input { catalog: &checked.catalog, sources: &checked.sources, keywords: &keywords, facts: &facts, now };
        let mut evidence = evidence::evaluate(input, &controls);
        checked.configure(&mut evidence.diagnostics);
        if facts.read_at != now && !global.quiet {
            output::print_aside(&text::cached(&evidence, now));
        }
        if checked.has_errors() && !global.quiet {
            output::print_aside(
                "warning: the catalog has errors, and definitions with errors are left out; run `controlsync lint`\n",
            );
        }
        output::print(&self.report(&evidence, &checked, global))?;
        Ok(if checked.has_errors() { Exit::Findings } else { self.exit(&evidence) })
    }

    /// Returns the names of the controls to show.
    fn selected<'a>(&self, catalog: &'a Catalog) -> Result<BTreeSet<&'a str>> {
        let mut selected = BTreeSet::new();
        for name in &self.control {
            match catalog.controls.get_key_value(name) {
                Some((name, _)) => selected.insert(name.as_str()),
                None => return unknown("--control", "control", name, catalog.controls.keys()),
            };
        }
        for name in &self.framework {
            let Some(framework) = catalog.frameworks.get(name) else {
                return unknown("--framework", "framework", name, catalog.frameworks.keys());
            };
            let controls = framework.value.control_sets.iter().flat_map(|set| &set.controls);
            selected.extend(controls.filter_map(|control| match control {
                ControlRef::Name(name) => Some(name.as_str()),
                _ => None,
            }));
        }
        if self.control.is_empty() && self.framework.is_empty() {
            selected.extend(catalog.controls.keys().map(String::as_str));
        }
        Ok(selected)
    }

    /// Returns facts of the account: those of an earlier run, if they are fresh and complete, otherwise new ones.
    async fn facts(&self, session: &Session, global: &Global, wanted: &Wanted<'_>, now: Seconds) -> Result<Facts> {
        let services = session.services();
        let key = key(session, &services);
        let folders: BTreeSet<&str> = self.control.iter().map(String::as_str).collect();
        let needs =
            [wanted.digest().as_str()].into_iter().chain(folders.iter().copied()).collect::<Vec<_>>().join("\n");
        let kept = key.as_ref().map_or(Ok(None), |key| cache::load_facts(&global.catalog_dir, key));
        let kept = kept.unwrap_or_else(|reason| {
            if !global.quiet {
                anstream::eprintln!("note: the cache is not used: {reason}; reading the account again");
            }
            None
        });
        let is_fresh = |kept: &&KeptFacts| (0..FRESH).contains(&(now - kept.facts.read_at)) && kept.needs == needs;
        if let Some(fresh) = kept.as_ref().filter(|_| !self.refresh).filter(is_fresh) {
            return Ok(fresh.facts.clone());
        }
        let counts = kept.map_or_else(Counts::default, |kept| kept.facts.audit_manager.counts);
        let account = session.known_account();
        let request = Request { wanted, folders: &folders, counts: &counts, account, now };
        global.log(|| format!("reading evidence in {}", session.client.region()));
        let progress = Progress::new("reading the account", global);
        let facts = Box::pin(controlsync_evidence::read(&services, request)).await.map_err(unreadable)?;
        drop(progress);
        global.log(|| format!("{} requests", services.sent()));
        if let Some(key) = key
            && let Err(error) = cache::save_facts(&global.catalog_dir, &key, &KeptFacts::new(&needs, &facts))
            && !global.quiet
        {
            anstream::eprintln!("warning: cannot write the cache for the next run: {error:#}");
        }
        Ok(facts)
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

/// Under which key facts are kept; `None` if they are not: those of the embedded emulator, and of an account that only the answers
/// show.
fn key(session: &Session, services: &Services) -> Option<SnapshotKey> {
    let account = session.known_account().filter(|_| !session.is_local())?.to_owned();
    let endpoint = services.endpoint().to_owned();
    Some(SnapshotKey { account, region: session.client.region().to_owned(), endpoint })
}

fn unknown<'a, T>(flag: &str, noun: &str, name: &str, known: impl IntoIterator<Item = &'a String>) -> Result<T> {
    let meant = closest(name, known.into_iter().map(String::as_str));
    let meant = meant.map(|meant| format!("; did you mean {meant:?}?")).unwrap_or_default();
    bail!(Usage, "{flag} {name:?}: the catalog has no {noun} with this name{meant}")
}

//! Evidence: whether each source is set up, in which accounts, and what was collected.
//!
//! Two facts that are never merged: the setup of a source says whether it can collect, its evidence says whether it did. Facts of
//! accounts go in, setups and problems come out; nothing here reads or sends anything.
//!
//! In reading order: [`facts`] is what was read of accounts. `setup` is a verdict with its problems. `recording` and `need` say what
//! a recorder records, and what a source needs. `config_rules`, `hub`, `assessed` and `collected` are the subjects of checks, `rules`
//! the checks, one file each. [`wanted`] says what a reader must read. [`evaluate`] brings them together.

pub mod facts;
pub(crate) mod setup;
mod recording;
mod need;
mod config_rules;
mod hub;
mod assessed;
mod collected;
pub(crate) mod rules;
pub mod wanted;

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Catalog, Entry};
use crate::diagnostic::{self, Diagnostic};
use crate::keywords::Keywords;
use crate::model::{Control, ControlRef, DataSource};
use crate::source::{FileId, Sources};

pub use collected::{Collected, LastEvidence, count};
pub use need::Service;
pub use rules::evidence_receiver_disabled::RECEIVER;
pub use setup::{Problem, Setup, Unknown};

use assessed::AssessedIn;
use collected::{SourceEvidence, window};
use config_rules::ConfigSource;
pub use facts::day;
use facts::{AccountFacts, Facts, Place, Seconds, Trail};
use hub::HubSource;
use need::Need;
use setup::Found;

/// The evidence of a catalog.
#[derive(Debug)]
pub struct Evidence {
    /// Account and Region of Audit Manager.
    pub home: Place,
    /// When the facts were read.
    pub read_at: Seconds,
    /// The accounts in the scope of the assessments, and whether each was read.
    pub accounts: BTreeMap<Place, bool>,
    /// The controls, by name.
    pub controls: Vec<ControlEvidence>,
    /// What is worth knowing, but decides nothing.
    pub notes: Vec<String>,
    /// The problems as findings, at the lines of their sources.
    pub diagnostics: Vec<Diagnostic>,
}

/// The evidence of a control.
#[derive(Debug)]
pub struct ControlEvidence {
    /// Its name.
    pub name: String,
    /// Its file.
    pub file: FileId,
    /// The frameworks of the catalog that have it.
    pub frameworks: Vec<String>,
    /// The worst setup of its sources.
    pub setup: Setup,
    /// The active assessments that have it.
    pub assessments: Vec<String>,
    /// Problems of the control itself.
    pub problems: Vec<Problem>,
    /// Why the control itself is unknown.
    pub unknown: Vec<Unknown>,
    /// Its sources, in the order of the file.
    pub sources: Vec<SourceReport>,
    /// What it has collected.
    pub collected: Collected,
}

/// The setup and the evidence of a source.
#[derive(Debug)]
pub struct SourceReport {
    /// Its name.
    pub name: String,
    /// Name of its type.
    pub source_type: &'static str,
    /// Its keyword.
    pub keyword: Option<String>,
    /// The worst setup of all accounts.
    pub setup: Setup,
    /// The setup in each account of the scope; empty if it needs none.
    pub places: Vec<PlaceReport>,
    /// When it last collected.
    pub last: LastEvidence,
    /// Problems of its evidence.
    pub problems: Vec<Problem>,
}

/// The setup of a source in an account.
#[derive(Debug)]
pub struct PlaceReport {
    /// The account and Region.
    pub place: Place,
    /// The setup.
    pub setup: Setup,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// Why it is not known.
    pub unknown: Vec<Unknown>,
}

/// The input of [`evaluate`].
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The controls and frameworks.
    pub catalog: &'a Catalog,
    /// Their files.
    pub sources: &'a Sources,
    /// The keywords that Audit Manager knows.
    pub keywords: &'a Keywords,
    /// What was read.
    pub facts: &'a Facts,
    /// The current time.
    pub now: Seconds,
}

/// Decides the setup and the evidence of the controls with these names.
pub fn evaluate(input: Input<'_>, controls: &BTreeSet<&str>) -> Evidence {
    let Input { catalog, facts, .. } = input;
    let frameworks = frameworks_by_control(catalog);
    let mut evidence = Evidence {
        home: facts.audit_manager.place.clone(),
        read_at: facts.read_at,
        accounts: BTreeMap::new(),
        controls: Vec::new(),
        notes: facts.accounts.iter().filter_map(without_trail).collect(),
        diagnostics: Vec::new(),
    };
    for (name, entry) in &catalog.controls {
        if controls.contains(name.as_str()) {
            let of = frameworks.get(name.as_str()).cloned().unwrap_or_default();
            let (control, scope) = one_control(input, entry, of);
            for place in scope {
                let read = facts.account(&place).is_some();
                evidence.accounts.insert(place, read);
            }
            findings_of(input, entry, &control, &mut evidence.diagnostics);
            evidence.controls.push(control);
        }
    }
    diagnostic::sort(&mut evidence.diagnostics);
    evidence
}

/// Says that no trail logs events, if that is known. Audit Manager's guide names no trail as a prerequisite, so no setup depends on it.
fn without_trail(account: &AccountFacts) -> Option<String> {
    let trails = account.trails.known()?;
    let may_log = |trail: &Trail| trail.logging != Some(false) && trail.management_events != Some(false);
    if trails.iter().any(may_log) {
        return None;
    }
    let place = &account.place;
    Some(format!(
        "no trail of {place} logs management events; nothing documents whether sources of CloudTrail need one"
    ))
}

/// Returns the frameworks of each control.
fn frameworks_by_control(catalog: &Catalog) -> BTreeMap<&str, Vec<&str>> {
    let mut frameworks: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, entry) in &catalog.frameworks {
        let controls = entry.value.control_sets.iter().flat_map(|set| &set.controls);
        for control in controls.filter_map(|control| match control {
            ControlRef::Name(control) => Some(control),
            _ => None,
        }) {
            let of = frameworks.entry(control).or_default();
            if of.last() != Some(&name.as_str()) {
                of.push(name);
            }
        }
    }
    frameworks
}

fn one_control(input: Input<'_>, entry: &Entry<Control>, frameworks: Vec<&str>) -> (ControlEvidence, Vec<Place>) {
    let (control, facts) = (&entry.value, &input.facts.audit_manager);
    let mut own = Found::default();
    let assessed = AssessedIn::new(control, frameworks, facts, input.now, &mut own);
    rules::check_control(&assessed, &mut own);
    let collected = Collected::of(&assessed, facts);
    let scope = assessed.scope(&facts.place);
    let sources: Vec<SourceReport> =
        control.sources.iter().map(|source| one_source(input, &assessed, &own, &collected, source, &scope)).collect();
    // A control without automated sources is as ready as its assessments.
    let automated = sources.iter().map(|source| source.setup).filter(|setup| *setup <= Setup::Ready).min();
    let beside = sources.iter().map(|source| source.setup).min().unwrap_or(Setup::Manual);
    let alone = own.setup(false);
    let setup = automated.unwrap_or(if alone < Setup::Waiting { alone } else { beside });
    let report = ControlEvidence {
        name: control.name.clone(),
        file: entry.file,
        frameworks: assessed.frameworks.iter().map(|name| (*name).to_owned()).collect(),
        setup,
        assessments: assessed.active().map(|(assessment, _)| assessment.name.clone()).collect(),
        problems: own.problems,
        unknown: own.unknown,
        sources,
        collected,
    };
    (report, scope)
}

fn one_source(
    input: Input<'_>,
    assessed: &AssessedIn<'_>,
    own: &Found,
    collected: &Collected,
    source: &DataSource,
    scope: &[Place],
) -> SourceReport {
    let need = Need::of(source, input.keywords);
    let last = collected.last(source, &assessed.control.sources);
    let report = |setup, places, problems| SourceReport {
        name: source.name.clone(),
        source_type: source.source_type.name(),
        keyword: source.keyword.clone(),
        setup,
        places,
        last,
        problems,
    };
    match need {
        Need::Manual => return report(Setup::Manual, Vec::new(), Vec::new()),
        Need::AwsManaged => return report(Setup::AwsManaged, Vec::new(), Vec::new()),
        _ => {}
    }
    let of_control = own.setup(assessed.is_waiting());
    let mut places = Vec::new();
    let mut expected = None;
    for place in scope {
        let mut found = Found::default();
        match input.facts.account(place) {
            Some(account) => {
                let within = in_account(input, source, &need, account, &mut found);
                expected = expected.max(within);
            }
            None => found.unknown(Unknown::Account(place.clone())),
        }
        let setup = found.setup(false).min(of_control);
        let Found { problems, unknown } = found;
        places.push(PlaceReport { place: place.clone(), setup, problems, unknown });
    }
    let setup = places.iter().map(|place| place.setup).min().unwrap_or(of_control);
    let subject = SourceEvidence {
        setup,
        window: expected,
        last,
        assessments: assessed.active().map(|(assessment, _)| assessment).collect(),
        facts: &input.facts.audit_manager,
        now: input.now,
    };
    let mut found = Found::default();
    rules::check_evidence(&subject, &mut found);
    report(setup, places, found.problems)
}

/// Checks a source in an account. Returns the time in which it should collect, if there is one.
fn in_account(
    input: Input<'_>,
    source: &DataSource,
    need: &Need<'_>,
    account: &AccountFacts,
    found: &mut Found,
) -> Option<Seconds> {
    match need {
        Need::ConfigRule(rule) => {
            let subject = ConfigSource::new(source, rule, account, input.now, found);
            if let Some(subject) = &subject {
                rules::check_config(subject, found);
            }
            window(source, need, subject.as_ref())
        }
        Need::HubControl(control) => {
            let subject = HubSource { control, account, audit_manager: &input.facts.audit_manager };
            rules::check_hub(&subject, found);
            window(source, need, None)
        }
        Need::Unlisted(keyword) => {
            found.unknown(Unknown::Undecided(format!("`{keyword}` is not a keyword that Audit Manager lists")));
            None
        }
        Need::Nothing | Need::Manual | Need::AwsManaged => window(source, need, None),
    }
}

/// Adds the problems of a control as findings. A problem that several accounts have is one finding.
fn findings_of(input: Input<'_>, entry: &Entry<Control>, report: &ControlEvidence, all: &mut Vec<Diagnostic>) {
    let mut add = |pointer: &str, problem: &Problem| {
        let span = input.catalog.span(input.sources, entry.file, pointer);
        let mut finding = Diagnostic::new(problem.rule, entry.file, span, problem.message.clone());
        finding.level = problem.level;
        all.push(finding.at(pointer).help(problem.help.clone()));
    };
    for problem in &report.problems {
        add("/name", problem);
    }
    for (index, source) in report.sources.iter().enumerate() {
        let base = format!("/{}/{index}", entry.value.sources_member);
        let of_places = source.places.iter().flat_map(|place| &place.problems);
        for problem in of_places.chain(&source.problems) {
            let key = if problem.key.is_empty() { "sourceKeyword/keywordValue" } else { &problem.key };
            add(&format!("{base}/{key}"), problem);
        }
    }
}

impl Evidence {
    /// Returns the number of controls with a setup.
    pub fn count(&self, setup: Setup) -> usize {
        self.controls.iter().filter(|control| control.setup == setup).count()
    }

    /// Returns why setups are not known, each once, with the number of sources that it affects.
    pub fn unknown(&self) -> BTreeMap<&Unknown, usize> {
        let mut all = BTreeMap::new();
        for control in &self.controls {
            let of_sources = control.sources.iter().flat_map(|source| &source.places).flat_map(|place| &place.unknown);
            for why in control.unknown.iter().chain(of_sources) {
                *all.entry(why).or_default() += 1;
            }
        }
        all
    }
}

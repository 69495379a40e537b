//! Evidence: whether each source is set up, in which accounts, and what was collected.
//!
//! Two facts that are never merged: the setup of a source says whether it can collect, its evidence says whether it did. Facts of
//! accounts go in, setups and problems come out; nothing here reads or sends anything.
//!
//! In reading order: [`facts`] is what was read of accounts, and [`places`] names these in messages. `setup` is a verdict with its
//! problems, `excepted` accepts some of them. `recording` and `need` say what a recorder records, and what a source needs.
//! `config_rules`, `hub`, `assessed` and `collected` are the subjects of checks, `rules` the checks, one file each. [`wanted`] says
//! what a reader must read. [`evaluate`] brings them together.

pub mod facts;
pub mod places;
pub(crate) mod setup;
pub(crate) mod excepted;
pub(crate) mod recording;
pub(crate) mod need;
pub(crate) mod config_rules;
mod hub;
pub(crate) mod assessed;
mod collected;
pub(crate) mod rules;
pub mod wanted;

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Catalog, Entry};
use crate::diagnostic::{self, Diagnostic};
use crate::keywords::Keywords;
use crate::model::{Control, ControlRef, DataSource};
use crate::pack_lock::Lock;
use crate::source::{FileId, Sources};

pub use collected::{Collected, LastEvidence, count};
pub use excepted::InForce;
pub use need::Service;
pub use rules::evidence_receiver_disabled::RECEIVER;
pub use setup::{Problem, Setup, Unknown};

use assessed::AssessedIn;
use collected::{SourceEvidence, window};
use config_rules::ConfigSource;
use excepted::Accepted;
pub use facts::day;
use facts::{AccountFacts, AuditManagerFacts, Facts, Place, Seconds, Trail};
use hub::HubSource;
use need::Need;
use setup::Found;

/// The evidence of a catalog.
#[derive(Debug)]
pub struct Evidence {
    /// Account and Region of Audit Manager.
    pub home: Place,
    /// When Audit Manager was read.
    pub read_at: Seconds,
    /// The accounts in the scope of the assessments, and when each was read; `None` if it was not.
    pub accounts: BTreeMap<Place, Option<Seconds>>,
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
    /// Problems of the source itself: in the account of Audit Manager, and of its evidence.
    pub problems: Vec<Problem>,
    /// Why the source itself is unknown.
    pub unknown: Vec<Unknown>,
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
    /// The exception that accepts it.
    pub exception: Option<InForce>,
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
    /// IDs of the accounts to evaluate; `None` for all in the scope of the assessments.
    pub accounts: Option<&'a BTreeSet<String>>,
    /// The conformance packs of the catalog, if they were exported.
    pub packs: Option<&'a Lock>,
    /// The current time.
    pub now: Seconds,
}

/// Decides the setup and the evidence of the controls with these names.
pub fn evaluate(input: Input<'_>, controls: &BTreeSet<&str>) -> Evidence {
    let Input { catalog, facts, .. } = input;
    let frameworks = frameworks_by_control(catalog);
    let mut evidence = Evidence {
        home: facts.audit_manager.place.clone(),
        read_at: facts.audit_manager.read_at,
        accounts: BTreeMap::new(),
        controls: Vec::new(),
        notes: Vec::new(),
        diagnostics: Vec::new(),
    };
    for (name, entry) in &catalog.controls {
        if controls.contains(name.as_str()) {
            let of = frameworks.get(name.as_str()).cloned().unwrap_or_default();
            let (control, scope) = one_control(input, entry, of);
            if scope.is_empty() {
                // None of its accounts is to be evaluated.
                continue;
            }
            for place in scope {
                let read = facts.accounts.get(&place).filter(|account| account.is_read());
                evidence.accounts.insert(place, read.map(|account| account.read_at));
            }
            findings_of(input, entry, &control, &mut evidence.diagnostics);
            evidence.controls.push(control);
        }
    }
    let in_scope = |account: &&AccountFacts| evidence.accounts.contains_key(&account.place);
    evidence.notes.extend(without_trail(facts.accounts.values().filter(in_scope)));
    diagnostic::sort(&mut evidence.diagnostics);
    evidence
}

/// Returns the accounts in the scope of the active assessments that have a control with one of these names; the account of Audit Manager
/// if there are none.
pub fn accounts(
    catalog: &Catalog,
    facts: &AuditManagerFacts,
    controls: &BTreeSet<&str>,
    now: Seconds,
) -> BTreeSet<Place> {
    let chosen = catalog.controls.iter().filter(|(name, _)| controls.contains(name.as_str()));
    let scope = |entry: &Entry<Control>| {
        AssessedIn::new(&entry.value, Vec::new(), facts, now, &mut Found::default()).scope(&facts.place, None)
    };
    chosen.flat_map(|(_, entry)| scope(entry)).collect()
}

/// Says in which accounts no trail logs events, as far as that is known. Audit Manager's guide names no trail as a prerequisite, so no
/// setup depends on it.
fn without_trail<'a>(accounts: impl Iterator<Item = &'a AccountFacts>) -> Option<String> {
    let may_log = |trail: &Trail| trail.logging != Some(false) && trail.management_events != Some(false);
    let without = |account: &&AccountFacts| account.trails.known().is_some_and(|all| !all.iter().any(may_log));
    let places: BTreeSet<&Place> = accounts.filter(without).map(|account| &account.place).collect();
    let words = places::in_words(&places);
    (!places.is_empty()).then(|| {
        format!("no trail of {words} logs management events; nothing documents whether sources of CloudTrail need one")
    })
}

/// Returns the frameworks of each control.
pub(crate) fn frameworks_by_control(catalog: &Catalog) -> BTreeMap<&str, Vec<&str>> {
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
    let scope = assessed.scope(&facts.place, input.accounts);
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
    let mut report = SourceReport {
        name: source.name.clone(),
        source_type: source.source_type.name(),
        keyword: source.keyword.clone(),
        setup: Setup::Manual,
        places: Vec::new(),
        last,
        problems: Vec::new(),
        unknown: Vec::new(),
    };
    match need {
        Need::Manual => return report,
        Need::AwsManaged => return SourceReport { setup: Setup::AwsManaged, ..report },
        _ => {}
    }
    let home = in_home(input, &need);
    let everywhere = own.setup(assessed.is_waiting()).min(home.setup(false));
    let exceptions = excepted::of_check(input.catalog, source.keyword.as_deref().unwrap_or_default(), input.now);
    let mut expected = None;
    for place in scope {
        let mut found = Found::default();
        match input.facts.accounts.get(place) {
            Some(account) => {
                let within = in_account(input, source, &need, account, &mut found);
                expected = expected.max(within);
            }
            None => found.unknown(Unknown::Account),
        }
        let setup = found.setup(false).min(everywhere);
        let covering = exceptions.iter().find(|exception| exception.covers_whole(&place.account));
        let exception = covering.filter(|_| setup <= Setup::Unknown).map(Accepted::in_force);
        let setup = if exception.is_some() { Setup::Excepted } else { setup };
        let Found { problems, unknown } = found;
        report.places.push(PlaceReport { place: place.clone(), setup, problems, unknown, exception });
    }
    report.setup = report.places.iter().map(|place| place.setup).min().unwrap_or(everywhere);
    let subject = SourceEvidence {
        setup: report.setup,
        window: expected,
        last,
        assessments: assessed.active().map(|(assessment, _)| assessment).collect(),
        facts: &input.facts.audit_manager,
        now: input.now,
    };
    let mut found = home;
    rules::check_evidence(&subject, &mut found);
    (report.problems, report.unknown) = (found.problems, found.unknown);
    report
}

/// Checks what a source needs in the account of Audit Manager, whatever account it collects from.
fn in_home(input: Input<'_>, need: &Need<'_>) -> Found {
    let mut found = Found::default();
    if let Need::HubControl(control) = need {
        let audit_manager = &input.facts.audit_manager;
        let not_read = AccountFacts::default();
        let account = input.facts.accounts.get(&audit_manager.place).unwrap_or(&not_read);
        rules::check_receiver(&HubSource { control, account, audit_manager }, &mut found);
    }
    found
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
            let subject = ConfigSource::new(source, rule, account, input.packs, input.now, found);
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

/// Adds the problems of a control as findings. A problem that several accounts have is one finding, which names them; where an exception
/// accepts it, it is none.
fn findings_of(input: Input<'_>, entry: &Entry<Control>, report: &ControlEvidence, all: &mut Vec<Diagnostic>) {
    let mut add = |pointer: &str, problem: &Problem, message: String| {
        all.push(finding(input.catalog, input.sources, entry.file, pointer, problem, message));
    };
    for problem in &report.problems {
        add("/name", problem, problem.message.clone());
    }
    for (index, source) in report.sources.iter().enumerate() {
        let pointer = |problem: &Problem| source_pointer(&entry.value, index, problem);
        for (problem, places) in by_problem(source) {
            let message = format!("{}: {}", places::in_words(&places), problem.message);
            add(&pointer(problem), problem, message);
        }
        for problem in &source.problems {
            add(&pointer(problem), problem, problem.message.clone());
        }
    }
}

/// Returns a problem as a finding in a file.
pub(crate) fn finding(
    catalog: &Catalog,
    sources: &Sources,
    file: FileId,
    pointer: &str,
    problem: &Problem,
    message: String,
) -> Diagnostic {
    let span = catalog.span(sources, file, pointer);
    let mut finding = Diagnostic::new(problem.rule, file, span, message);
    finding.level = problem.level;
    finding.at(pointer).help(problem.help.clone())
}

/// Returns where a problem of the source with a number is in its file.
pub(crate) fn source_pointer(control: &Control, index: usize, problem: &Problem) -> String {
    let key = if problem.key.is_empty() { "sourceKeyword/keywordValue" } else { &problem.key };
    format!("/{}/{index}/{key}", control.sources_member)
}

/// Returns each problem of a source once, in the order in which it was found first, with the accounts that have it. Where an exception
/// accepts it, it is left out.
pub(crate) fn by_problem(source: &SourceReport) -> Vec<(&Problem, BTreeSet<&Place>)> {
    let mut all: Vec<(&Problem, BTreeSet<&Place>)> = Vec::new();
    for of in source.places.iter().filter(|of| of.exception.is_none()) {
        for problem in &of.problems {
            match all.iter_mut().find(|(known, _)| *known == problem) {
                Some((_, places)) => {
                    places.insert(&of.place);
                }
                None => all.push((problem, BTreeSet::from([&of.place]))),
            }
        }
    }
    all
}

impl Evidence {
    /// Returns the number of controls with a setup.
    pub fn count(&self, setup: Setup) -> usize {
        self.controls.iter().filter(|control| control.setup == setup).count()
    }

    /// Returns the number of accounts that were read.
    pub fn accounts_read(&self) -> usize {
        self.accounts.values().flatten().count()
    }

    /// Returns why setups are not known, each once.
    pub fn unknown(&self) -> BTreeMap<&Unknown, Affected<'_>> {
        let mut all: BTreeMap<&Unknown, Affected<'_>> = BTreeMap::new();
        for control in &self.controls {
            for why in &control.unknown {
                all.entry(why).or_default().sources += control.sources.len();
            }
            for source in &control.sources {
                let mut reasons: BTreeSet<&Unknown> = source.unknown.iter().collect();
                for of in source.places.iter().filter(|of| of.exception.is_none()) {
                    for why in &of.unknown {
                        all.entry(why).or_default().places.insert(&of.place);
                        reasons.insert(why);
                    }
                }
                for why in reasons {
                    all.entry(why).or_default().sources += 1;
                }
            }
        }
        all
    }
}

/// What a reason affects for which a setup is not known.
#[derive(Debug, Default)]
pub struct Affected<'a> {
    /// The number of sources.
    pub sources: usize,
    /// The accounts that it is about; empty if it is about Audit Manager itself.
    pub places: BTreeSet<&'a Place>,
}

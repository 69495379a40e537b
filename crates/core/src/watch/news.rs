//! What changed since the last run.

use std::collections::{BTreeMap, BTreeSet};

use super::compliance::ComplianceReport;
use super::memory::{Memory, SeenAccount, UnreadFact};
use super::standing::{Standing, Subject, standings};
use crate::check::Checked;
use crate::evidence::facts::{Facts, Place, Seconds};
use crate::evidence::rules::is_about_evidence;
use crate::evidence::{ControlEvidence, Evidence, PlaceReport, Setup, SourceReport};

/// How a problem ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It is fixed.
    Fixed,
    /// An exception accepts it until this day.
    Excepted(String),
}

impl Ended {
    /// The last day of the exception, if it is one.
    pub fn until(&self) -> Option<&str> {
        match self {
            Self::Fixed => None,
            Self::Excepted(until) => Some(until),
        }
    }
}

/// What a run found.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The catalog.
    pub checked: &'a Checked,
    /// The evidence in the accounts that were reached.
    pub evidence: &'a Evidence,
    /// What was read.
    pub facts: &'a Facts,
    /// The accounts in the scope of the assessments.
    pub scope: &'a BTreeSet<Place>,
    /// The current time.
    pub now: Seconds,
}

/// A run compared with what earlier ones remember.
#[derive(Clone, Debug, Default)]
pub struct News {
    /// Whether no earlier run is remembered: everything is found for the first time.
    pub is_baseline: bool,
    /// Problems that are new where a run has looked before.
    pub stopped: Vec<Standing>,
    /// Problems in accounts and of controls that were not looked at before.
    pub found: Vec<Standing>,
    /// Problems that ended.
    pub ended: Vec<(Standing, Ended)>,
    /// Controls with their first evidence.
    pub started: Vec<String>,
    /// What cannot be read anymore, or still not.
    pub unread: Vec<UnreadFact>,
    /// What was reported as not read, and was read.
    pub readable: Vec<UnreadFact>,
    /// Reported problems that are still open.
    pub known: Vec<Standing>,
    /// Why this run failed, if no earlier one has reported it.
    pub failure: Option<String>,
    /// Why earlier runs failed, as reported; this one did not.
    pub recovered: Option<String>,
    /// Whether a report about compliance failed in a way that was not reported yet.
    pub report_failed: bool,
    /// Whether a report about compliance is complete again after a failure that was reported.
    pub report_recovered: bool,
    /// What the next run compares with.
    pub memory: Memory,
}

/// Returns the accounts to read, those first that were not tried for the longest time.
pub fn queue(scope: &BTreeSet<Place>, home: &Place, memory: &Memory) -> Vec<Place> {
    let mut places: Vec<Place> = scope.iter().filter(|place| *place != home).cloned().collect();
    places.sort_by_key(|place| memory.accounts.get(&place.account).map_or(0, |seen| seen.tried_at));
    places
}

impl News {
    /// Compares a run with what is remembered.
    pub fn new(run: Run<'_>, before: Memory) -> Self {
        let current = standings(run.evidence, run.checked);
        let mut news = Self { is_baseline: before.is_empty(), ..Self::default() };
        let mut known: BTreeMap<Subject, Standing> =
            before.open.iter().map(|standing| (standing.subject.clone(), standing.clone())).collect();
        for standing in current {
            news.memory.open.push(standing.clone());
            if known.remove(&standing.subject).is_some() {
                news.known.push(standing);
            } else if was_looked_at(&standing.subject, &before) {
                news.stopped.push(standing);
            } else {
                news.found.push(standing);
            }
        }
        for (_, standing) in known {
            match run.fate(&standing.subject) {
                Fate::Ended(how) => news.ended.push((standing, how)),
                Fate::Gone => {}
                Fate::Open => {
                    news.memory.open.push(standing.clone());
                    news.known.push(standing);
                }
            }
        }
        news.memory.open.sort_by(|one, other| one.subject.cmp(&other.subject));
        news.compare_unread(run, &before.unread);
        news.compare_evidence(run, &before);
        news.memory.accounts = accounts(run, &before);
        news.memory.counts.clone_from(&run.facts.audit_manager.counts);
        news.recovered = before.failure;
        news.memory.compliance = before.compliance;
        news.memory.report_failures = before.report_failures;
        news
    }

    /// The comparison of a run that could read nothing: everything stays as it was. A failure that is `retried` is not reported yet.
    pub fn of_failed_run(before: Memory, failure: String, retried: bool) -> Self {
        let mut news = Self { known: before.open.clone(), memory: before, ..Self::default() };
        if !retried && news.memory.failure.as_ref() != Some(&failure) {
            news.memory.failure = Some(failure.clone());
            news.failure = Some(failure);
        }
        news
    }

    /// Adds the report about compliance, of which the changes are compared already.
    pub fn add_report(&mut self, report: &ComplianceReport<'_>) {
        let failures = report.failure_keys();
        let before = std::mem::replace(&mut self.memory.report_failures, failures.clone());
        self.report_failed = !failures.is_subset(&before);
        self.report_recovered = failures.is_empty() && !before.is_empty();
        if let Some(news) = report.news() {
            self.memory.compliance = Some(news.memory.clone());
        }
    }

    /// Compares what could not be read.
    fn compare_unread(&mut self, run: Run<'_>, before: &[UnreadFact]) {
        let current = unread(run.evidence);
        for fact in current {
            let earlier = before.iter().find(|other| (&other.account, &other.key) == (&fact.0.account, &fact.0.key));
            let (mut fact, lasts) = fact;
            let was_reported = earlier.is_some_and(|earlier| earlier.reported);
            // A service that failed once is not news, and has been read again by the next run.
            fact.reported = was_reported || lasts || earlier.is_some();
            if fact.reported && !was_reported {
                self.unread.push(fact.clone());
            }
            self.memory.unread.push(fact);
        }
        for earlier in before {
            let still = |other: &&UnreadFact| (&other.account, &other.key) == (&earlier.account, &earlier.key);
            if self.memory.unread.iter().any(|other| still(&other)) {
                continue;
            }
            let looked = earlier.account.as_deref().is_none_or(|account| run.reached(account));
            let in_scope = earlier.account.as_deref().is_none_or(|account| run.is_in_scope(account));
            if !looked && in_scope {
                self.memory.unread.push(earlier.clone());
            } else if earlier.reported && in_scope {
                self.readable.push(earlier.clone());
            }
        }
    }

    /// Compares which controls have evidence.
    fn compare_evidence(&mut self, run: Run<'_>, before: &Memory) {
        for control in &run.evidence.controls {
            let earlier = before.controls.get(&control.name).copied().flatten();
            let has = control.collected.items.map(|items| items > 0);
            if (earlier, has) == (Some(false), Some(true)) {
                self.started.push(control.name.clone());
            }
            self.memory.controls.insert(control.name.clone(), has.or(earlier));
        }
        for (name, has) in before.controls.iter().filter(|(name, _)| run.may_exist(name)) {
            self.memory.controls.entry(name.clone()).or_insert(*has);
        }
    }
}

/// Whether a run has looked at the subject before: at its control, and in its account.
fn was_looked_at(subject: &Subject, before: &Memory) -> bool {
    let seen = |account: &String| before.accounts.get(account).is_some_and(|seen| seen.read_at.is_some());
    before.controls.contains_key(&subject.control) && subject.account.as_ref().is_none_or(seen)
}

/// What became of a problem that a run did not find again.
enum Fate {
    /// The run would not have found it, or cannot tell.
    Open,
    /// It ended.
    Ended(Ended),
    /// There is nothing anymore that it is about.
    Gone,
}

impl Run<'_> {
    fn reached(&self, account: &str) -> bool {
        self.facts.accounts.keys().any(|place| place.account == account)
    }

    fn is_in_scope(&self, account: &str) -> bool {
        self.scope.iter().any(|place| place.account == account)
    }

    /// Whether the catalog may have a control. A definition with errors is not looked at, and nothing is known of its name.
    fn may_exist(&self, control: &str) -> bool {
        self.checked.has_errors() || self.checked.catalog.controls.contains_key(control)
    }

    fn fate(&self, subject: &Subject) -> Fate {
        let Some(control) = self.evidence.controls.iter().find(|control| control.name == subject.control) else {
            return if self.may_exist(&subject.control) { Fate::Open } else { Fate::Gone };
        };
        let Some(name) = &subject.source else { return of_unknown(control.unknown.is_empty()) };
        let Some(source) = control.sources.iter().find(|source| source.name == *name) else { return Fate::Gone };
        let Some(account) = &subject.account else {
            let was_checked = source.setup == Setup::Ready || !is_about_evidence(&subject.rule);
            return of_unknown(was_checked && control.unknown.is_empty() && source.unknown.is_empty());
        };
        self.fate_in(control, source, account)
    }

    fn fate_in(&self, control: &ControlEvidence, source: &SourceReport, account: &str) -> Fate {
        let Some(place) = source.places.iter().find(|of| of.place.account == account) else {
            // Without the assessments, the scope is not known.
            let is_known = control.unknown.is_empty();
            return if is_known && !self.is_in_scope(account) { Fate::Gone } else { Fate::Open };
        };
        let PlaceReport { exception, unknown, .. } = place;
        match exception {
            Some(exception) => Fate::Ended(Ended::Excepted(exception.until.clone())),
            None => of_unknown(unknown.is_empty()),
        }
    }
}

/// What is not there anymore is fixed, unless something was not read.
const fn of_unknown(everything_was_read: bool) -> Fate {
    if everything_was_read { Fate::Ended(Ended::Fixed) } else { Fate::Open }
}

/// Returns what could not be read, and whether that lasts.
fn unread(evidence: &Evidence) -> Vec<(UnreadFact, bool)> {
    let mut all = Vec::new();
    for (why, affected) in evidence.unknown() {
        let fact = |account: Option<&str>| UnreadFact {
            account: account.map(str::to_owned),
            key: why.key(),
            reason: why.to_string(),
            reported: false,
        };
        if affected.places.is_empty() {
            all.push((fact(None), why.lasts()));
        }
        all.extend(affected.places.iter().map(|place| (fact(Some(&place.account)), why.lasts())));
    }
    all
}

/// Returns the accounts in scope, and when each was read.
fn accounts(run: Run<'_>, before: &Memory) -> BTreeMap<String, SeenAccount> {
    let mut accounts = BTreeMap::new();
    for place in run.scope {
        let mut seen = before.accounts.get(&place.account).copied().unwrap_or_default();
        if let Some(facts) = run.facts.accounts.get(place) {
            seen.tried_at = facts.read_at;
            if facts.is_read() {
                seen.read_at = Some(facts.read_at);
            }
        }
        accounts.insert(place.account.clone(), seen);
    }
    accounts
}

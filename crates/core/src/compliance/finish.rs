//! The end of a roll-up: from what rows say to controls and frameworks.

use std::collections::{BTreeMap, BTreeSet};

use super::asked::{Check, CheckId, ControlAsked, PlaceId, Question, SourceAsked, of_aggregator};
use super::facts::Reading;
use super::ranking;
use super::result::{
    Answer, Compliance, ControlCompliance, ExceptionUse, FrameworkCompliance, ListedResource, PlaceCompliance,
    SetCompliance, SourceCompliance,
};
use super::rollup::Rollup;
use super::state::{Listed, ResourceDigest, Said};
use super::status::{Counts, Reason, Status};
use super::verdict::Asking;
use crate::catalog::Entry;
use crate::diagnostic::counted;
use crate::evidence::excepted::Accepted;
use crate::evidence::facts::Place;
use crate::evidence::{Unknown, places};
use crate::model::{ControlRef, ControlSet, DataSource, Framework, Severity};

/// What is found once, and referred to by number.
struct Numbered<'a> {
    reasons: BTreeMap<Reason, u32>,
    exceptions: Vec<ExceptionUse>,
    /// The number of each exception, by check and its number there.
    of_check: BTreeMap<(CheckId, usize), u16>,
    /// Where each exception accepts something.
    used: BTreeSet<(u16, PlaceId)>,
    rollup: &'a Rollup<'a>,
}

impl Rollup<'_> {
    /// Returns what the rows say. `reading` says whether they were read to the end: a row that is missing means nothing otherwise.
    pub fn finish(mut self, reading: &Reading) -> Compliance {
        let input = self.asked.input;
        let mut numbered = Numbered::new(&self);
        let answers: Vec<Answer> =
            self.asked.questions.iter().map(|question| numbered.answer(question, reading)).collect();
        let (reasons, exceptions) = numbered.finish();
        let notes = self.notes();
        // The answers have it all, and there can be a million of either.
        self.rules.clear();
        let mut controls: Vec<ControlCompliance> =
            self.asked.controls.iter().map(|control| self.control(control, &answers)).collect();
        controls.sort_by(|one, other| worst_first(one).cmp(&worst_first(other)));
        let facts = &input.evidence.facts.audit_manager;
        let failing = self.resources.failing();
        Compliance {
            home: facts.place.clone(),
            read_at: input.evidence.now,
            aggregator: input.aggregator.map(|aggregator| aggregator.name.clone()),
            places: self.asked.places.clone(),
            not_aggregated: self.not_aggregated(),
            frameworks: self.frameworks(&controls),
            accounts: ranking::accounts(&self.asked.places, &controls, &answers, &failing),
            checks: ranking::checks(&self.asked, &answers),
            resources: ranking::resources(&self, &failing),
            controls,
            answers,
            reasons,
            exceptions,
            notes,
        }
    }

    fn not_aggregated(&self) -> BTreeSet<Place> {
        let sources = self.asked.input.aggregator.and_then(|aggregator| aggregator.sources.known());
        let without = |place: &&Place| sources.is_some_and(|sources| !sources.contains_key(*place));
        self.asked.places.iter().filter(without).cloned().collect()
    }

    fn control(&self, asked: &ControlAsked<'_>, answers: &[Answer]) -> ControlCompliance {
        let control = &asked.entry.value;
        let source = |(source, asked): (&DataSource, &SourceAsked)| {
            let (status, counts, answer) = match *asked {
                SourceAsked::Nothing(status) => (status, Counts::default(), None),
                SourceAsked::Question(answer) => {
                    let counts = Counts::of(answers[answer].places.iter().map(|place| place.status));
                    let worst = counts.each().next();
                    (worst.map_or(Status::Unknown, |(status, _)| status), counts, Some(answer))
                }
            };
            let source_type = source.source_type.name();
            SourceCompliance {
                name: source.name.clone(),
                source_type,
                keyword: source.keyword.clone(),
                status,
                counts,
                answer,
            }
        };
        let sources: Vec<SourceCompliance> = control.sources.iter().zip(&asked.sources).map(source).collect();
        let worst = sources.iter().map(|source| source.status).min().unwrap_or(Status::Manual);
        // Accounts that are not known may be worse; sources that ask nothing are the same everywhere.
        let is_known = asked.unknown.is_empty() || sources.iter().all(|source| source.answer.is_none());
        let (failing, resources) = self.resources_of(asked);
        ControlCompliance {
            name: control.name.clone(),
            file: asked.entry.file,
            severity: control.severity,
            procedure_url: control.procedure_url.clone(),
            instructions: control.action_plan_instructions.clone(),
            frameworks: asked.frameworks.iter().map(|name| (*name).to_owned()).collect(),
            status: if is_known { worst } else { worst.min(Status::Unknown) },
            unknown: asked.unknown.clone(),
            sources,
            failing,
            resources,
        }
    }

    /// Returns the number of different resources of a control that are not compliant, and the first of them.
    fn resources_of(&self, asked: &ControlAsked<'_>) -> (usize, Vec<ListedResource>) {
        let mut all: BTreeSet<(PlaceId, ResourceDigest)> = BTreeSet::new();
        let mut first: BTreeSet<&Listed> = BTreeSet::new();
        for source in &asked.sources {
            let SourceAsked::Question(question) = *source else { continue };
            let Question { check, scope, .. } = self.asked.questions[question];
            let scope = &self.asked.scopes[scope];
            for place in scope {
                all.extend(self.resources.range(check, *place, Said::Failing).map(|digest| (*place, digest)));
            }
            first.extend(self.resources.listed(check).filter(|listed| scope.binary_search(&listed.place).is_ok()));
        }
        let listed = first.into_iter().take(self.asked.input.listed).map(|listed| self.listed(listed));
        (all.len(), listed.collect())
    }

    pub(super) fn listed(&self, listed: &Listed) -> ListedResource {
        let place = self.asked.places[listed.place as usize].clone();
        ListedResource { place, resource: listed.resource.clone() }
    }

    fn frameworks(&self, controls: &[ControlCompliance]) -> Vec<FrameworkCompliance> {
        let input = self.asked.input;
        let numbers: BTreeMap<&str, usize> =
            (0..).zip(controls).map(|(number, control)| (control.name.as_str(), number)).collect();
        let shown =
            input.evidence.catalog.frameworks.iter().filter(|(name, _)| input.frameworks.contains(name.as_str()));
        let set = |set: &ControlSet| {
            let mut of =
                SetCompliance { name: set.name.clone(), status: None, controls: Vec::new(), others: Vec::new() };
            for reference in &set.controls {
                match reference {
                    ControlRef::Name(name) if numbers.contains_key(name.as_str()) => {
                        of.controls.push(numbers[name.as_str()]);
                    }
                    // It was not chosen.
                    ControlRef::Name(name) if input.evidence.catalog.controls.contains_key(name) => {}
                    other => of.others.push(other.to_string()),
                }
            }
            of.controls.sort_unstable();
            of.status = of.controls.iter().map(|control| controls[*control].status).min();
            of
        };
        let framework = |(name, entry): (&String, &Entry<Framework>)| {
            let sets: Vec<SetCompliance> = entry.value.control_sets.iter().map(set).collect();
            let all: BTreeSet<usize> = sets.iter().flat_map(|set| &set.controls).copied().collect();
            let counts = Counts::of(all.iter().map(|control| controls[*control].status));
            let status = counts.each().next().map(|(status, _)| status);
            FrameworkCompliance { name: name.clone(), status, counts, sets }
        };
        shown.map(framework).collect()
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let alone = |control: &&ControlAsked<'_>| !control.assessed && control.unknown.is_empty();
        let alone = self.asked.controls.iter().filter(alone).count();
        if alone > 0 {
            let aggregated = of_aggregator(self.asked.input).is_some();
            let whose = if aggregated { "the aggregator" } else { "Audit Manager" };
            notes.push(format!(
                "{} in no active assessment: without a scope of its own, the accounts are those of {whose}",
                counted(alone, "control")
            ));
        }
        if !self.deleted.is_empty() {
            let of: BTreeSet<&Place> =
                self.deleted.iter().map(|(place, _)| &self.asked.places[*place as usize]).collect();
            let rules = counted(self.deleted.len(), "deleted rule");
            notes.push(format!("results of {rules} of conformance packs were left out in {}", places::in_words(&of)));
        }
        for (why, rules) in &self.not_listed {
            let rules = rules.iter().filter(|key| self.rules.get(key).is_none_or(|state| !state.details)).count();
            if rules > 0 {
                let rules = counted(rules, "rule");
                notes.push(format!("resources of {rules} are not listed: {}", Unknown::Unread(why.clone())));
            }
        }
        notes
    }
}

/// The order of controls: by status, severity and name. A control without a severity comes after those with one.
fn worst_first(control: &ControlCompliance) -> (Status, bool, Option<Severity>, &str) {
    (control.status, control.severity.is_none(), control.severity, &control.name)
}

impl<'a> Numbered<'a> {
    fn new(rollup: &'a Rollup<'a>) -> Self {
        let mut all = Vec::new();
        for (check, of) in (0..).zip(&rollup.asked.checks) {
            all.extend(of.exceptions.iter().enumerate().map(|(at, accepted)| ((check, at), of, accepted)));
        }
        all.sort_by_key(|(of, _, accepted)| (&accepted.entry.value.until, accepted.entry.file, *of));
        let of_check = (0..).zip(&all).map(|(number, (of, ..))| (*of, number)).collect();
        let used = |(_, check, accepted): (_, &Check<'_>, &Accepted<'_>)| ExceptionUse {
            check: check.keyword.to_owned(),
            exception: accepted.in_force(),
            approver: accepted.entry.value.approver.clone(),
            places: 0,
        };
        let exceptions = all.into_iter().map(used).collect();
        Self { reasons: BTreeMap::new(), exceptions, of_check, used: BTreeSet::new(), rollup }
    }

    /// Answers a question in all accounts of its scope.
    fn answer(&mut self, question: &'a Question<'a>, reading: &'a Reading) -> Answer {
        let check = &self.rollup.asked.checks[usize::from(question.check)];
        let scope = &self.rollup.asked.scopes[question.scope];
        let places = scope.iter().map(|place| self.place(question, reading, *place)).collect();
        Answer { source_type: check.source_type, check: check.keyword.to_owned(), places }
    }

    fn place(&mut self, question: &'a Question<'a>, reading: &'a Reading, place: PlaceId) -> PlaceCompliance {
        let (asked, resources) = (&self.rollup.asked, &self.rollup.resources);
        let verdict = Asking::new(self.rollup, reading, question, place).verdict();
        let account = &asked.places[place as usize].account;
        let whole =
            asked.checks[usize::from(question.check)].accepting_whole(account).filter(|_| verdict.status.is_wrong());
        let accepting = resources.exceptions(question.check, place).chain(whole);
        let used: Vec<u16> = accepting.map(|at| self.of_check[&(question.check, at)]).collect();
        self.used.extend(used.iter().map(|exception| (*exception, place)));
        let count = |said| resources.count(question.check, place, said);
        let next = u32::try_from(self.reasons.len()).unwrap_or(u32::MAX);
        PlaceCompliance {
            place,
            reason: verdict.reason.map(|reason| *self.reasons.entry(reason).or_insert(next)),
            failing: count(Said::Failing),
            excepted: count(Said::Excepted),
            suppressed: count(Said::Suppressed),
            archived: count(Said::Archived),
            exception: used.into_iter().min(),
            status: if whole.is_some() { Status::Excepted } else { verdict.status },
        }
    }

    /// Returns the reasons by their numbers, and the exceptions with the number of accounts where they accept something.
    fn finish(mut self) -> (Vec<Reason>, Vec<ExceptionUse>) {
        for (exception, _) in self.used {
            self.exceptions[usize::from(exception)].places += 1;
        }
        let mut reasons: Vec<(Reason, u32)> = self.reasons.into_iter().collect();
        reasons.sort_by_key(|(_, number)| *number);
        (reasons.into_iter().map(|(reason, _)| reason).collect(), self.exceptions)
    }
}

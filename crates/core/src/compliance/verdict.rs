//! The status of a check in an account.

use super::asked::{PlaceId, Question};
use super::facts::{Reading, RuleResult};
use super::rollup::Rollup;
use super::state::{RuleKey, RuleState, Said};
use super::status::{Reason, Status};
use crate::evidence::Unknown;
use crate::evidence::config_rules::{self, ConfigSource};
use crate::evidence::facts::{AccountFacts, ConfigRule, Evaluation, Fact, Recorder, Unread, UnreadReason};
use crate::evidence::need::{Need, RuleNeed};
use crate::evidence::recording;
use crate::evidence::rules::weaker_parameter;
use crate::evidence::setup::Found;
use crate::keywords::Trigger;
use crate::model::DataSource;

/// A status with the reason for it. Of several, the worst counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Verdict {
    pub(super) status: Status,
    pub(super) reason: Option<Reason>,
}

impl Verdict {
    const fn of(status: Status) -> Self {
        Self { status, reason: None }
    }

    const fn no_data(reason: Reason) -> Self {
        Self { status: Status::NoData, reason: Some(reason) }
    }

    const fn unknown(why: Unknown) -> Self {
        Self { status: Status::Unknown, reason: Some(Reason::Unknown(why)) }
    }

    fn unread(why: &Unread) -> Self {
        Self::unknown(Unknown::Unread(why.clone()))
    }

    /// Returns the first thing that is not known.
    fn not_found(found: &Found) -> Self {
        let why = found.unknown.first().cloned();
        Self::unknown(why.unwrap_or(Unknown::Account))
    }
}

/// A question in an account.
#[derive(Clone, Copy)]
pub(super) struct Asking<'r, 'a> {
    rollup: &'r Rollup<'a>,
    reading: &'r Reading,
    question: &'r Question<'a>,
    place: PlaceId,
}

impl<'r, 'a> Asking<'r, 'a> {
    pub(super) const fn new(
        rollup: &'r Rollup<'a>,
        reading: &'r Reading,
        question: &'r Question<'a>,
        place: PlaceId,
    ) -> Self {
        Self { rollup, reading, question, place }
    }

    /// Returns the status, before an exception accepts it for the whole account.
    pub(super) fn verdict(self) -> Verdict {
        match &self.question.need {
            Need::ConfigRule(need) => self.aggregated(self.config(need)),
            Need::HubControl(_) => self.hub(),
            Need::Nothing | Need::Manual | Need::AwsManaged => Verdict::of(Status::EvidenceOnly),
            Need::Unlisted(keyword) => {
                Verdict::unknown(Unknown::Undecided(format!("`{keyword}` is not a keyword that Audit Manager lists")))
            }
        }
    }

    /// An account that the aggregator does not have has no data. If that is not known, or the aggregator is not up to date, only a resource
    /// that is not compliant is proof.
    fn aggregated(self, verdict: Verdict) -> Verdict {
        let Some(aggregator) = self.rollup.asked.input.aggregator else { return verdict };
        let place = &self.rollup.asked.places[self.place as usize];
        let unknown = match &aggregator.sources {
            Fact::Unread(why) => Verdict::unread(why),
            Fact::Known(sources) => match sources.get(place) {
                None => return Verdict::no_data(Reason::NotAggregated { aggregator: aggregator.name.clone() }),
                Some(None) => return verdict,
                Some(Some(error)) => Verdict::unknown(Unknown::Undecided(format!(
                    "the aggregator `{}` could not update the account: {error}",
                    aggregator.name
                ))),
            },
        };
        if verdict.status == Status::NonCompliant { verdict } else { unknown }
    }

    fn config(self, need: &'r RuleNeed<'a>) -> Verdict {
        let account = self.rollup.asked.accounts[self.place as usize];
        if !self.rollup.index.is_known(self.place) {
            return self.by_name(account.and_then(|account| account.rules.unread()));
        }
        let Some(account) = account else { return Verdict::unknown(Unknown::Account) };
        let mut found = Found::default();
        let evidence = self.rollup.asked.input.evidence;
        let source = self.question.source;
        let subject = ConfigSource::new(source, need, account, evidence.packs, evidence.now, &mut found);
        let Some(subject) = subject else { return Verdict::not_found(&found) };
        let of = |(rule, of): (u16, &&ConfigRule)| self.by_rule(&subject, of, self.state(rule));
        let worst = (0..).zip(&subject.rules).map(of).min();
        worst.unwrap_or_else(|| Verdict::no_data(Reason::NotDeployed { wanted: subject.wanted() }))
    }

    fn state(self, rule: u16) -> RuleState {
        let key = RuleKey { check: self.question.check, place: self.place, rule };
        self.rollup.rules.get(&key).copied().unwrap_or_default()
    }

    /// Returns what the rows of one rule say, which the account has.
    fn by_rule(self, subject: &ConfigSource<'_>, rule: &ConfigRule, state: RuleState) -> Verdict {
        match self.failure(state) {
            Some(failure) => failure,
            None if state.result == Some(RuleResult::Compliant) => {
                let weaker = weaker(self.question.source, subject.need, rule);
                weaker.map_or(Verdict::of(Status::Compliant), Verdict::no_data)
            }
            None => match self.missing_rules() {
                Some(why) => Verdict::unread(&why),
                None => self.without_results(subject, rule),
            },
        }
    }

    /// Returns what the rows of the rules in the packs say, in an account whose rules were not read.
    fn by_name(self, unread: Option<&Unread>) -> Verdict {
        let (check, place) = (self.question.check, self.place);
        let all = RuleKey { check, place, rule: u16::MIN }..=RuleKey { check, place, rule: u16::MAX };
        let of = |state: &RuleState| match state.result {
            Some(RuleResult::Compliant) => Verdict::of(Status::Compliant),
            _ => Verdict::no_data(Reason::NoResults),
        };
        let states = self.rollup.rules.range(all).map(|(_, state)| state);
        let worst = states.map(|state| self.failure(*state).unwrap_or_else(|| of(state))).min();
        // A rule that could not be read may be worse than those that the packs have.
        let denied = unread.filter(|unread| unread.reason != UnreadReason::NotAsked).cloned();
        match (worst, denied.or_else(|| self.missing_rules())) {
            (Some(worst), _) if worst.status == Status::NonCompliant => worst,
            (_, Some(why)) => Verdict::unread(&why),
            (Some(worst), None) => worst,
            (None, None) if self.rollup.index.is_pinned(check) => Verdict::no_data(Reason::NoResults),
            (None, None) => Verdict::unknown(Unknown::Undecided(format!(
                "no exported pack has `{}`, and the rules of the account were not read",
                self.rollup.asked.checks[usize::from(check)].keyword
            ))),
        }
    }

    /// Returns that a rule is not compliant, unless exceptions accept all of its resources.
    fn failure(self, state: RuleState) -> Option<Verdict> {
        let failed = state.result == Some(RuleResult::NonCompliant);
        if !failed && !state.failing {
            return None;
        }
        let excepted = self.rollup.resources.count(self.question.check, self.place, Said::Excepted);
        let accepted = state.details && !state.failing && excepted > 0 && excepted >= u32::from(state.resources);
        Some(Verdict::of(if accepted { Status::Excepted } else { Status::NonCompliant }))
    }

    fn missing_rules(self) -> Option<Unread> {
        self.reading.rules.missing(&self.rollup.asked.places[self.place as usize], "AWS Config")
    }

    /// Decides whether a rule without results had nothing to evaluate.
    fn without_results(self, subject: &ConfigSource<'_>, rule: &ConfigRule) -> Verdict {
        let resources = &self.rollup.resources;
        if resources.count(self.question.check, self.place, Said::Excepted) > 0 {
            return Verdict::no_data(Reason::NoResults);
        }
        let mut found = Found::default();
        match had_nothing_to_evaluate(subject, rule, &mut found) {
            Some(true) => Verdict::of(Status::NoResources),
            Some(false) => Verdict::no_data(Reason::NoResults),
            None => Verdict::not_found(&found),
        }
    }

    fn hub(self) -> Verdict {
        let (check, place) = (self.question.check, self.place);
        let state = self.rollup.findings.get(&(check, place)).copied().unwrap_or_default();
        let any = |said| self.rollup.resources.range(check, place, said).next().is_some();
        let missing = self.reading.findings.missing(&self.rollup.asked.places[place as usize], "AWS Security Hub");
        if state.failed {
            Verdict::of(Status::NonCompliant)
        } else if let Some(why) = missing {
            Verdict::unread(&why)
        } else if state.not_checked {
            Verdict::no_data(Reason::NotChecked)
        } else if state.passed {
            Verdict::of(Status::Compliant)
        } else if any(Said::Excepted) {
            Verdict::of(Status::Excepted)
        } else if state.not_applicable {
            Verdict::of(Status::NoResources)
        } else if any(Said::Suppressed) || any(Said::Archived) {
            Verdict::no_data(Reason::SetApart)
        } else {
            Verdict::no_data(Reason::NoFindings)
        }
    }
}

/// Returns in which parameter a rule checks less than a source demands.
fn weaker(source: &DataSource, need: &RuleNeed<'_>, rule: &ConfigRule) -> Option<Reason> {
    source.required_parameters.iter().find_map(|(parameter, demand)| {
        let value = rule.parameters.get(parameter);
        let met = value.is_some_and(|value| weaker_parameter::is_met(need.which, parameter, demand, value));
        (!met).then(|| Reason::WeakerParameter {
            rule: config_rules::rule_name(&rule.name),
            parameter: parameter.clone(),
            value: value.cloned(),
            demand: demand.to_string(),
        })
    })
}

/// Whether a rule was evaluated without an error since it was deployed, and AWS Config records what it evaluates; `None` if that is not
/// known.
fn had_nothing_to_evaluate(subject: &ConfigSource<'_>, rule: &ConfigRule, found: &mut Found) -> Option<bool> {
    let all = subject.evaluations(found)?;
    let (_, evaluation) = all.iter().find(|(of, _)| of.name == rule.name)?;
    if !succeeded(evaluation) {
        return Some(false);
    }
    records(subject, subject.account, found)
}

/// Whether the last evaluation succeeded since the rule was deployed.
fn succeeded(of: &Evaluation) -> bool {
    let since_deployed = |at: i64| of.activated_at.is_some_and(|activated| activated <= at);
    let after_failure = |at: i64| of.failed_at.is_none_or(|failed| failed < at);
    of.succeeded_at.is_some_and(|at| since_deployed(at) && after_failure(at))
}

/// Whether AWS Config records the types that rules evaluate on changes.
fn records(subject: &ConfigSource<'_>, account: &AccountFacts, found: &mut Found) -> Option<bool> {
    match subject.trigger() {
        Some(Trigger::Periodic) => return Some(true),
        Some(Trigger::Changes | Trigger::Both) => {}
        None => return Some(false),
    }
    let recorders = found.known(&account.recorders)?;
    let records = |recorder: &Recorder| {
        recorder.recording && subject.types().iter().all(|of| recording::gap(recorder, of).is_none())
    };
    Some(recording::own(recorders).is_some_and(records))
}

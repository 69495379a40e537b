//! What is asked: in which accounts and Regions, and of which checks.

use std::collections::BTreeSet;

use super::input::Input;
use super::status::Status;
use crate::catalog::Entry;
use crate::evidence::assessed::AssessedIn;
use crate::evidence::excepted::{self, Accepted};
use crate::evidence::facts::{AccountFacts, Place};
use crate::evidence::need::Need;
use crate::evidence::setup::Found;
use crate::evidence::{Unknown, frameworks_by_control};
use crate::model::{Control, DataSource};

/// Number of a place in [`Asked::places`].
pub(super) type PlaceId = u32;
/// Number of a check in [`Asked::checks`]; a catalog has at most 500 controls with 100 sources each.
pub(super) type CheckId = u16;

/// All that is asked.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) input: Input<'a>,
    /// The accounts and Regions in the scope of any control, sorted.
    pub(super) places: Vec<Place>,
    /// What was read of each of them.
    pub(super) accounts: Vec<Option<&'a AccountFacts>>,
    /// The different scopes of controls.
    pub(super) scopes: Vec<Vec<PlaceId>>,
    pub(super) checks: Vec<Check<'a>>,
    pub(super) questions: Vec<Question<'a>>,
    pub(super) controls: Vec<ControlAsked<'a>>,
}

/// What rows are about: a rule of AWS Config or a control of Security Hub.
#[derive(Debug)]
pub(super) struct Check<'a> {
    pub(super) keyword: &'a str,
    pub(super) source_type: &'static str,
    pub(super) need: Need<'a>,
    pub(super) exceptions: Vec<Accepted<'a>>,
}

/// What a source asks of a check. Sources that ask the same share the answer.
#[derive(Debug)]
pub(super) struct Question<'a> {
    pub(super) check: CheckId,
    pub(super) source: &'a DataSource,
    pub(super) need: Need<'a>,
    pub(super) scope: usize,
}

/// A control and what its sources ask.
#[derive(Debug)]
pub(super) struct ControlAsked<'a> {
    pub(super) entry: &'a Entry<Control>,
    /// Names of the frameworks that have it, of those that are asked for.
    pub(super) frameworks: Vec<&'a str>,
    /// Why its scope is not known.
    pub(super) unknown: Vec<Unknown>,
    /// Whether an active assessment has it.
    pub(super) assessed: bool,
    pub(super) sources: Vec<SourceAsked>,
}

/// What a source asks.
#[derive(Clone, Copy, Debug)]
pub(super) enum SourceAsked {
    /// The question with a number.
    Question(usize),
    /// Nothing: its status is always the same.
    Nothing(Status),
}

/// A control with the accounts in its scope.
struct InScope<'a> {
    entry: &'a Entry<Control>,
    unknown: Vec<Unknown>,
    assessed: bool,
    accounts: usize,
}

impl Check<'_> {
    /// Returns the number of the exception that accepts a resource; of several, that which lasts longest.
    pub(super) fn accepting(&self, account: &str, id: &str) -> Option<usize> {
        self.exceptions.iter().position(|of| of.covers_whole(account) || of.covers_resource(account, id))
    }

    /// Returns the number of the exception that accepts whatever an account has.
    pub(super) fn accepting_whole(&self, account: &str) -> Option<usize> {
        self.exceptions.iter().position(|of| of.covers_whole(account))
    }
}

impl<'a> Asked<'a> {
    pub(super) fn new(input: Input<'a>) -> Self {
        let (controls, accounts) = scopes(input);
        let regions = regions(input);
        let places_of = |accounts: &BTreeSet<String>| -> BTreeSet<Place> {
            let of = |account: &String| {
                regions.iter().map(|region| Place { account: account.clone(), region: region.clone() }).collect()
            };
            accounts.iter().flat_map(|account| -> Vec<Place> { of(account) }).collect()
        };
        let all: BTreeSet<String> = accounts.iter().flatten().cloned().collect();
        let places: Vec<Place> = places_of(&all).into_iter().collect();
        let facts = places.iter().map(|place| input.evidence.facts.accounts.get(place)).collect();
        let mut asked = Self {
            input,
            scopes: Vec::new(),
            accounts: facts,
            checks: Vec::new(),
            questions: Vec::new(),
            controls: Vec::new(),
            places,
        };
        let ids = |of: &BTreeSet<String>| places_of(of).iter().filter_map(|place| asked.place(place)).collect();
        asked.scopes = accounts.iter().map(ids).collect();
        let mut frameworks = frameworks_by_control(input.evidence.catalog);
        for InScope { entry, unknown, assessed, accounts } in controls {
            let sources = entry.value.sources.iter().map(|source| asked.source(source, accounts)).collect();
            let mut frameworks = frameworks.remove(entry.value.name.as_str()).unwrap_or_default();
            frameworks.retain(|name| input.frameworks.contains(name));
            asked.controls.push(ControlAsked { entry, frameworks, unknown, assessed, sources });
        }
        asked
    }

    /// Returns the number of a place; `None` if it is in no scope.
    pub(super) fn place(&self, place: &Place) -> Option<PlaceId> {
        let at = self.places.binary_search(place).ok()?;
        PlaceId::try_from(at).ok()
    }

    /// Adds what a source asks.
    fn source(&mut self, source: &'a DataSource, scope: usize) -> SourceAsked {
        let need = Need::of(source, self.input.evidence.keywords);
        match need {
            Need::Manual => return SourceAsked::Nothing(Status::Manual),
            Need::Nothing | Need::AwsManaged => return SourceAsked::Nothing(Status::EvidenceOnly),
            Need::ConfigRule(_) | Need::HubControl(_) | Need::Unlisted(_) => {}
        }
        let check = self.check(source, &need);
        let same = |known: &Question<'_>| {
            known.check == check
                && known.scope == scope
                && known.source.required_parameters == source.required_parameters
                && known.source.custom_rule == source.custom_rule
        };
        let known = self.questions.iter().position(same);
        SourceAsked::Question(known.unwrap_or_else(|| {
            self.questions.push(Question { check, source, need, scope });
            self.questions.len() - 1
        }))
    }

    fn check(&mut self, source: &'a DataSource, need: &Need<'a>) -> CheckId {
        let keyword = source.keyword.as_deref().map(str::trim).unwrap_or_default();
        let source_type = source.source_type.name();
        let known = self.checks.iter().position(|known| known.keyword == keyword && known.source_type == source_type);
        let at = known.unwrap_or_else(|| {
            let exceptions = excepted::of_check(self.input.evidence.catalog, keyword, self.input.evidence.now);
            self.checks.push(Check { keyword, source_type, need: need.clone(), exceptions });
            self.checks.len() - 1
        });
        CheckId::try_from(at).unwrap_or(CheckId::MAX)
    }
}

/// Returns the controls with the numbers of their accounts, and the accounts.
fn scopes(input: Input<'_>) -> (Vec<InScope<'_>>, Vec<BTreeSet<String>>) {
    let mut different: Vec<BTreeSet<String>> = Vec::new();
    let mut controls = Vec::new();
    let chosen = input.evidence.catalog.controls.iter().filter(|(name, _)| input.controls.contains(name.as_str()));
    for (_, entry) in chosen {
        let mut own = Found::default();
        let facts = input.evidence.facts;
        let of = AssessedIn::new(&entry.value, Vec::new(), &facts.audit_manager, input.evidence.now, &mut own);
        let assessed = of.active().next().is_some();
        let accounts = match of_aggregator(input).filter(|_| !assessed) {
            Some(accounts) => accounts,
            None => of
                .scope(&facts.audit_manager.place, input.evidence.accounts)
                .into_iter()
                .map(|place| place.account)
                .collect(),
        };
        if accounts.is_empty() {
            // None of its accounts is asked for.
            continue;
        }
        let known = different.iter().position(|known| *known == accounts);
        let accounts = known.unwrap_or_else(|| {
            different.push(accounts);
            different.len() - 1
        });
        controls.push(InScope { entry, unknown: own.unknown, assessed, accounts });
    }
    (controls, different)
}

/// Returns the accounts of the aggregator of those that are asked for.
pub(super) fn of_aggregator(input: Input<'_>) -> Option<BTreeSet<String>> {
    let sources = input.aggregator?.sources.known()?;
    let selected = |account: &&String| input.evidence.accounts.is_none_or(|selected| selected.contains(*account));
    Some(sources.keys().map(|place| &place.account).filter(selected).cloned().collect())
}

/// Returns the Regions: those of the aggregator, or that of Audit Manager.
fn regions(input: Input<'_>) -> BTreeSet<String> {
    let of_aggregator = input.aggregator.map(|aggregator| aggregator.regions.clone()).unwrap_or_default();
    let home = &input.evidence.facts.audit_manager.place.region;
    if of_aggregator.is_empty() { BTreeSet::from([home.clone()]) } else { of_aggregator }
}

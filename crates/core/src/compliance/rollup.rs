//! The roll-up: rows go in, in any order, in any number of pages, and any number of times.

use std::collections::{BTreeMap, BTreeSet};

use super::asked::{Asked, CheckId, PlaceId};
use super::facts::{DetailsRead, FindingRow, FindingStatus, ResourceRow, RuleResult, RuleRow};
use super::input::Input;
use super::join::Index;
use super::state::{FindingState, Resources, RuleKey, RuleState, Said, digest};
use crate::evidence::facts::{Fact, Place, Unread};

/// Rolls results up to frameworks. It keeps counters, not rows.
///
/// ```
/// use controlsync_core::compliance::facts::{Reading, RuleRow};
/// use controlsync_core::compliance::{Compliance, Input, Rollup};
/// fn roll_up(input: Input<'_>, rows: impl Iterator<Item = RuleRow>, reading: &Reading) -> Compliance {
///     let mut rollup = Rollup::new(input);
///     for row in rows {
///         rollup.rule(&row);
///         if rollup.needs_details(&row) {
///             // Read its resources, and pass them to `resource` and `details`.
///         }
///     }
///     rollup.finish(reading)
/// }
/// ```
#[derive(Debug)]
pub struct Rollup<'a> {
    pub(super) asked: Asked<'a>,
    pub(super) index: Index<'a>,
    pub(super) rules: BTreeMap<RuleKey, RuleState>,
    pub(super) findings: BTreeMap<(CheckId, PlaceId), FindingState>,
    pub(super) resources: Resources,
    /// Rules whose resources were not all read, and why.
    pub(super) not_listed: BTreeMap<Unread, BTreeSet<RuleKey>>,
    /// Rules with results that their accounts do not have: those of packs that were deleted.
    pub(super) deleted: BTreeSet<(PlaceId, u64)>,
}

impl<'a> Rollup<'a> {
    /// Creates a roll-up without rows.
    pub fn new(input: Input<'a>) -> Self {
        let asked = Asked::new(input);
        Self {
            index: Index::new(&asked),
            asked,
            rules: BTreeMap::new(),
            findings: BTreeMap::new(),
            resources: Resources::default(),
            not_listed: BTreeMap::new(),
            deleted: BTreeSet::new(),
        }
    }

    /// Returns the accounts and Regions that are asked for.
    pub fn places(&self) -> &[Place] {
        &self.asked.places
    }

    /// Returns the names of the rules whose results matter in an account, sorted; none if its rules were not read.
    pub fn rules_of(&self, place: &Place) -> Vec<&'a str> {
        self.asked.place(place).map(|place| self.index.names(place)).unwrap_or_default()
    }

    /// Returns the consolidated IDs of the controls of Security Hub whose findings matter, sorted.
    pub fn security_controls(&self) -> Vec<&'static str> {
        self.index.controls()
    }

    /// Adds the result of a rule.
    pub fn rule(&mut self, row: &RuleRow) {
        let Some(place) = self.asked.place(&row.place) else { return };
        for key in self.index.joined(place, &row.rule) {
            self.rules.entry(key).or_default().add(row.result, row.resources);
        }
        if self.index.is_deleted(&self.asked, place, &row.rule) {
            self.deleted.insert((place, digest(&row.rule)));
        }
    }

    /// Whether the resources of a rule matter: a control asks for the rule, and it is not compliant.
    pub fn needs_details(&self, row: &RuleRow) -> bool {
        // Most rows are of rules that are compliant.
        if row.result != RuleResult::NonCompliant {
            return false;
        }
        let Some(place) = self.asked.place(&row.place) else { return false };
        let matters =
            |key: RuleKey| self.asked.checks[usize::from(key.check)].accepting_whole(&row.place.account).is_none();
        self.index.joined(place, &row.rule).into_iter().any(matters)
    }

    /// Whether an exception may accept what a rule found: its resources decide then, and should be read before those of other rules.
    pub fn may_be_accepted(&self, row: &RuleRow) -> bool {
        let Some(place) = self.asked.place(&row.place) else { return false };
        let keys = self.index.joined(place, &row.rule);
        keys.into_iter().any(|key| !self.asked.checks[usize::from(key.check)].exceptions.is_empty())
    }

    /// Adds a resource that a rule found not compliant.
    pub fn resource(&mut self, row: &ResourceRow) {
        let Some(place) = self.asked.place(&row.place) else { return };
        for key in self.index.joined(place, &row.rule) {
            let state = self.rules.entry(key).or_default();
            let accepting = self.asked.checks[usize::from(key.check)].accepting(&row.place.account, &row.resource.id);
            if let Some(exception) = accepting {
                self.resources.accept(key.check, place, exception, &row.resource);
            } else {
                state.failing = true;
                self.resources.fail(key.check, place, &row.resource, self.asked.input.listed);
            }
        }
    }

    /// Adds that the resources of a rule were read to the end, or why not.
    pub fn details(&mut self, end: &DetailsRead) {
        let Some(place) = self.asked.place(&end.place) else { return };
        for key in self.index.joined(place, &end.rule) {
            match &end.read {
                Fact::Known(()) => self.rules.entry(key).or_default().details = true,
                Fact::Unread(why) => drop(self.not_listed.entry(why.clone()).or_default().insert(key)),
            }
        }
    }

    /// Adds a finding of Security Hub.
    pub fn finding(&mut self, row: &FindingRow) {
        let Some(place) = self.asked.place(&row.place) else { return };
        for check in self.index.checks_of(row) {
            let said = match (row.archived, row.suppressed) {
                (true, _) => Some(Said::Archived),
                (false, true) => Some(Said::Suppressed),
                (false, false) => None,
            };
            if let Some(said) = said {
                self.resources.add(check, place, said, &row.resource);
                continue;
            }
            let failed = row.status == FindingStatus::Failed;
            let accepting = self.asked.checks[usize::from(check)].accepting(&row.place.account, &row.resource.id);
            if let (Some(exception), true) = (accepting, failed) {
                self.resources.accept(check, place, exception, &row.resource);
                continue;
            }
            self.findings.entry((check, place)).or_default().add(row);
            if failed {
                self.resources.fail(check, place, &row.resource, self.asked.input.listed);
            }
        }
    }
}

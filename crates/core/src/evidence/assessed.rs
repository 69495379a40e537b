//! A control in the active assessments.

use std::collections::BTreeSet;

use super::facts::{AssessedControl, Assessment, AuditManagerFacts, Place, Seconds};
use super::setup::Found;
use crate::model::Control;

/// A control in the active assessments.
pub(crate) struct AssessedIn<'a> {
    pub(crate) control: &'a Control,
    /// Names of the frameworks of the catalog that have it.
    pub(crate) frameworks: Vec<&'a str>,
    /// Whether it is in the account; `None` if that was not read.
    pub(crate) applied: Option<bool>,
    /// When it was created, the latest if several have its name.
    pub(crate) created_at: Option<Seconds>,
    /// The assessments that have it.
    pub(crate) entries: Vec<(&'a Assessment, &'a AssessedControl)>,
    /// Whether all assessments were read.
    pub(crate) complete: bool,
    pub(crate) now: Seconds,
}

impl<'a> AssessedIn<'a> {
    /// Finds a control. What was not read and decides is in `found`.
    pub(crate) fn new(
        control: &'a Control,
        frameworks: Vec<&'a str>,
        facts: &'a AuditManagerFacts,
        now: Seconds,
        found: &mut Found,
    ) -> Self {
        let created = found.known(&facts.controls).map(|all| all.get(&control.name).map_or(&[][..], Vec::as_slice));
        let ids: BTreeSet<&str> = created.into_iter().flatten().map(|of| of.id.as_str()).collect();
        let mut entries = Vec::new();
        let mut complete = created.is_some();
        let mut unread = Found::default();
        match unread.known(&facts.assessments) {
            None => complete = false,
            Some(assessments) => {
                for assessment in assessments {
                    let Some(detail) = unread.known(&assessment.detail) else {
                        complete = false;
                        continue;
                    };
                    let is_it = |of: &&AssessedControl| {
                        if ids.is_empty() { of.name == control.name } else { ids.contains(of.id.as_str()) }
                    };
                    entries.extend(detail.controls.iter().filter(is_it).map(|of| (assessment, of)));
                }
            }
        }
        // An assessment that was not read decides: the control may be in it, with other accounts.
        unread.unknown.into_iter().for_each(|why| found.unknown(why));
        let created_at = created.into_iter().flatten().map(|of| of.created_at).max();
        let applied = created.map(|all| !all.is_empty());
        Self { control, frameworks, applied, created_at, entries, complete, now }
    }

    /// The assessments in which it collects.
    pub(crate) fn active(&self) -> impl Iterator<Item = (&'a Assessment, &'a AssessedControl)> {
        self.entries.iter().copied().filter(|(_, of)| of.active)
    }

    /// The accounts in the scope of the assessments in which it collects, of those that are `selected`; the account of Audit Manager if
    /// there are none.
    pub(crate) fn scope(&self, home: &Place, selected: Option<&BTreeSet<String>>) -> Vec<Place> {
        let details = self.active().filter_map(|(assessment, _)| assessment.detail.known());
        let mut accounts: BTreeSet<&str> = details.flat_map(|detail| &detail.accounts).map(String::as_str).collect();
        if accounts.is_empty() {
            accounts.insert(&home.account);
        }
        let is_selected = |account: &&str| selected.is_none_or(|selected| selected.contains(*account));
        let place = |account: &str| Place { account: account.to_owned(), region: home.region.clone() };
        accounts.into_iter().filter(is_selected).map(place).collect()
    }

    /// Whether it is too young to have collected, in every assessment.
    pub(crate) fn is_waiting(&self) -> bool {
        let young = |at: Seconds| at + super::facts::DAY > self.now;
        let mut active = self.active().peekable();
        active.peek().is_some()
            && (self.created_at.is_some_and(young) || active.all(|(assessment, _)| young(assessment.created_at)))
    }
}

//! Problems that are the same in several accounts and sources, together.

use std::collections::{BTreeMap, BTreeSet};

use super::standing::Standing;

/// A problem with all that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group<'a> {
    pub(super) error: bool,
    pub(super) rule: &'a str,
    pub(super) message: &'a str,
    pub(super) help: &'a str,
    /// The accounts; empty if it is about Audit Manager.
    pub(super) accounts: BTreeSet<&'a str>,
    /// The sources, each with its control; without one, it is the control itself.
    pub(super) sources: BTreeMap<(&'a str, Option<&'a str>), &'a str>,
}

/// Returns problems by what is wrong, errors first.
pub(super) fn groups<'a>(standings: impl IntoIterator<Item = &'a Standing>) -> Vec<Group<'a>> {
    let mut all: BTreeMap<(bool, &str, &str, &str), Group<'a>> = BTreeMap::new();
    for standing in standings {
        let Standing { subject, error, message, help, location } = standing;
        let group = all.entry((!error, &subject.rule, message, help)).or_insert_with(|| Group {
            error: *error,
            rule: &subject.rule,
            message,
            help,
            accounts: BTreeSet::new(),
            sources: BTreeMap::new(),
        });
        group.accounts.extend(subject.account.as_deref());
        group.sources.insert((&subject.control, subject.source.as_deref()), location);
    }
    all.into_values().collect()
}

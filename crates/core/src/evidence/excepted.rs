//! Exceptions that are in force for a check.

use globset::GlobSet;

use super::facts::{Seconds, day};
use crate::catalog::{Catalog, Entry};
use crate::model::Exception;
use crate::source::FileId;

/// An exception that is in force: what a report says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// Its file.
    pub file: FileId,
    /// Its last day, `YYYY-MM-DD`, in UTC.
    pub until: String,
    /// Why the deviation is accepted.
    pub reason: String,
}

/// An exception that is in force for a check, ready to be asked many times.
#[derive(Debug)]
pub(crate) struct Accepted<'a> {
    pub(crate) entry: &'a Entry<Exception>,
    accounts: GlobSet,
    resources: GlobSet,
}

/// Returns the exceptions of a check that are in force, those first that last longest.
pub(crate) fn of_check<'a>(catalog: &'a Catalog, check: &str, now: Seconds) -> Vec<Accepted<'a>> {
    let today = day(now);
    let applies = |entry: &&Entry<Exception>| entry.value.check == check && !entry.value.has_ended(&today);
    let mut all: Vec<&Entry<Exception>> = catalog.exceptions.iter().rev().filter(applies).collect();
    all.sort_by(|one, other| other.value.until.cmp(&one.value.until));
    let accepted = |entry: &'a Entry<Exception>| Accepted {
        entry,
        accounts: entry.value.account_patterns(),
        resources: entry.value.resource_patterns(),
    };
    all.into_iter().map(accepted).collect()
}

impl Accepted<'_> {
    /// Whether it accepts whatever a whole account has. One that names resources accepts their results, not that there are none.
    pub(crate) fn covers_whole(&self, account: &str) -> bool {
        self.entry.value.resources.is_empty() && self.covers(account)
    }

    /// Whether it accepts the result of one resource, but not of all.
    pub(crate) fn covers_resource(&self, account: &str, id: &str) -> bool {
        self.resources.is_match(id) && self.covers(account)
    }

    fn covers(&self, account: &str) -> bool {
        self.entry.value.accounts.is_empty() || self.accounts.is_match(account)
    }

    pub(crate) fn in_force(&self) -> InForce {
        let Exception { until, reason, .. } = &self.entry.value;
        InForce { file: self.entry.file, until: until.clone(), reason: reason.clone() }
    }
}

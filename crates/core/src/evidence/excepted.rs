//! Exceptions that are in force for a source.

use super::facts::{Place, Seconds, day};
use crate::catalog::{Catalog, Entry};
use crate::model::{DataSource, Exception};
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

/// Returns the exceptions of a source that accept that a whole account does not collect. One that names resources accepts their results,
/// not that there are none.
pub(super) fn of_source<'a>(catalog: &'a Catalog, source: &DataSource, now: Seconds) -> Vec<&'a Entry<Exception>> {
    let Some(keyword) = &source.keyword else { return Vec::new() };
    let today = day(now);
    let applies = |exception: &Exception| {
        exception.check == *keyword && exception.resources.is_empty() && !exception.has_ended(&today)
    };
    catalog.exceptions.iter().filter(|entry| applies(&entry.value)).collect()
}

/// Returns the one that covers an account: the one that lasts longest.
pub(super) fn for_account(exceptions: &[&Entry<Exception>], place: &Place) -> Option<InForce> {
    let covering = exceptions.iter().filter(|entry| entry.value.covers_account(&place.account));
    let longest = covering.max_by(|one, other| one.value.until.cmp(&other.value.until))?;
    let Exception { until, reason, .. } = &longest.value;
    Some(InForce { file: longest.file, until: until.clone(), reason: reason.clone() })
}

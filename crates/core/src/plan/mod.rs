//! The second entry point: what must change in the account so that it matches the files.
//!
//! Pure and total. Objects are identified by name. The desired state is complete too: a string that a file does not set
//! is empty; only fields that the service fills in are compared if set.
//!
//! In reading order: [`Actual`] is the live state of the account, [`Plan`] and [`Change`] are the result, [`Options`] say what a
//! plan may do. `matching` pairs the data sources and control sets of file and account; `index` has catalog and account by name;
//! `conflict` is what can be wrong with a change. Pure functions over the index resolve what frameworks refer to (`references`),
//! know the tags (`ownership`), compare one object (`diff`), find what uses an object (`impact`) and plan deletions (`prune`).
//! `planner` combines them, and alone decides what blocks a change. [`step()`] returns what must be read first.

mod remedies;
mod tags;
mod actual;
mod change;
mod options;
pub(crate) mod rules;
mod matching;
mod index;
mod conflict;
mod references;
mod ownership;
mod diff;
mod impact;
mod prune;
mod planner;
mod step;

use crate::catalog::Catalog;
use crate::source::Sources;

pub use actual::{
    AccountAssessment, AccountControl, AccountControlSet, AccountFramework, AccountObject, AccountSource, Actual,
    ControlOrigin, Detail, Needs, Stamp, Unconfirmed, Usage,
};
pub use change::{
    Body, Change, ChangeKind, ChangedBy, ControlBody, ControlTarget, FieldChange, FrameworkBody, Impact,
    ImpactedObject, ObjectType, Orphan, Outcome, Plan, Reason, Refusal, Refused, SetBody, SourceBody, TagChange,
    Target, reasons,
};
pub use options::{Adopt, Drift, Options, Removed};
pub(crate) use ownership::{Applied, Desired, applied, recorded};
pub(crate) use references::identity;
pub use remedies::Remedies;
pub use step::{Step, step};
pub(crate) use tags::is_users_tag;
pub use tags::{APPLIED_TAG, CATALOG_TAG, SOURCE_TAG, is_ownership_tag};

/// Plans the changes. Nothing is read or written; what blocks a change is a finding of the plan.
pub fn plan(catalog: &Catalog, sources: &Sources, actual: &Actual, options: &Options) -> Plan {
    planner::run(catalog, sources, actual, options)
}

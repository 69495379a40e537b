//! The second entry point: what would have to change in the account so that it holds what the files say.
//!
//! Pure and total. Identity is the name. The desired state is total too: a text that a file does not state is empty;
//! only what the service fills in is compared where stated.
//!
//! In reading order: [`Actual`] is what the account holds, [`Plan`] and [`Change`] what comes out; `matching` decides
//! which thing of the file is which of the account, `diff` compares one object, `ownership` knows the tags,
//! `planner` brings them together, and `conflict` is the part of it that knows what stands in the way.

mod actual;
mod change;
mod matching;
mod diff;
mod ownership;
mod planner;
mod conflict;
pub(crate) mod rules;

use crate::catalog::Catalog;
use crate::source::Sources;

pub use actual::{Actual, Held, HeldControl, HeldFramework, HeldSet, HeldSource, Needs};
pub use change::{
    Body, Change, ControlBody, ControlTarget, FieldChange, FrameworkBody, Kind, Moved, ObjectType, Outcome, Plan,
    SetBody, SourceBody, TagChange, Target,
};
pub use ownership::{APPLIED_TAG, CATALOG_TAG, SOURCE_TAG, is_ownership_tag};

/// What the caller decides.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What to do with an object of the right name that carries no ownership tags.
    pub adopt: Adopt,
}

/// What to do with an object of the right name that carries no ownership tags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Adopt {
    /// Leave it alone, and say so.
    Never,
    /// Take it over where nothing but tags would change.
    #[default]
    Identical,
    /// Take it over and bring it to what the file says.
    All,
}

/// Plans. Nothing is read or written; what stands in the way is a finding of the plan.
pub fn plan(catalog: &Catalog, sources: &Sources, actual: &Actual, options: &Options) -> Plan {
    planner::run(catalog, sources, actual, options)
}

//! The second entry point: what would have to change in the account so that it holds what the files say.
//!
//! Pure and total. Identity is the name. The desired state is total too: a text that a file does not state is empty;
//! only what the service fills in is compared where stated.
//!
//! In reading order: [`Actual`] is what the account holds, [`Plan`] and [`Change`] what comes out; `matching` decides
//! which thing of the file is which of the account, `diff` compares one object, `ownership` knows the tags, `planner`
//! brings them together; `references`, `prune`, `impact` and `conflict` are the parts of it that know which control is
//! meant, what is deleted, what a change touches, and what stands in the way. [`step()`] says what must be read first.

mod actual;
mod change;
mod matching;
mod diff;
mod ownership;
mod planner;
mod references;
mod prune;
mod impact;
mod conflict;
mod step;
pub(crate) mod rules;

use std::collections::BTreeSet;

use crate::catalog::Catalog;
use crate::source::Sources;

pub use actual::{
    AccountAssessment, AccountControl, AccountControlSet, AccountFramework, AccountObject, AccountSource, Actual,
    ControlOrigin, Detail, Needs, Stamp, Usage,
};
pub use change::{
    Body, Change, ChangeKind, ChangedBy, ControlBody, ControlTarget, DRIFT, FieldChange, FrameworkBody, IN_USE, Impact,
    ImpactedObject, LATER, ObjectType, Orphan, Outcome, PRUNE_GUARD, Plan, Refusal, SetBody, SourceBody, TagChange,
    Target,
};
pub(crate) use ownership::hex;
pub use ownership::{APPLIED_TAG, CATALOG_TAG, SOURCE_TAG, is_ownership_tag};
pub(crate) use ownership::{applied_digest, control_digest, digest_with_sets, is_users_tag, recorded};
pub(crate) use references::identity;
pub use step::{Step, step};

/// What the caller decides.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What to do with an object of the right name that carries no ownership tags.
    pub adopt: Adopt,
    /// Other catalogs whose objects are treated as if they were nobody's.
    pub take_over: BTreeSet<String>,
    /// What becomes of objects of this catalog whose files are gone.
    pub removed: Removed,
    /// How many objects may be deleted at once; none for ten, or a fifth of the catalog's where that is less.
    pub max_deletes: Option<usize>,
    /// Names of the objects that are planned; empty for all.
    pub only: BTreeSet<String>,
    /// Whether to find out what holds the objects that change.
    pub impact: bool,
    /// What becomes of what differs because somebody has changed the account.
    pub drift: Drift,
}

/// What becomes of objects of this catalog whose files are gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Removed {
    /// They are not looked for.
    #[default]
    Ignore,
    /// They are named.
    Name,
    /// As [`Self::DeleteUnused`], but by a later run: the plan has the deletions, and none is carried out.
    DeleteLater,
    /// They are deleted, but for controls that an active assessment or a framework of somebody else holds.
    DeleteUnused,
    /// They are deleted.
    Delete,
}

impl Removed {
    /// As people ask for it: deleted or named. Where some names are chosen, all others are not looked for.
    pub fn asked(prune: bool, only: &BTreeSet<String>) -> Self {
        match (prune, only.is_empty()) {
            (true, _) => Self::Delete,
            (false, true) => Self::Name,
            (false, false) => Self::Ignore,
        }
    }

    /// Whether deletions are planned.
    pub const fn deletes(self) -> bool {
        matches!(self, Self::DeleteLater | Self::DeleteUnused | Self::Delete)
    }
}

/// What becomes of what differs because somebody has changed the account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Drift {
    /// It is brought back to what the file says.
    #[default]
    Repair,
    /// It stays, and is shown.
    Leave,
}

impl Options {
    /// Whether an object of a name is planned.
    fn chooses(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.contains(name)
    }

    /// Whether an object of an owner is treated as if it was nobody's.
    fn takes_over(&self, owner: &str, catalog: &str) -> bool {
        owner != catalog && self.take_over.contains(owner)
    }
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

//! What a plan may do.

use std::collections::BTreeSet;

use super::Remedies;

/// Options of a plan.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What to do with an existing object that is not managed.
    pub adopt: Adopt,
    /// Other catalogs whose objects are treated as not managed.
    pub take_over: BTreeSet<String>,
    /// What to do with objects of this catalog without a file.
    pub removed: Removed,
    /// Maximum number of deletions; `None` for ten, or a fifth of the catalog's objects if that is less.
    pub max_deletes: Option<usize>,
    /// Names of the objects to plan; empty for all.
    pub only: BTreeSet<String>,
    /// Whether to find out what uses the objects that change.
    pub impact: bool,
    /// What to do with drift.
    pub drift: Drift,
    /// What a user can do about what the plan does not do.
    pub remedies: Remedies,
}

/// What to do with objects of this catalog without a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Removed {
    /// Do not look for them.
    #[default]
    Ignore,
    /// List them.
    Name,
    /// As [`Self::DeleteUnused`], but in a later run: the plan contains the deletions, and none is applied.
    DeleteLater,
    /// Delete them, except controls that an active assessment or a framework of another owner uses.
    DeleteUnused,
    /// Delete them.
    Delete,
}

impl Removed {
    /// As the CLI requests it: delete or list them. If only some names are selected, the others are not looked for.
    pub fn requested(prune: bool, only: &BTreeSet<String>) -> Self {
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

/// What to do with drift: changes of the account outside this catalog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Drift {
    /// Change the account back to match the file.
    #[default]
    Repair,
    /// Report it.
    Leave,
}

impl Options {
    /// Whether to plan an object with a name.
    pub(super) fn chooses(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.contains(name)
    }

    /// Whether to treat an object of an owner as not managed.
    pub(super) fn takes_over(&self, owner: &str, catalog: &str) -> bool {
        owner != catalog && self.take_over.contains(owner)
    }
}

/// What to do with an existing object that is not managed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Adopt {
    /// Leave it alone and report it.
    Never,
    /// Adopt it if only tags would change.
    #[default]
    Identical,
    /// Adopt it and update it to match the file.
    All,
}

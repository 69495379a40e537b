//! What a run may do, and why it runs.

use crate::plan::{self, Adopt, Drift, Remedies, Removed};

/// Whether a run writes to the account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// It only reports what it would change.
    #[default]
    Plan,
    /// It applies the changes.
    Apply,
}

impl Mode {
    /// Name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Apply => "apply",
        }
    }
}

/// Which runs are reported by email.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notify {
    /// All runs with something new.
    #[default]
    All,
    /// Runs that changed, newly planned or failed to do something, or with a new or resolved error.
    Changes,
    /// Runs that failed or were interrupted, or with a new or resolved error.
    Errors,
}

/// What the settings of the function can do about what a plan does not do.
const REMEDIES: Remedies = Remedies {
    adopt_identical: "`CONTROLSYNC_ADOPT=identical`",
    adopt_all: "`CONTROLSYNC_ADOPT=all`",
    take_over: |owner| format!("`controlsync apply --take-over {owner}`"),
    delete: "`CONTROLSYNC_ON_REMOVE=delete`",
    max_deletes: |count| format!("`CONTROLSYNC_MAX_DELETES={count}`"),
};

/// Settings of the deployed function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Whether runs write.
    pub mode: Mode,
    /// What to do with existing objects that are not managed.
    pub adopt: Adopt,
    /// Which runs are reported by email.
    pub notify: Notify,
    /// Whether scheduled runs delete objects without a file.
    pub deletes: bool,
    /// Maximum number of deletions.
    pub max_deletes: Option<usize>,
    /// What to do with drift.
    pub drift: Drift,
}

/// What triggered a run; several triggers together make one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "several triggers together make one run")]
pub struct Triggers {
    /// A file of the catalog was uploaded or removed.
    pub upload: bool,
    /// The schedule.
    pub schedule: bool,
    /// A run was requested.
    pub reconcile: bool,
    /// A full report was requested.
    pub report: bool,
}

impl Triggers {
    /// Whether there is no trigger.
    pub fn is_none(self) -> bool {
        self == Self::default()
    }

    /// Returns the combined triggers.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            upload: self.upload || other.upload,
            schedule: self.schedule || other.schedule,
            reconcile: self.reconcile || other.reconcile,
            report: self.report || other.report,
        }
    }

    /// Name in messages and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self { schedule: true, .. } => "schedule",
            Self { upload: true, .. } => "upload",
            Self { reconcile: true, .. } => "reconcile",
            _ => "report",
        }
    }
}

impl Settings {
    /// Whether a run may write to the account: a report alone never does.
    pub const fn writes(&self, triggers: Triggers) -> bool {
        matches!(self.mode, Mode::Apply) && (triggers.upload || triggers.schedule || triggers.reconcile)
    }

    /// Returns the options of the plan.
    pub fn options(&self, triggers: Triggers) -> plan::Options {
        plan::Options {
            adopt: self.adopt,
            removed: match (self.deletes, triggers.schedule && self.writes(triggers)) {
                (false, _) => Removed::Name,
                (true, false) => Removed::DeleteLater,
                (true, true) => Removed::DeleteUnused,
            },
            max_deletes: self.max_deletes,
            impact: true,
            drift: self.drift,
            remedies: REMEDIES,
            ..plan::Options::default()
        }
    }
}

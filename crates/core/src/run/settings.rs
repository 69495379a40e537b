//! What a run may do, and why it runs.

use std::borrow::Cow;

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

/// How the function was deployed, for messages that say how to change a setting: those who read them did not write its
/// environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deployment {
    /// Name of the stack, if `cdk/deploy.sh` updates it.
    pub stack: Option<String>,
    /// Whether the name of the catalog is among the settings.
    pub names_catalog: bool,
}

/// The name that `cdk/deploy.sh` gives a stack by default.
const DEFAULT_STACK: &str = "controlsync";

static BY_ANOTHER_TOOL: Deployment = Deployment { stack: None, names_catalog: false };

impl Default for &Deployment {
    fn default() -> Self {
        &BY_ANOTHER_TOOL
    }
}

impl Deployment {
    /// Returns what gives a setting of the stack a value: the command, or the variable of the function.
    pub fn set(&self, setting: &str, value: &str) -> String {
        if self.stack.is_some() {
            return self.command(&format!("--set {setting}={value}"));
        }
        let mut variable = String::from("CONTROLSYNC_");
        for c in setting.chars() {
            if c.is_ascii_uppercase() {
                variable.push('_');
            }
            variable.push(c.to_ascii_uppercase());
        }
        format!("`{variable}={value}`")
    }

    /// Returns what makes the function write to the account. `catalog` is the name of the catalog.
    pub(super) fn go_live(&self, catalog: &str) -> String {
        match &self.stack {
            Some(_) if self.names_catalog => self.command("--mode apply"),
            Some(_) => self.command(&format!("--set 'catalog={catalog}' --mode apply")),
            None => self.set("mode", "apply"),
        }
    }

    fn command(&self, arguments: &str) -> String {
        let stack = self.stack.as_deref().filter(|stack| *stack != DEFAULT_STACK);
        let stack = stack.map_or(String::new(), |stack| format!("--stack {stack} "));
        format!("`cdk/deploy.sh {stack}{arguments}`")
    }

    /// What the settings can do about what a plan does not do.
    fn remedies(&self) -> Remedies {
        Remedies {
            adopt_identical: Cow::Owned(self.set("adopt", "identical")),
            adopt_all: Cow::Owned(self.set("adopt", "all")),
            take_over: Cow::Borrowed("`controlsync apply --take-over {owner}`"),
            delete: Cow::Owned(self.set("onRemove", "delete")),
            max_deletes: Cow::Owned(self.set("maxDeletes", "{count}")),
        }
    }
}

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
    /// How the settings are changed.
    pub deployment: Deployment,
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
            remedies: self.deployment.remedies(),
            ..plan::Options::default()
        }
    }
}

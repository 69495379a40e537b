//! Why a run has no plan.

use crate::change_result::Failure;
use crate::check::Checked;
use crate::config::DEFAULT_CATALOG;
use crate::diagnostic::Level;
use crate::source::FileKind;

/// Why nothing was planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotPlanned {
    /// A request failed.
    Failed {
        /// What failed.
        what: &'static str,
        /// Why it failed.
        failure: Failure,
    },
    /// The catalog has no definitions yet.
    Empty,
    /// The catalog has no definitions anymore.
    NoDefinitions,
    /// The catalog lost its name: it had one, and now has the built-in one.
    NoName {
        /// Its former name.
        was: String,
    },
    /// The configuration has errors, so owner and tags of the objects are unknown.
    Configuration,
}

impl NotPlanned {
    /// Returns why a checked catalog cannot be planned, if so. `was` is its name in an earlier run.
    pub fn of(checked: &Checked, was: Option<&str>) -> Option<Self> {
        let kind = |file| checked.sources.get(file).kind();
        let errors = checked.diagnostics.iter().filter(|found| found.level == Level::Error);
        if errors.into_iter().any(|found| kind(found.file) == FileKind::Config) {
            return Some(Self::Configuration);
        }
        if let Some(was) = was.filter(|was| checked.catalog.name == DEFAULT_CATALOG && *was != DEFAULT_CATALOG) {
            return Some(Self::NoName { was: was.to_owned() });
        }
        let defines = |kind| matches!(kind, FileKind::Control | FileKind::Framework);
        let nothing = if was.is_none() { Self::Empty } else { Self::NoDefinitions };
        (!checked.sources.iter().any(|(_, source)| defines(source.kind()))).then_some(nothing)
    }

    /// Whether the failure is transient.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Failed { failure: Failure { transient: true, .. }, .. })
    }
}

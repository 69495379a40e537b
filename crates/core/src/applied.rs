//! What became of the changes of a plan.

/// Why a request failed, in the service's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The operation, such as `UpdateControl`.
    pub operation: &'static str,
    /// The error's name, such as `ValidationException`; none where no answer came.
    pub code: Option<String>,
    /// The service's message, or what happened to the request.
    pub message: String,
    /// Fields that the service names, with what it says of each.
    pub fields: Vec<FieldFailure>,
    /// What to do.
    pub help: Option<String>,
    /// Whether the request may have been carried out all the same.
    pub unclear: bool,
}

/// A field that the service refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFailure {
    /// The field, as the service names it.
    pub name: String,
    /// What the service says of it.
    pub message: String,
}

/// What became of one change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeResult {
    /// There was nothing to do.
    Unchanged,
    /// It was carried out; the id of the object.
    Applied {
        /// Id of the object.
        id: String,
    },
    /// Another writer has made an object of the name at the same time.
    Raced {
        /// Id of the object that has the name now: the older one.
        kept: String,
        /// Id of the one that this run had made, and has removed; none where the service refused it.
        removed: Option<String>,
        /// Whether the one that has the name is as the file says.
        same: bool,
    },
    /// A request failed; requests before it may have been carried out, and are done again without harm.
    Failed(Failure),
    /// Something that it needs failed or was blocked, or a finding stands in its way.
    Blocked {
        /// Rule ids and changes.
        by: Vec<String>,
    },
    /// The run was stopped before it.
    NotStarted,
}

impl ChangeResult {
    /// The word for JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Applied { .. } => "applied",
            Self::Raced { .. } => "raced",
            Self::Failed(_) => "failed",
            Self::Blocked { .. } => "blocked",
            Self::NotStarted => "not-started",
        }
    }

    /// Whether the object is now as the file says.
    pub const fn is_done(&self) -> bool {
        matches!(self, Self::Unchanged | Self::Applied { .. } | Self::Raced { same: true, .. })
    }
}

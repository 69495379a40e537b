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
            Self::Failed(_) => "failed",
            Self::Blocked { .. } => "blocked",
            Self::NotStarted => "not-started",
        }
    }

    /// Whether the object is now as the file says.
    pub const fn is_done(&self) -> bool {
        matches!(self, Self::Unchanged | Self::Applied { .. })
    }
}

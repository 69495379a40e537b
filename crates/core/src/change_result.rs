//! Results of the changes of a plan.

use std::fmt;

use crate::catalog::Catalog;
use crate::document::escape;
use crate::plan::{Change, ObjectType, Reason};
use crate::source::FileId;

/// What a failed request failed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// There are no credentials, they have expired, or the service does not know them.
    Credentials,
    /// There was no connection or no response.
    Network,
    /// The certificate of the endpoint is not trusted.
    Certificate,
    /// The service refused the request, or its response cannot be used.
    Service,
    /// This program made a request that cannot be sent.
    Internal,
}

impl FailureKind {
    /// Name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::Network => "network",
            Self::Certificate => "certificate",
            Self::Service => "service",
            Self::Internal => "internal",
        }
    }
}

/// Why a request failed, as reported by the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Operation, such as `UpdateControl`.
    pub operation: &'static str,
    /// What it failed at.
    pub kind: FailureKind,
    /// Error code, such as `ValidationException`; `None` if there was no response.
    pub code: Option<String>,
    /// Message of the service, or what happened to the request.
    pub message: String,
    /// Invalid fields by the service's response.
    pub fields: Vec<FieldFailure>,
    /// What to do.
    pub help: Option<String>,
    /// Whether the request may have been applied nevertheless.
    pub unclear: bool,
    /// Whether it may be transient: throttling, or an error of the service or the network.
    pub transient: bool,
}

impl Failure {
    /// Creates a permanent failure that this program detected in what the service returned.
    pub fn new(operation: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            operation,
            kind: FailureKind::Service,
            code: None,
            message,
            fields: Vec::new(),
            help: None,
            unclear: false,
            transient: false,
        }
    }

    /// Creates a transient failure that this program detected.
    pub fn transient(operation: &'static str, message: impl Into<String>) -> Self {
        Self { transient: true, ..Self::new(operation, message) }
    }

    /// Whether a permission is missing, in the words of any service.
    pub fn is_denied(&self) -> bool {
        matches!(self.code.as_deref(), Some("AccessDeniedException" | "AccessDenied"))
    }
}

/// `UpdateControl: ValidationException: message`.
impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code.as_deref().map_or(String::new(), |code| format!("{code}: "));
        write!(formatter, "{}: {code}{}", self.operation, self.message)
    }
}

/// A field that the service rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFailure {
    /// Name of the field in the service's response.
    pub name: String,
    /// Message of the service.
    pub message: String,
}

/// Result of one change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeResult {
    /// Nothing had to be changed.
    Unchanged,
    /// The change was applied.
    Applied {
        /// ID of the object.
        id: String,
        /// The keys of the file whose texts the service returned in another form.
        altered: Vec<&'static str>,
    },
    /// Another client created an object of the same name concurrently.
    CreatedConcurrently {
        /// ID of the object that keeps the name: the older one.
        kept: String,
        /// ID of the object that this run created and deleted again; `None` if the service rejected its creation.
        removed: Option<String>,
        /// Whether the object that keeps the name matches the file.
        same: bool,
    },
    /// A request failed; earlier requests may have been applied, and are safe to repeat.
    Failed(Failure),
    /// A change that it depends on failed or was blocked, or a finding blocks it.
    Blocked {
        /// Why.
        by: Vec<Reason>,
    },
    /// The run stopped before it.
    NotStarted,
}

impl ChangeResult {
    /// Name in JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Applied { .. } => "applied",
            Self::CreatedConcurrently { .. } => "created-concurrently",
            Self::Failed(_) => "failed",
            Self::Blocked { .. } => "blocked",
            Self::NotStarted => "not-started",
        }
    }

    /// Whether the object now matches the file.
    pub const fn is_done(&self) -> bool {
        matches!(self, Self::Unchanged | Self::Applied { .. } | Self::CreatedConcurrently { same: true, .. })
    }
}

/// Returns the file and JSON pointer of the value behind a field of a request; `None` if the file has no such value.
///
/// Services have several notations: `controlMappingSources.1.member.sourceName` counts from one,
/// `controlMappingSources[0].sourceName` and `/controlMappingSources/0/sourceName` from zero.
pub fn location_of_field(catalog: &Catalog, change: &Change, field: &str) -> Option<(FileId, String)> {
    let (file, sources) = match change.object {
        ObjectType::Control => {
            let entry = catalog.controls.get(&change.name)?;
            (entry.file, entry.value.sources_member)
        }
        ObjectType::Framework => (catalog.frameworks.get(&change.name)?.file, ""),
    };
    let document = catalog.document(file)?;
    let mut pointer = String::new();
    for part in parts(field) {
        let part = match part {
            Part::Name("controlMappingSources") if !sources.is_empty() => sources.to_owned(),
            Part::Name(name) => escape(name),
            Part::Index(index) => index.to_string(),
        };
        let longer = format!("{pointer}/{part}");
        if document.locate(&longer).is_none() {
            break;
        }
        pointer = longer;
    }
    (!pointer.is_empty()).then_some((file, pointer))
}

#[derive(Debug, PartialEq)]
enum Part<'a> {
    Name(&'a str),
    /// 0-based.
    Index(usize),
}

fn parts(field: &str) -> Vec<Part<'_>> {
    // A tag key may contain the separators of other fields.
    for prefix in ["tags.", "tags/", "/tags/"] {
        if let Some(key) = field.strip_prefix(prefix) {
            let key = [".member", ".value", ".key"].iter().find_map(|end| key.strip_suffix(end)).unwrap_or(key);
            return vec![Part::Name("tags"), Part::Name(key)];
        }
    }
    let words: Vec<&str> = field.split(['.', '/', '[', ']']).filter(|word| !word.is_empty()).collect();
    let mut parts = Vec::new();
    for (at, word) in words.iter().enumerate() {
        match word.parse::<usize>() {
            Ok(number) if words.get(at + 1) == Some(&"member") => parts.push(Part::Index(number.saturating_sub(1))),
            Ok(number) => parts.push(Part::Index(number)),
            Err(_) if *word == "member" => {}
            Err(_) => parts.push(Part::Name(word)),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_field_notations_are_parsed() {
        let name = [Part::Name("controlMappingSources"), Part::Index(0), Part::Name("sourceName")];
        for field in [
            "controlMappingSources.1.member.sourceName",
            "controlMappingSources[0].sourceName",
            "/controlMappingSources/0/sourceName",
        ] {
            assert_eq!(parts(field), name, "{field}");
        }
        assert_eq!(parts("tags.a.b/c.member"), [Part::Name("tags"), Part::Name("a.b/c")]);
    }
}

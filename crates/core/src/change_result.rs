//! What became of the changes of a plan.

use std::fmt;

use crate::catalog::Catalog;
use crate::document::escape;
use crate::plan::{Change, ObjectType};
use crate::source::FileId;

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
    /// Whether it may heal by itself: throttling, a fault of the service or of the network.
    pub transient: bool,
}

impl Failure {
    /// What this program finds out by itself: no answer of the service is behind it, and it does not heal by itself.
    pub fn new(operation: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { operation, code: None, message, fields: Vec::new(), help: None, unclear: false, transient: false }
    }

    /// The same, as something that may heal by itself.
    pub fn passing(operation: &'static str, message: impl Into<String>) -> Self {
        Self { transient: true, ..Self::new(operation, message) }
    }
}

/// `UpdateControl: ValidationException: message`.
impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code.as_deref().map_or(String::new(), |code| format!("{code}: "));
        write!(formatter, "{}: {code}{}", self.operation, self.message)
    }
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
    CreatedConcurrently {
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
            Self::CreatedConcurrently { .. } => "created-concurrently",
            Self::Failed(_) => "failed",
            Self::Blocked { .. } => "blocked",
            Self::NotStarted => "not-started",
        }
    }

    /// Whether the object is now as the file says.
    pub const fn is_done(&self) -> bool {
        matches!(self, Self::Unchanged | Self::Applied { .. } | Self::CreatedConcurrently { same: true, .. })
    }
}

/// The value of the file that a field of a request was made from, as file and JSON pointer; none where the service names
/// nothing that the file has.
///
/// Services name fields in several ways: `controlMappingSources.1.member.sourceName` counts from one,
/// `controlMappingSources[0].sourceName` and `/controlMappingSources/0/sourceName` from zero.
pub fn place_of_field(catalog: &Catalog, change: &Change, field: &str) -> Option<(FileId, String)> {
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
    /// Counted from zero.
    Index(usize),
}

fn parts(field: &str) -> Vec<Part<'_>> {
    // A tag key may hold what separates the parts of everything else.
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
    fn every_way_to_name_a_field_is_read() {
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

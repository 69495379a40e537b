//! All definitions by name, with their files and locations.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Document, Node};
use crate::model::{Control, Exception, Framework};
use crate::quotas::Quotas;
use crate::source::{FileId, FileKind, Sources, Span};

/// Maximum number of tags per object in AWS, <https://docs.aws.amazon.com/audit-manager/latest/userguide/tagging.html>.
pub const MAX_TAGS: usize = 50;
/// Maximum number of user tags per object: the limit of AWS minus the three ownership tags.
pub const MAX_USER_TAGS: usize = MAX_TAGS - 3;

/// Maximum number of unknown names with a suggestion.
pub(crate) const MAX_SUGGESTIONS: usize = 100;

/// A definition and its file.
#[derive(Clone, Debug)]
pub struct Entry<T> {
    /// The file.
    pub file: FileId,
    /// The definition.
    pub value: T,
}

/// All definitions of the files, except those of unusable files.
#[derive(Debug, Default)]
pub struct Catalog {
    /// Name of the catalog, which owns the objects.
    pub name: String,
    /// Controls by name.
    pub controls: BTreeMap<String, Entry<Control>>,
    /// Frameworks by name.
    pub frameworks: BTreeMap<String, Entry<Framework>>,
    /// Exceptions, in the order of the files.
    pub exceptions: Vec<Entry<Exception>>,
    /// Paths of the rules in the language of AWS CloudFormation Guard.
    pub guard_rules: BTreeSet<String>,
    /// Quotas of the account.
    pub quotas: Quotas,
    /// Names of controls in unusable files: the rest of their definition is unknown.
    pub unusable_controls: BTreeSet<String>,
    /// Names of frameworks in unusable files.
    pub unusable_frameworks: BTreeSet<String>,
    /// Whether a file has an error: then a missing definition does not prove that its file was removed.
    pub has_errors: bool,
    /// Files that set a name, by kind and name; several are an error.
    pub(crate) files_of_name: BTreeMap<(FileKind, String), Vec<FileId>>,
    documents: BTreeMap<FileId, Document>,
}

impl Catalog {
    /// Returns the location to report for a value of a file.
    pub fn span(&self, sources: &Sources, file: FileId, pointer: &str) -> Span {
        let Some(document) = self.documents.get(&file) else { return Span::default() };
        document.locate(pointer).map_or(Span::default(), |located| located.narrow(sources.get(file)))
    }

    /// Whether a file defines a control of the name, even if the file is unusable.
    pub fn defines_control(&self, name: &str) -> bool {
        self.controls.contains_key(name) || self.unusable_controls.contains(name)
    }

    /// Whether a file defines a framework of the name, even if the file is unusable.
    pub fn defines_framework(&self, name: &str) -> bool {
        self.frameworks.contains_key(name) || self.unusable_frameworks.contains(name)
    }

    pub(crate) fn document(&self, file: FileId) -> Option<&Document> {
        self.documents.get(&file)
    }

    /// Returns the files with suppression comments.
    pub(crate) fn with_comments(&self) -> impl Iterator<Item = (FileId, &Document)> {
        self.documents
            .iter()
            .filter(|(_, document)| !document.comments.is_empty())
            .map(|(file, document)| (*file, document))
    }
}

/// Definition of one file.
#[derive(Debug)]
pub(crate) enum Definition {
    Control(Control),
    Framework(Framework),
}

impl Definition {
    /// Reads a document that is valid by the schema.
    pub(crate) fn from_document(kind: FileKind, document: &Document, default_tags: &BTreeMap<String, String>) -> Self {
        match kind {
            FileKind::Framework => Self::Framework(Framework::from_document(document, default_tags)),
            _ => Self::Control(Control::from_document(document, default_tags)),
        }
    }
}

/// One parsed file on its way into the catalog.
pub(crate) struct Loaded {
    pub file: FileId,
    pub kind: FileKind,
    pub document: Document,
    /// `None` if the file is unusable, or an exception.
    pub definition: Option<Definition>,
    /// `None` if the file is unusable, or a definition.
    pub exception: Option<Exception>,
}

/// Collects the files into a catalog. If two files define the same name, both are unusable.
pub(crate) fn assemble(name: String, quotas: Quotas, files: Vec<Loaded>) -> Catalog {
    let mut catalog = Catalog { name, quotas, ..Catalog::default() };
    let mut definitions = Vec::new();
    for Loaded { file, kind, document, definition, exception } in files {
        catalog.exceptions.extend(exception.map(|value| Entry { file, value }));
        if let Some(name) = document.root.get("name").and_then(Node::as_str) {
            catalog.files_of_name.entry((kind, name.to_owned())).or_default().push(file);
            definitions.push((kind, name.to_owned(), file, definition));
        }
        catalog.documents.insert(file, document);
    }
    for (kind, name, file, definition) in definitions {
        let key = (kind, name);
        let alone = catalog.files_of_name.get(&key).is_some_and(|files| files.len() == 1);
        let (kind, name) = key;
        match definition {
            Some(Definition::Control(value)) if alone => {
                catalog.controls.insert(name, Entry { file, value });
            }
            Some(Definition::Framework(value)) if alone => {
                catalog.frameworks.insert(name, Entry { file, value });
            }
            _ if kind == FileKind::Control => {
                catalog.unusable_controls.insert(name);
            }
            _ => {
                catalog.unusable_frameworks.insert(name);
            }
        }
    }
    catalog
}

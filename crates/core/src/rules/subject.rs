//! What a rule looks at.

use std::collections::BTreeMap;

use crate::catalog::Catalog;
use crate::diagnostic::{Diagnostic, Rule};
use crate::document::{Document, Located};
use crate::source::{FileId, Kind, Source, Sources, Span};

/// A parsed file on its own. Nothing is known of its shape: rules look at every file, whatever the schema says of it.
pub(crate) struct Parsed<'a> {
    pub file: FileId,
    pub source: &'a Source,
    pub document: &'a Document,
    /// The tags that the configuration gives every object.
    pub default_tags: &'a BTreeMap<String, String>,
}

impl Parsed<'_> {
    /// A finding about the value of a member.
    pub(crate) fn finding(&self, rule: &'static Rule, pointer: &str, message: impl Into<String>) -> Diagnostic {
        match self.document.locate(pointer) {
            Some(located) => self.place(rule, located.narrow(self.source), message, located),
            None => Diagnostic::new(rule, self.file, Span::default(), message),
        }
        .at(pointer)
    }

    /// A finding about the key of a member.
    pub(crate) fn finding_at_key(&self, rule: &'static Rule, pointer: &str, message: impl Into<String>) -> Diagnostic {
        match self.document.locate(pointer) {
            Some(located) => self.place(rule, located.key.unwrap_or(located.node.span), message, located),
            None => Diagnostic::new(rule, self.file, Span::default(), message),
        }
        .at(pointer)
    }

    fn place(&self, rule: &'static Rule, span: Span, message: impl Into<String>, located: Located<'_>) -> Diagnostic {
        located.with_anchor(Diagnostic::new(rule, self.file, span, message), self.file)
    }
}

/// The whole catalogue.
pub(crate) struct Whole<'a> {
    pub catalog: &'a Catalog,
    pub sources: &'a Sources,
}

impl Whole<'_> {
    /// A finding about a member of a file.
    pub(crate) fn finding(
        &self,
        rule: &'static Rule,
        file: FileId,
        pointer: &str,
        message: impl Into<String>,
    ) -> Diagnostic {
        let span = self.catalog.span(self.sources, file, pointer);
        Diagnostic::new(rule, file, span, message).at(pointer)
    }

    /// Findings about names that several files state: one for each file but the first.
    pub(crate) fn duplicates(&self, rule: &'static Rule, kind: Kind) -> Vec<Diagnostic> {
        let of_kind = self.catalog.files_of_name.iter().filter(|((found, _), _)| *found == kind);
        let mut found = Vec::new();
        for ((_, name), files) in of_kind {
            let Some((first, others)) = files.split_first() else { continue };
            let place = self.catalog.span(self.sources, *first, "/name");
            for file in others {
                let message = format!("a {} named `{name}` is defined twice", kind.noun());
                let fault = self.finding(rule, *file, "/name", message).related(*first, place, "first here");
                found.push(fault.help("names identify objects in the account: rename one of the two, or remove it"));
            }
        }
        found
    }
}

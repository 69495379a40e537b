//! The input of checks of the complete catalog.

use crate::catalog::Catalog;
use crate::demand::Demand;
use crate::diagnostic::{Diagnostic, Rule};
use crate::document::{Node, pointer_to};
use crate::edit::Editor;
use crate::source::{FileId, FileKind, Sources, Span};
use crate::source_type::{KeywordForm, SourceType};

/// The complete catalog.
pub(crate) struct AllFiles<'a> {
    pub catalog: &'a Catalog,
    pub sources: &'a Sources,
}

/// A data source in the file of a control.
#[derive(Clone, Copy)]
pub(crate) struct SourceNode<'a> {
    pub file: FileId,
    key: &'static str,
    index: usize,
    node: &'a Node,
}

impl SourceNode<'_> {
    /// Returns the pointer of a value in it.
    pub(crate) fn pointer(&self, path: &str) -> String {
        format!("/{}/{}/{path}", self.key, self.index)
    }
}

/// What a control demands of a parameter.
pub(crate) struct Demanded<'a> {
    pub file: FileId,
    pub pointer: String,
    pub identifier: &'a str,
    pub parameter: &'a str,
    pub demand: Demand,
}

/// A former name of a definition.
pub(crate) struct OldName<'a> {
    pub kind: FileKind,
    pub file: FileId,
    pub name: &'a str,
    index: usize,
}

impl OldName<'_> {
    /// Returns its pointer.
    pub(crate) fn pointer(&self) -> String {
        format!("/renamedFrom/{}", self.index)
    }
}

/// A control that a framework uses.
pub(crate) struct Reference<'a> {
    pub file: FileId,
    pub node: &'a Node,
    set: usize,
    index: usize,
}

impl<'a> Reference<'a> {
    /// Returns the name, if it is a reference to a custom control.
    pub(crate) fn name(&self) -> Option<&'a str> {
        self.node.as_str()
    }

    /// Returns its pointer.
    pub(crate) fn pointer(&self) -> String {
        format!("/controlSets/{}/controls/{}", self.set, self.index)
    }
}

impl<'a> AllFiles<'a> {
    /// Returns the controls that frameworks use, including frameworks with other errors.
    pub(crate) fn references(&self) -> impl Iterator<Item = Reference<'a>> {
        let items = |node: &'a Node, key| node.get(key).map(Node::items).unwrap_or_default().iter().enumerate();
        let catalog: &'a Catalog = self.catalog;
        let frameworks = self.sources.iter().filter(|(_, source)| source.kind() == FileKind::Framework);
        let parsed = frameworks.filter_map(|(file, _)| Some((file, catalog.document(file)?)));
        parsed.flat_map(move |(file, document)| {
            items(&document.root, "controlSets").flat_map(move |(set, node)| {
                items(node, "controls").map(move |(index, node)| Reference { file, node, set, index })
            })
        })
    }

    /// Returns the data sources of all controls, including controls with other errors.
    fn sources(&self) -> impl Iterator<Item = SourceNode<'a>> {
        let catalog: &'a Catalog = self.catalog;
        let controls = self.sources.iter().filter(|(_, source)| source.kind() == FileKind::Control);
        let parsed = controls.filter_map(|(file, _)| Some((file, catalog.document(file)?)));
        parsed.flat_map(|(file, document)| {
            ["datasources", "controlMappingSources"].into_iter().flat_map(move |key| {
                let items = document.root.get(key).map(Node::items).unwrap_or_default().iter().enumerate();
                items.map(move |(index, node)| SourceNode { file, key, index, node })
            })
        })
    }

    /// Returns the data sources whose type has a form of keyword, with their keywords.
    fn keywords_of(&self, form: KeywordForm) -> impl Iterator<Item = (SourceNode<'a>, &'a str)> {
        self.sources().filter_map(move |source| {
            let of = source.node.get("sourceType").and_then(Node::as_str).and_then(SourceType::from_name)?;
            let keyword = source.node.get("sourceKeyword")?.get("keywordValue")?.as_str()?;
            (of.keyword().form == form).then_some((source, keyword))
        })
    }

    /// Returns the data sources of AWS Config rules, with their keywords.
    pub(crate) fn config_keywords(&self) -> impl Iterator<Item = (SourceNode<'a>, &'a str)> {
        self.keywords_of(KeywordForm::ConfigRule)
    }

    /// Returns the keywords that an exception can name.
    pub(crate) fn checks(&self) -> impl Iterator<Item = &'a str> {
        let of_hub = self.keywords_of(KeywordForm::SecurityHubControl);
        self.config_keywords().chain(of_hub).map(|(_, keyword)| keyword)
    }

    /// Returns the demands of all controls.
    pub(crate) fn demands(&self) -> impl Iterator<Item = Demanded<'a>> {
        self.sources().flat_map(|source| {
            let keyword = source.node.get("sourceKeyword");
            let identifier = keyword.and_then(|keyword| keyword.get("keywordValue")?.as_str());
            let entries = source.node.get("requiredParameters").map(Node::entries).unwrap_or_default();
            entries.iter().filter_map(move |entry| {
                Some(Demanded {
                    file: source.file,
                    pointer: pointer_to(&source.pointer("requiredParameters"), &entry.key),
                    identifier: identifier?,
                    parameter: &entry.key,
                    demand: Demand::from_node(&entry.value),
                })
            })
        })
    }

    /// Returns the paths of Guard rules that controls name.
    pub(crate) fn guard_paths(&self) -> impl Iterator<Item = (FileId, String, &'a str)> {
        self.sources().filter_map(|source| {
            let path = source.node.get("customRule")?.get("guard")?.as_str()?;
            Some((source.file, source.pointer("customRule/guard"), path))
        })
    }

    /// Returns the span of a key.
    pub(crate) fn key_span(&self, file: FileId, pointer: &str) -> Span {
        let located = self.catalog.document(file).and_then(|document| document.locate(pointer));
        located.and_then(|located| located.key).unwrap_or_default()
    }

    /// Creates a finding about a key of a file.
    pub(crate) fn finding_at_key(
        &self,
        rule: &'static Rule,
        file: FileId,
        pointer: &str,
        message: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::new(rule, file, self.key_span(file, pointer), message).at(pointer)
    }

    /// Returns the former names of definitions.
    pub(crate) fn old_names(&self) -> impl Iterator<Item = OldName<'a>> {
        let catalog: &'a Catalog = self.catalog;
        catalog.files_of_name.iter().flat_map(|((kind, _), files)| files.iter().map(|file| (*kind, *file))).flat_map(
            move |(kind, file)| {
                let names = catalog.document(file).and_then(|document| document.root.get("renamedFrom"));
                let names = names.map(Node::items).unwrap_or_default().iter().enumerate();
                names.filter_map(move |(index, node)| Some(OldName { kind, file, name: node.as_str()?, index }))
            },
        )
    }

    /// Creates a finding about a value of a file.
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

    /// Returns an editor for fixes of a file.
    pub(crate) fn editor(&self, file: FileId) -> Option<Editor<'a>> {
        let (source, document) = (self.sources.get(file), self.catalog.document(file)?);
        Some(Editor { source, document })
    }

    /// Creates findings for names that several files define: one for each file but the first.
    pub(crate) fn duplicates(&self, rule: &'static Rule, kind: FileKind) -> Vec<Diagnostic> {
        let of_kind = self.catalog.files_of_name.iter().filter(|((found, _), _)| *found == kind);
        let mut found = Vec::new();
        for ((_, name), files) in of_kind {
            let Some((first, others)) = files.split_first() else { continue };
            let location = self.catalog.span(self.sources, *first, "/name");
            for file in others {
                let message = format!("the {} `{name}` is defined twice", kind.noun());
                let finding = self.finding(rule, *file, "/name", message);
                let finding = finding.related(*first, location, "first defined here");
                found.push(finding.help("names identify objects in the account: rename or remove one of the two"));
            }
        }
        found
    }
}

//! The inputs of checks of one file and of one data source.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Fix, Rule};
use crate::document::{Document, Entry, Located, Node, is_plain_string, quoted};
use crate::edit::Editor;
use crate::keywords::security_hub::Control;
use crate::keywords::{KeywordMatch, Keywords, List, ListOrigin, ManagedRule, managed_rule};
use crate::quotas::Quotas;
use crate::schema::is_spelling;
use crate::source::{FileId, Source, Span};
use crate::source_type::{KeywordForm, SourceType};

/// A parsed file. Rules also check files that violate the schema, so any key can be missing or have another type.
pub(crate) struct Parsed<'a> {
    pub file: FileId,
    pub source: &'a Source,
    pub document: &'a Document,
    pub keywords: &'a Keywords,
    /// The tags that the configuration adds to every object.
    pub default_tags: &'a BTreeMap<String, String>,
    pub quotas: &'a Quotas,
    /// The current day, `YYYY-MM-DD` in UTC, if it is known.
    pub today: Option<&'a str>,
}

/// A list of data sources, under one of its two keys.
pub(crate) struct SourceList<'a> {
    pub key: &'static str,
    pub items: &'a [Node],
}

impl<'a> Parsed<'a> {
    /// Creates a finding about a value.
    pub(crate) fn finding(&self, rule: &'static Rule, pointer: &str, message: impl Into<String>) -> Diagnostic {
        self.finding_at(rule, pointer, message, |located| located.narrow(self.source))
    }

    /// Creates a finding about a key.
    pub(crate) fn finding_at_key(&self, rule: &'static Rule, pointer: &str, message: impl Into<String>) -> Diagnostic {
        self.finding_at(rule, pointer, message, |located| located.key.unwrap_or(located.node.span))
    }

    /// Creates a finding about an item of a list, at its first line.
    pub(crate) fn finding_at_start(
        &self,
        rule: &'static Rule,
        pointer: &str,
        message: impl Into<String>,
    ) -> Diagnostic {
        self.finding_at(rule, pointer, message, |located| located.first_line(self.source))
    }

    /// Returns the first line of a value.
    pub(crate) fn start_of(&self, pointer: &str) -> Span {
        self.document.locate(pointer).map_or(Span::default(), |located| located.first_line(self.source))
    }

    /// Returns an editor for fixes of this file.
    pub(crate) const fn editor(&self) -> Editor<'a> {
        Editor { source: self.source, document: self.document }
    }

    /// Returns the lists of data sources.
    pub(crate) fn source_lists(&self) -> impl Iterator<Item = SourceList<'a>> {
        ["datasources", "controlMappingSources"]
            .into_iter()
            .filter_map(|key| Some(SourceList { key, items: self.document.root.get(key)?.items() }))
    }

    /// Returns the items of control sets with their pointers.
    pub(crate) fn references(&self) -> impl Iterator<Item = (String, &'a Node)> {
        let items = |node: &'a Node, key| node.get(key).map(Node::items).unwrap_or_default().iter().enumerate();
        items(&self.document.root, "controlSets").flat_map(move |(set, node)| {
            items(node, "controls").map(move |(index, item)| (format!("/controlSets/{set}/controls/{index}"), item))
        })
    }

    /// Returns all data sources.
    pub(crate) fn sources(&self) -> impl Iterator<Item = SourceItem<'_>> {
        self.source_lists().flat_map(move |list| {
            list.items.iter().enumerate().map(move |(index, node)| SourceItem::new(self, list.key, index, node))
        })
    }

    fn finding_at(
        &self,
        rule: &'static Rule,
        pointer: &str,
        message: impl Into<String>,
        span: impl FnOnce(&Located<'_>) -> Span,
    ) -> Diagnostic {
        match self.document.locate(pointer) {
            Some(located) => {
                let diagnostic = Diagnostic::new(rule, self.file, span(&located), message);
                located.with_anchor(diagnostic, self.file)
            }
            None => Diagnostic::new(rule, self.file, Span::default(), message),
        }
        .at(pointer)
    }
}

/// A data source of a control.
pub(crate) struct SourceItem<'a> {
    pub parsed: &'a Parsed<'a>,
    pub node: &'a Node,
    pub source_type: Option<SourceType>,
    /// The keyword, if it is a non-empty string.
    pub keyword: Option<&'a str>,
    /// How the keyword matches the list of the type.
    pub verdict: Option<KeywordMatch<'a>>,
    list: &'static str,
    index: usize,
}

impl<'a> SourceItem<'a> {
    fn new(parsed: &'a Parsed<'a>, list: &'static str, index: usize, node: &'a Node) -> Self {
        let source_type = node.get("sourceType").and_then(Node::as_str).and_then(SourceType::from_name);
        let keyword = node.get("sourceKeyword").and_then(|keyword| keyword.get("keywordValue")).and_then(Node::as_str);
        let keyword = keyword.filter(|keyword| !keyword.trim().is_empty());
        let verdict = source_type.zip(keyword).and_then(|(of, keyword)| parsed.keywords.verdict(of, keyword));
        Self { parsed, node, source_type, keyword, verdict, list, index }
    }

    /// Returns the string at a key.
    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        self.node.get(key).and_then(Node::as_str)
    }

    /// Creates a finding about a value, by its path within the data source.
    pub(crate) fn finding(&self, rule: &'static Rule, path: &str, message: impl Into<String>) -> Diagnostic {
        self.parsed.finding(rule, &self.pointer(path), message)
    }

    /// Creates a finding about a key, by its path within the data source.
    pub(crate) fn finding_at_key(&self, rule: &'static Rule, path: &str, message: impl Into<String>) -> Diagnostic {
        self.parsed.finding_at_key(rule, &self.pointer(path), message)
    }

    /// Creates a fix that renames a key of an object within the data source.
    pub(crate) fn rename(&self, object: &str, key: &str, name: &str) -> Option<Fix> {
        self.parsed.editor().rename_key(&self.pointer(object), key, name, is_spelling(key, name))
    }

    /// Returns the managed rule of AWS Config that the keyword names.
    pub(crate) fn managed_rule(&self) -> Option<&'static ManagedRule> {
        let is_rule = self.source_type.is_some_and(|of| of.keyword().form == KeywordForm::ConfigRule);
        managed_rule(self.keyword.filter(|_| is_rule)?)
    }

    /// Returns the demands on its parameters.
    pub(crate) fn demands(&self) -> &'a [Entry] {
        self.node.get("requiredParameters").map(Node::entries).unwrap_or_default()
    }

    /// Creates a finding about the keyword.
    pub(crate) fn keyword_finding(&self, rule: &'static Rule, message: impl Into<String>) -> Diagnostic {
        self.finding(rule, "sourceKeyword/keywordValue", message)
    }

    /// Creates a fix that replaces a string.
    pub(crate) fn replace(&self, path: &str, text: &str, safe: bool) -> Option<Fix> {
        self.parsed.editor().replace_string(&self.pointer(path), text, safe)
    }

    /// Creates a fix that replaces the keyword.
    pub(crate) fn replace_keyword(&self, keyword: &str, safe: bool) -> Option<Fix> {
        self.replace("sourceKeyword/keywordValue", keyword, safe)
    }

    /// Creates a fix that removes a key.
    pub(crate) fn remove(&self, parent: &str, key: &str, safe: bool) -> Option<Fix> {
        self.parsed.editor().remove_entry(&self.pointer(parent), key, safe)
    }

    /// Returns the list that the keyword is compared with.
    pub(crate) fn list(&self) -> Option<&'a List> {
        self.parsed.keywords.list(self.source_type?)
    }

    fn is_event(&self) -> bool {
        self.source_type.is_some_and(|of| of.keyword().form == KeywordForm::CloudtrailEvent)
    }

    /// Returns that list and its date, for messages.
    pub(crate) fn list_in_words(&self) -> String {
        match self.list().map(List::origin) {
            Some(ListOrigin::File(path)) => format!("the list `{path}`"),
            Some(ListOrigin::BuiltIn { date, .. }) if self.is_event() => {
                format!("the list of events known on {date}, which is derived from IAM actions and operations")
            }
            Some(ListOrigin::BuiltIn { date, .. }) => format!("Audit Manager's list of {date}"),
            None => "any list".to_owned(),
        }
    }

    /// Returns a keyword the way to write it: in quotes if it would otherwise be a number.
    pub(crate) fn written(keyword: &str) -> String {
        if is_plain_string(keyword) { keyword.to_owned() } else { quoted(keyword) }
    }

    /// Returns how to update that list, for help about a keyword that may be newer.
    pub(crate) const fn if_newer() -> &'static str {
        "if AWS added it later, `controlsync keywords --refresh` updates the list from your account"
    }

    /// Returns Security Hub controls with their standards, for messages: `1.4` (CIS v1.2.0) or `IAM.3` (AWS FSBP).
    pub(crate) fn controls_in_words<'c>(controls: impl IntoIterator<Item = &'c Control>) -> String {
        let id = |control: &Control| format!("`{}` ({})", Self::written(control.keyword), control.standard);
        controls.into_iter().map(id).collect::<Vec<_>>().join(" or ")
    }

    /// Returns the keywords in the value, as they are written in the list, if there are several.
    pub(crate) fn several(&self) -> Vec<String> {
        match (self.source_type, self.keyword, &self.verdict) {
            (Some(of), Some(keyword), Some(verdict)) if !verdict.is_known() => {
                self.parsed.keywords.several(of, keyword)
            }
            _ => Vec::new(),
        }
    }

    /// Whether the value contains several keywords.
    pub(crate) fn has_several(&self) -> bool {
        !self.several().is_empty()
    }

    fn pointer(&self, path: &str) -> String {
        let separator = if path.is_empty() { "" } else { "/" };
        format!("/{}/{}{separator}{path}", self.list, self.index)
    }
}

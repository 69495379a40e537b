//! A conformance pack as a template: its sections, before functions are evaluated
//! (<https://docs.aws.amazon.com/config/latest/developerguide/custom-conformance-pack.html>).

use std::collections::BTreeMap;

use super::log::Log;
use crate::document::{Document, Entry, Node, Value};

/// Type of a rule.
pub(super) const RULE: &str = "AWS::Config::ConfigRule";
/// Type of a remediation.
pub(super) const REMEDIATION: &str = "AWS::Config::RemediationConfiguration";

/// The sections of a pack.
pub(super) struct Template<'a> {
    pub description: Option<&'a Node>,
    /// Parameters; `None` for one without a default.
    pub parameters: BTreeMap<&'a str, Option<&'a Node>>,
    pub conditions: BTreeMap<&'a str, &'a Node>,
    pub resources: Vec<Resource<'a>>,
}

/// A resource of a pack.
#[derive(Clone, Copy)]
pub(super) struct Resource<'a> {
    pub entry: &'a Entry,
    /// Type; empty if it has none.
    pub of: &'a str,
}

impl<'a> Resource<'a> {
    pub(super) fn id(self) -> &'a str {
        &self.entry.key
    }

    pub(super) fn property(self, key: &str) -> Option<&'a Node> {
        self.entry.value.get("Properties")?.get(key)
    }
}

impl<'a> Template<'a> {
    /// Reads the sections.
    ///
    /// # Errors
    ///
    /// The document is not a conformance pack: why, as the end of a sentence.
    pub(super) fn read(document: &'a Document, log: &mut Log<'_>) -> Result<Self, String> {
        let root = &document.root;
        if !matches!(root.value, Value::Mapping(_)) {
            return Err(format!("expected a mapping, found {}", root.type_name()));
        }
        let Some(resources) = root.get("Resources") else { return Err("it has no `Resources`".to_owned()) };
        let resources: Vec<Resource<'a>> = resources
            .entries()
            .iter()
            .map(|entry| Resource { entry, of: entry.value.get("Type").and_then(Node::as_str).unwrap_or_default() })
            .collect();
        if !resources.iter().any(|resource| resource.of == RULE) {
            return Err(format!("it has no resource of type `{RULE}`"));
        }
        for entry in root.entries() {
            let known = ["AWSTemplateFormatVersion", "Conditions", "Description", "Parameters", "Resources"];
            if !known.contains(&&*entry.key) {
                log.whole(entry.key_span, &entry.key, "a catalog has no place for this section");
            }
        }
        let section = |key| root.get(key).map(Node::entries).unwrap_or_default();
        let default = |entry: &'a Entry| entry.value.get("Default").filter(|default| default.is_scalar());
        Ok(Self {
            description: root.get("Description"),
            parameters: section("Parameters").iter().map(|entry| (&*entry.key, default(entry))).collect(),
            conditions: section("Conditions").iter().map(|entry| (&*entry.key, &entry.value)).collect(),
            resources,
        })
    }
}

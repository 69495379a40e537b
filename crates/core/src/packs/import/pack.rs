//! A pack, read completely: its description, its rules, and what does not come.

use std::collections::BTreeMap;

use super::controls::{Controls, Needed};
use super::evaluate::{Evaluator, Value};
use super::framework;
use super::log::Log;
use super::rule::Reader;
use super::template::{REMEDIATION, RULE, Template};
use super::{Extent, LeftOut};
use crate::model::Framework;

/// Maximum length of the description of a framework, see `schemas/framework.schema.json`.
const MAX_DESCRIPTION: usize = 1000;

/// A pack, read.
pub(super) struct Pack {
    pub path: String,
    pub name: String,
    pub description: Option<String>,
    pub framework_path: String,
    /// Its rules: their sets and the number of their control.
    pub rules: Vec<(Vec<String>, usize)>,
}

impl Pack {
    /// Reads a pack, and returns what does not come of it.
    pub(super) fn read<'a>(
        number: usize,
        name: String,
        template: &'a Template<'a>,
        log: Log<'a>,
        controls: &mut Controls<'_>,
    ) -> (Self, Vec<LeftOut>) {
        let source = log.source;
        let mut reader = Reader { evaluator: Evaluator::new(source, template), log };
        let mut rules = Vec::new();
        for resource in template.resources.iter().filter(|resource| resource.of == RULE) {
            rules.extend(reader.rule(*resource));
        }
        for resource in template.resources.iter().filter(|resource| resource.of != RULE) {
            if resource.of == REMEDIATION {
                reader.remediation(*resource, &mut rules);
            } else {
                let reason = format!("a conformance pack has no resources of type `{}`", resource.of);
                reader.log.whole(resource.entry.key_span, resource.id(), reason);
            }
        }
        let description = template.description.and_then(|node| {
            let value = reader.evaluator.value(node).ok();
            let text = value.as_ref().and_then(Value::as_text).unwrap_or_default().trim().to_owned();
            if text.is_empty() || text.chars().count() > MAX_DESCRIPTION {
                reader.log.part(
                    node.span,
                    "Description",
                    format!("it is not a string of 1 to {MAX_DESCRIPTION} characters"),
                );
                return None;
            }
            Some(text)
        });
        let mut log = reader.log;
        let framework_path = controls.take_framework(&name);
        let rules = rules.into_iter().map(|rule| {
            for set in rule.sets.iter().filter(|set| framework::set_name(set) != **set) {
                let name = framework::set_name(set);
                log.part(
                    rule.span,
                    &rule.id,
                    format!("names of control sets have no `_` and `\\`: `{set}` becomes `{name}`"),
                );
            }
            (rule.sets.clone(), controls.add(number, rule, &mut log))
        });
        let rules = rules.collect();
        let pack = Self { path: source.path().to_owned(), name, description, framework_path, rules };
        (pack, log.left_out)
    }

    /// Returns that the pack itself does not come.
    pub(super) fn left_out(&self, reason: &str) -> LeftOut {
        let (path, name, reason) = (self.path.clone(), self.name.clone(), reason.to_owned());
        LeftOut { path, line: 1, name, extent: Extent::Whole, reason }
    }

    /// Returns its framework, without the controls that do not come.
    pub(super) fn framework(&self, needed: &[Needed], refused: &[bool], tags: &BTreeMap<String, String>) -> Framework {
        let coming = self.rules.iter().filter(|(_, at)| !refused[*at]);
        Framework {
            name: self.name.clone(),
            renamed_from: Vec::new(),
            description: self.description.clone(),
            compliance_type: String::new(),
            tags: tags.clone(),
            control_sets: framework::sets(coming.map(|(sets, at)| (sets.as_slice(), &*needed[*at].control.name))),
        }
    }
}

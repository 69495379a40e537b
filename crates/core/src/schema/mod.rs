//! Validation with the JSON Schemas in `schemas/`, which define all keys, values and limits. This module runs them and
//! maps their errors to the narrowest location in the file.

pub(crate) mod rules;
mod aliases;
mod compiled;
mod fields;
mod explain;

use serde_json::Value as Json;

use crate::diagnostic::Diagnostic;
use crate::document::Document;
use crate::source::{FileId, FileKind, Source};
use compiled::compiled;
use explain::Context;

pub use compiled::{json, text};
pub use explain::CATALOG_NAME;
pub(crate) use explain::{is_control, is_spelling};
pub(crate) use fields::{is_read_only_field, optional_nulls, read_only_fields};

/// Validates a document with the schema for its kind.
pub fn check(file: FileId, source: &Source, document: &Document) -> Vec<Diagnostic> {
    let Some(schema) = compiled(source.kind()) else { return Vec::new() };
    let mut json = document.to_json();
    for (parent, key) in optional_nulls(source.kind(), document) {
        if let Some(object) = json.pointer_mut(&parent).and_then(Json::as_object_mut) {
            object.remove(&key);
        }
    }
    if schema.validator.is_valid(&json) {
        return Vec::new();
    }
    let context = Context { file, source, document, schema: &schema.json };
    let mut diagnostics: Vec<Diagnostic> =
        schema.validator.iter_errors(&json).flat_map(|error| context.explain(&error)).collect();
    // An empty string that also violates its pattern is reported once.
    let empty: Vec<_> =
        diagnostics.iter().filter(|d| d.rule == &rules::empty_string::RULE).map(|d| d.pointer.clone()).collect();
    diagnostics.retain(|d| d.rule != &rules::forbidden_character::RULE || !empty.contains(&d.pointer));
    diagnostics
}

/// Whether a JSON value is valid according to the schema for its kind.
pub fn accepts(kind: FileKind, value: &Json) -> bool {
    compiled(kind).is_some_and(|schema| schema.validator.is_valid(value))
}

#[cfg(test)]
mod tests {
    use super::explain::rule_of;
    use super::*;

    const CONSTRAINTS: &[&str] = &[
        "type",
        "required",
        "additionalProperties",
        "enum",
        "const",
        "minLength",
        "maxLength",
        "pattern",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
        "propertyNames",
        "not",
        "anyOf",
        "oneOf",
        "allOf",
    ];

    fn constraints(schema: &Json, is_tag_key: bool, path: &str, found: &mut Vec<(String, String, bool)>) {
        let Some(object) = schema.as_object() else { return };
        for (keyword, value) in object {
            let path = format!("{path}/{keyword}");
            match keyword.as_str() {
                "properties" | "$defs" => {
                    for (name, property) in value.as_object().unwrap() {
                        constraints(property, is_tag_key, &format!("{path}/{name}"), found);
                    }
                }
                "items" | "then" | "else" => constraints(value, is_tag_key, &path, found),
                "propertyNames" => constraints(value, true, &path, found),
                "additionalProperties" if value.is_object() => constraints(value, is_tag_key, &path, found),
                _ if CONSTRAINTS.contains(&keyword.as_str()) => found.push((path, keyword.clone(), is_tag_key)),
                _ => {}
            }
        }
    }

    #[test]
    fn every_constraint_of_every_schema_maps_to_a_rule() {
        for kind in [FileKind::Config, FileKind::Control, FileKind::Framework, FileKind::Exception] {
            let mut found = Vec::new();
            constraints(&compiled(kind).unwrap().json, false, "", &mut found);
            assert!(found.len() > 10, "{kind:?}");
            for (path, keyword, is_tag_key) in found {
                let rule = rule_of(&keyword, is_tag_key);
                assert!(rule.is_some_and(|rule| rules::ALL.contains(&rule)), "{kind:?}: no rule for {path}");
            }
        }
    }

    #[test]
    fn the_schemas_have_the_limit_of_user_tags() {
        let limits = |kind: FileKind| {
            let text = text(kind).unwrap();
            let found: Vec<&str> =
                text.split("\"maxProperties\": ").skip(1).map(|rest| rest.split(',').next().unwrap()).collect();
            found.iter().map(|count| count.parse::<usize>().unwrap()).collect::<Vec<_>>()
        };
        for kind in [FileKind::Config, FileKind::Control, FileKind::Framework] {
            assert_eq!(limits(kind), [crate::catalog::MAX_USER_TAGS], "{kind:?}");
        }
    }
}

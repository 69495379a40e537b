//! Keys of a schema with a special meaning: fields that Audit Manager sets, and optional keys without a value.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value as Json;

use super::compiled::{Compiled, compiled};
use crate::document::{Document, Node, pointer_to};
use crate::source::FileKind;

/// Start of the references to schemas of fields that Audit Manager sets.
const READ_ONLY: &str = "#/$defs/readOnly";

/// Whether the schema of a key is that of a field that Audit Manager sets.
pub(crate) fn is_read_only_field(schema: &Json) -> bool {
    schema.get("$ref").and_then(Json::as_str).is_some_and(|reference| reference.starts_with(READ_ONLY))
}

/// Forms of fields, by the pointer of their object, with `*` for list positions, and by name.
pub(crate) type Fields = BTreeMap<String, BTreeMap<String, Validator>>;

/// Returns the fields that Audit Manager sets and that a file cannot set. A key of the same name with a value of another form is not
/// such a field: a list in `controlSources` has data sources that would be lost.
pub(crate) fn read_only_fields(kind: FileKind) -> &'static Fields {
    static CONTROL: LazyLock<Fields> = LazyLock::new(|| collect_read_only_fields(FileKind::Control));
    static FRAMEWORK: LazyLock<Fields> = LazyLock::new(|| collect_read_only_fields(FileKind::Framework));
    static NONE: Fields = BTreeMap::new();
    match kind {
        FileKind::Control => &CONTROL,
        FileKind::Framework => &FRAMEWORK,
        FileKind::Config | FileKind::Exception | FileKind::GuardRule | FileKind::Keywords | FileKind::Ignored => &NONE,
    }
}

fn collect_read_only_fields(kind: FileKind) -> Fields {
    let mut found = Fields::new();
    let Some(Compiled { json: schema, .. }) = compiled(kind) else { return found };
    walk(schema, schema, "", &mut |pointer, name, value| {
        let form = reference(value).filter(|_| is_read_only_field(value)).and_then(|form| schema.pointer(form));
        if let Some(form) = form.and_then(|form| jsonschema::draft202012::new(form).ok()) {
            found.entry(pointer.to_owned()).or_default().insert(name.to_owned(), form);
        }
    });
    found
}

/// Whether Audit Manager sets the field at a pointer.
pub(super) fn is_read_only(kind: FileKind, pointer: &str) -> bool {
    let Some((object, name)) = pointer.rsplit_once('/') else { return false };
    let part =
        |part: &str| if part.bytes().all(|byte| byte.is_ascii_digit()) { "*".to_owned() } else { part.to_owned() };
    let object: Vec<String> =
        object.split('/').map(|text| if text.is_empty() { String::new() } else { part(text) }).collect();
    read_only_fields(kind).get(&object.join("/")).is_some_and(|fields| fields.contains_key(name))
}

/// Returns the pointer of a definition in the same schema that a schema refers to.
pub(super) fn reference(schema: &Json) -> Option<&str> {
    schema.get("$ref").and_then(Json::as_str)?.strip_prefix('#')
}

/// Returns the optional keys without a value, with the pointers of their objects. They are the same as no key. Lists that a definition
/// needs, and keys that it can choose, are not among them.
pub(crate) fn optional_nulls(kind: FileKind, document: &Document) -> Vec<(String, String)> {
    let mut found = Vec::new();
    // Few files have any.
    if !has_null(&document.root) {
        return found;
    }
    if let Some(Compiled { json: schema, .. }) = compiled(kind) {
        collect_nulls(schema, schema, &document.root, "", &mut found);
    }
    found
}

fn has_null(node: &Node) -> bool {
    node.is_null() || node.items().iter().any(has_null) || node.entries().iter().any(|entry| has_null(&entry.value))
}

fn collect_nulls(schema: &Json, root: &Json, node: &Node, pointer: &str, found: &mut Vec<(String, String)>) {
    let schema = reference(schema).and_then(|reference| root.pointer(reference)).unwrap_or(schema);
    // Of such keys, a definition needs one.
    if schema.get("anyOf").is_some() {
        return;
    }
    let required = schema.get("required").and_then(Json::as_array);
    for entry in node.entries() {
        let Some(property) = schema.get("properties").and_then(|properties| properties.get(&entry.key)) else {
            continue;
        };
        let of_key = pointer_to(pointer, &entry.key);
        if !entry.value.is_null() {
            collect_nulls(property, root, &entry.value, &of_key, found);
            continue;
        }
        let form = reference(property).and_then(|reference| root.pointer(reference)).unwrap_or(property);
        let is_required = required.is_some_and(|required| required.iter().any(|key| key == entry.key.as_str()));
        if !is_required && form.get("minItems").is_none() && !is_read_only_field(property) {
            found.push((pointer.to_owned(), entry.key.clone()));
        }
    }
    if let Some(items) = schema.get("items") {
        let items = items.get("then").unwrap_or(items);
        for (index, item) in node.items().iter().enumerate() {
            collect_nulls(items, root, item, &format!("{pointer}/{index}"), found);
        }
    }
}

/// Calls `visit` for every key of every object in the schema.
fn walk(schema: &Json, root: &Json, pointer: &str, visit: &mut impl FnMut(&str, &str, &Json)) {
    let resolved = reference(schema).and_then(|reference| root.pointer(reference)).unwrap_or(schema);
    for (name, value) in resolved.get("properties").and_then(Json::as_object).into_iter().flatten() {
        visit(pointer, name, value);
        walk(value, root, &format!("{pointer}/{name}"), visit);
    }
    for branch in ["then", "else"].into_iter().filter_map(|branch| resolved.get(branch)) {
        walk(branch, root, pointer, visit);
    }
    if let Some(items) = resolved.get("items") {
        walk(items, root, &format!("{pointer}/*"), visit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_only_fields_are_found_at_every_depth() {
        let control = read_only_fields(FileKind::Control);
        let framework = read_only_fields(FileKind::Framework);
        assert!(control[""].contains_key("arn"));
        assert_eq!(control["/datasources/*"].keys().collect::<Vec<_>>(), ["sourceId"]);
        assert_eq!(framework["/controlSets/*"].keys().collect::<Vec<_>>(), ["id"]);
        assert!(framework["/controlSets/*/controls/*"].contains_key("name"));
        for (pointer, expected) in [("/arn", true), ("/name", false), ("/datasources/12/sourceId", true), ("", false)] {
            assert_eq!(is_read_only(FileKind::Control, pointer), expected, "{pointer}");
        }
    }
}

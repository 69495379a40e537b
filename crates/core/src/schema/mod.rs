//! Validation with the JSON Schemas in `schemas/`, which define all keys, values and limits. This module runs them and
//! maps their errors to the narrowest location in the file.

pub(crate) mod rules;
mod aliases;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use serde_json::Value as Json;

use crate::diagnostic::{Diagnostic, Rule};
use crate::document::{Document, Located, Value, escape, quoted};
use crate::edit::Editor;
use crate::source::{FileId, FileKind, Source};
use crate::suggest::closest;

/// Returns the rule for a constraint of a schema. `is_tag_key`: the constraint is below `propertyNames`.
fn rule_of(keyword: &str, is_tag_key: bool) -> Option<&'static Rule> {
    Some(match (keyword, is_tag_key) {
        ("not", true) => &rules::reserved_tag_key::RULE,
        ("minLength" | "maxLength" | "pattern", true) => &rules::invalid_tag_key::RULE,
        ("type", false) => &rules::wrong_type::RULE,
        ("required" | "anyOf", false) => &rules::missing_key::RULE,
        ("additionalProperties", false) => &rules::unknown_key::RULE,
        ("enum", false) => &rules::invalid_value::RULE,
        ("maxLength", false) => &rules::string_too_long::RULE,
        ("minLength", false) => &rules::empty_string::RULE,
        ("pattern", false) => &rules::forbidden_character::RULE,
        ("minItems", false) => &rules::empty_list::RULE,
        ("maxProperties", false) => &rules::too_many_tags::RULE,
        _ => return None,
    })
}

/// A schema, compiled once.
struct Compiled {
    json: Json,
    validator: Validator,
}

impl Compiled {
    #[expect(clippy::expect_used, reason = "the schemas are part of the program; tests compile each of them")]
    fn of(kind: FileKind) -> Self {
        let json: Json = serde_json::from_str(text(kind).unwrap_or("{}")).expect("a schema is JSON");
        let validator = jsonschema::draft202012::new(&json).expect("a schema is valid");
        Self { json, validator }
    }
}

/// The format of a catalog name, for messages.
pub const CATALOG_NAME: &str = "use 1 to 100 letters, digits, inner spaces and _ . : / = + - @";

/// Returns the text of the schema for a file kind; `None` if it has no schema.
pub const fn text(kind: FileKind) -> Option<&'static str> {
    Some(match kind {
        FileKind::Config => include_str!("../../../../schemas/config.schema.json"),
        FileKind::Control => include_str!("../../../../schemas/control.schema.json"),
        FileKind::Framework => include_str!("../../../../schemas/framework.schema.json"),
        FileKind::Keywords | FileKind::Ignored => return None,
    })
}

/// Returns the schema for a file kind as JSON; null if it has no schema.
pub fn json(kind: FileKind) -> Json {
    compiled(kind).map(|schema| schema.json.clone()).unwrap_or_default()
}

fn compiled(kind: FileKind) -> Option<&'static Compiled> {
    static CONFIG: LazyLock<Compiled> = LazyLock::new(|| Compiled::of(FileKind::Config));
    static CONTROL: LazyLock<Compiled> = LazyLock::new(|| Compiled::of(FileKind::Control));
    static FRAMEWORK: LazyLock<Compiled> = LazyLock::new(|| Compiled::of(FileKind::Framework));
    Some(match kind {
        FileKind::Config => &CONFIG,
        FileKind::Control => &CONTROL,
        FileKind::Framework => &FRAMEWORK,
        FileKind::Keywords | FileKind::Ignored => return None,
    })
}

/// Validates a document with the schema for its kind.
pub fn check(file: FileId, source: &Source, document: &Document) -> Vec<Diagnostic> {
    let Some(schema) = compiled(source.kind()) else { return Vec::new() };
    let json = document.to_json();
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

struct Context<'a> {
    file: FileId,
    source: &'a Source,
    document: &'a Document,
    schema: &'a Json,
}

impl Context<'_> {
    fn explain(&self, error: &ValidationError<'_>) -> Vec<Diagnostic> {
        let pointer = error.instance_path().as_str();
        let Some(located) = self.document.locate(pointer) else { return Vec::new() };
        // The unresolved alias is already reported.
        if matches!(located.node.value, Value::Unresolved) {
            return Vec::new();
        }
        match error.kind() {
            // The empty key is already reported.
            ValidationErrorKind::PropertyNames { error }
                if matches!(error.kind(), ValidationErrorKind::Pattern { .. })
                    && error.instance().as_str() == Some("") =>
            {
                Vec::new()
            }
            ValidationErrorKind::PropertyNames { error } => vec![self.tag_key(error, pointer, located)],
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                unexpected.iter().map(|key| self.unknown_key(key, error, pointer, located)).collect()
            }
            ValidationErrorKind::Required { property } => {
                vec![self.missing_key(property.as_str().unwrap_or_default(), pointer, located)]
            }
            ValidationErrorKind::AnyOf { .. } => self.reference_without_control(pointer, located).into_iter().collect(),
            kind => vec![self.value(kind, pointer, located)],
        }
    }

    /// Reports a reference without a control, unless it has an unknown key, which is reported instead.
    fn reference_without_control(&self, pointer: &str, located: Located<'_>) -> Option<Diagnostic> {
        let ignored = read_only_fields(self.source.kind()).get("/controlSets/*/controls/*");
        let is_ignored = |key: &String| ignored.is_some_and(|names| names.contains(key));
        if located.node.entries().iter().any(|entry| !is_ignored(&entry.key)) {
            return None;
        }
        let what = described(pointer, located);
        let name = located.node.get("name").and_then(crate::document::Node::as_str);
        let help = match name {
            Some(name) => format!("write only the name, `- {name}`, or add `id: …`"),
            None => "write only a name, or add `standard: …`, `core: …` or `id: …`".to_owned(),
        };
        let span = located.first_line(self.source);
        let diagnostic =
            Diagnostic::new(&rules::missing_key::RULE, self.file, span, format!("{what} does not identify a control"));
        Some(located.with_anchor(diagnostic.at(pointer).help(help), self.file))
    }

    fn missing_key(&self, key: &str, pointer: &str, located: Located<'_>) -> Diagnostic {
        let noun = self.source.kind().noun();
        let what = if pointer.is_empty() { noun.to_owned() } else { described(pointer, located) };
        // An item of a list has no key: its own first line is more precise than the key of the list.
        let span = located.key.unwrap_or_else(|| located.first_line(self.source));
        let message = format!("missing required key `{key}` in {what}");
        let diagnostic = Diagnostic::new(&rules::missing_key::RULE, self.file, span, message);
        located.with_anchor(diagnostic.at(pointer).help(format!("add `{key}: …`")), self.file)
    }

    fn unknown_key(&self, key: &str, error: &ValidationError<'_>, pointer: &str, located: Located<'_>) -> Diagnostic {
        let schema_path = error.schema_path().as_str();
        let object = schema_path.rsplit_once('/').map_or("", |(object, _)| object);
        let properties =
            self.schema.pointer(object).and_then(|schema| schema.get("properties")).and_then(Json::as_object);
        let known: Vec<&str> = properties
            .into_iter()
            .flatten()
            .filter(|(_, schema)| !is_read_only_field(schema))
            .map(|(name, _)| name.as_str())
            .collect();
        let span = located.node.entry(key).map_or(located.node.span, |entry| entry.key_span);
        let wrapped = pointer.is_empty() && key == self.source.kind().noun();
        let meant = closest(key, known.iter().copied()).or_else(|| aliases::meant(key, &known)).filter(|_| !wrapped);
        let help = match meant {
            _ if wrapped => format!("move the keys inside `{key}` to the top level: a file defines one {key}"),
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("known keys: {}", known.join(", ")),
        };
        // `control_mapping_sources` and `Name` are unambiguous.
        let fix = meant.and_then(|meant| self.editor().rename_key(pointer, key, meant, is_spelling(key, meant)));
        let what = if pointer.is_empty() { self.source.kind().noun().to_owned() } else { described(pointer, located) };
        let diagnostic =
            Diagnostic::new(&rules::unknown_key::RULE, self.file, span, format!("unknown key `{key}` in {what}"));
        located.with_anchor(diagnostic.at(format!("{pointer}/{}", escape(key))).help(help).fix(fix), self.file)
    }

    const fn editor(&self) -> Editor<'_> {
        Editor { source: self.source, document: self.document }
    }

    fn tag_key(&self, error: &ValidationError<'_>, pointer: &str, located: Located<'_>) -> Diagnostic {
        let key = error.instance().as_str().unwrap_or_default();
        let span = located.node.entry(key).map_or(located.node.span, |entry| entry.key_span);
        let (message, help) = match error.kind() {
            ValidationErrorKind::Not { .. } if key.starts_with("aws:") => {
                (format!("tag key `{key}` starts with `aws:`, which is reserved for AWS"), "use another key")
            }
            ValidationErrorKind::Not { .. } => (
                format!("tag key `{key}` starts with `controlsync:`, which is reserved for controlsync"),
                "remove it: controlsync sets these tags automatically",
            ),
            ValidationErrorKind::MaxLength { limit } => {
                (format!("tag key has {} characters; at most {limit} are allowed", key.chars().count()), "shorten it")
            }
            ValidationErrorKind::MinLength { .. } => ("tag key is empty".to_owned(), "write a key"),
            _ => {
                let refused = refused(key, |c| c.is_ascii_alphanumeric() || "+,-./:;<=_".contains(c));
                (
                    format!("tag key `{key}` contains {refused}, which Audit Manager does not allow"),
                    "use only letters, digits and + - = . _ : /",
                )
            }
        };
        let rule = rule_of(error.kind().keyword(), true).unwrap_or(&rules::invalid_tag_key::RULE);
        let diagnostic = Diagnostic::new(rule, self.file, span, message).at(format!("{pointer}/{}", escape(key)));
        located.with_anchor(diagnostic.help(help), self.file)
    }

    fn value(&self, kind: &ValidationErrorKind, pointer: &str, located: Located<'_>) -> Diagnostic {
        let name = described(pointer, located);
        let text = located.node.as_str().unwrap_or_default();
        let count = text.chars().count();
        let (message, help) = match kind {
            ValidationErrorKind::Type { kind } => return self.wrong_type(kind, pointer, located),
            ValidationErrorKind::Enum { options } => return self.invalid_value(options, pointer, located),
            ValidationErrorKind::MaxLength { limit } => {
                let over = count as u64 - limit.min(&(count as u64));
                let help = if pointer.ends_with("/keywordValue") && text.starts_with("Custom_") {
                    format!("shorten the name of the AWS Config rule by {over}: the keyword contains the complete name")
                } else {
                    format!("shorten it by {over}")
                };
                (format!("{name} has {count} characters; at most {limit} are allowed"), help)
            }
            ValidationErrorKind::MinLength { .. } => {
                let part = if located.key.is_some() { "key" } else { "item" };
                (format!("{name} is empty"), format!("write a value, or remove the {part}"))
            }
            ValidationErrorKind::Pattern { .. } => forbidden(&name, pointer, text),
            ValidationErrorKind::MinItems { .. } => {
                (format!("{name} is an empty list"), "add an item, or remove the key".to_owned())
            }
            ValidationErrorKind::Minimum { limit } => {
                (format!("{name} is less than {limit}"), format!("write a whole number of at least {limit}"))
            }
            ValidationErrorKind::MaxProperties { limit } => (
                format!("{name} has {} entries; at most {limit} are allowed", located.node.entries().len()),
                "AWS allows 50 tags per object, and controlsync uses three of them".to_owned(),
            ),
            other => (format!("{name} violates the constraint `{}` of the schema", other.keyword()), String::new()),
        };
        let rule = rule_of(kind.keyword(), false).unwrap_or(&rules::wrong_type::RULE);
        let diagnostic = Diagnostic::new(rule, self.file, located.narrow(self.source), message).at(pointer);
        located.with_anchor(if help.is_empty() { diagnostic } else { diagnostic.help(help) }, self.file)
    }

    fn wrong_type(&self, kind: &TypeKind, pointer: &str, located: Located<'_>) -> Diagnostic {
        let expected = match kind {
            TypeKind::Single(expected) => expected.to_string(),
            TypeKind::Multiple(_) => String::new(),
        };
        let name = described(pointer, located);
        let node = located.node;
        let at = located.narrow(self.source);
        let text = node.anchor.unwrap_or(node.span);
        let (written, tagged) = (self.source.slice(text), self.document.is_tagged(text));
        if expected == "string" && matches!(node.value, Value::Bool(_) | Value::Int(_) | Value::Float | Value::Date) {
            let quoted = quoted(written);
            let message = format!("{name}: expected a string, found {}", node.type_name());
            let diagnostic =
                Diagnostic::new(&rules::unquoted_string::RULE, self.file, at, message).at(pointer).help(if tagged {
                    format!("remove the tag, and quote the value: {quoted}")
                } else {
                    format!("quote it: {quoted}")
                });
            return located.with_anchor(diagnostic.fix(self.editor().quote(pointer)), self.file);
        }
        let (wanted, help) = match expected.as_str() {
            "object" if pointer.is_empty() => {
                ("a mapping", format!("write `key: value` lines; a {} starts with `name:`", self.source.kind().noun()))
            }
            "object" if self.source.kind() == FileKind::Config => (
                "a table",
                format!("write `[{}]` with its keys below it", pointer.trim_start_matches('/').replace('/', ".")),
            ),
            "object" if pointer.ends_with("/sourceKeyword") && node.as_str().is_some() => {
                ("a mapping", format!("write `keywordValue: {written}` on a line below it"))
            }
            "object" => ("a mapping", "write `key: value` lines below it".to_owned()),
            "array" => ("a list", "write its items below it, each on a line that starts with `- `".to_owned()),
            _ if matches!(node.value, Value::Null) => {
                let part = if located.key.is_some() { "key" } else { "item" };
                ("a string", format!("write a value, or remove the {part}"))
            }
            _ if written.starts_with(['{', '[']) => {
                ("a string", format!("write a string; quote it if it starts with `{}`", &written[..1]))
            }
            _ => ("a string", "write a string".to_owned()),
        };
        let message = match node.value {
            Value::Null => format!("{name}: expected {wanted}, found no value"),
            _ => format!("{name}: expected {wanted}, found {}", node.type_name()),
        };
        located.with_anchor(
            Diagnostic::new(&rules::wrong_type::RULE, self.file, at, message).at(pointer).help(help),
            self.file,
        )
    }

    fn invalid_value(&self, options: &Json, pointer: &str, located: Located<'_>) -> Diagnostic {
        let options: Vec<&str> = options.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        let name = described(pointer, located);
        let text = located.node.as_str().unwrap_or_default();
        let meant = closest(text, options.iter().copied());
        let help = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("allowed values: {}", options.join(", ")),
        };
        let fix = meant.and_then(|meant| self.editor().replace_string(pointer, meant, is_spelling(text, meant)));
        let message = match located.node.as_str() {
            Some(text) => format!("invalid value `{text}` for {name}"),
            None => format!("{name}: expected a string, found {}", located.node.type_name()),
        };
        let diagnostic = Diagnostic::new(&rules::invalid_value::RULE, self.file, located.narrow(self.source), message);
        located.with_anchor(diagnostic.at(pointer).help(help).fix(fix), self.file)
    }
}

/// Whether two words differ only in case and punctuation.
fn is_spelling(word: &str, meant: &str) -> bool {
    let letters = |word: &str| -> String {
        word.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    letters(word) == letters(meant)
}

/// Returns the message and help for a string that violates the pattern of its key.
fn forbidden(name: &str, pointer: &str, text: &str) -> (String, String) {
    if pointer.contains("/tags/") {
        return (
            format!("{name} contains a line break, which a tag value cannot contain"),
            "write it on one line".to_owned(),
        );
    }
    if pointer.ends_with("/keywordValue") {
        let refused = refused(text, |c| c.is_ascii_alphanumeric() || c.is_whitespace() || "_-().:/".contains(c));
        return (
            format!("{name} contains {refused}, which Audit Manager does not allow in a keyword"),
            if text.starts_with("Custom_") {
                "AWS Config allows it in rule names, but a keyword cannot contain it: rename the rule".to_owned()
            } else {
                "use letters, digits, spaces and _ - ( ) . : /".to_owned()
            },
        );
    }
    if pointer.starts_with("/controlSets/") && pointer.ends_with("/id") {
        return (
            format!("`{text}` is not a valid control ID"),
            "use the 36-character lowercase ID that `aws auditmanager list-controls` prints".to_owned(),
        );
    }
    match pointer {
        "/catalog" => (format!("invalid value {text:?} for {name}"), CATALOG_NAME.to_owned()),
        "/bucket/name" => (
            format!("`{text}` is not a valid bucket name"),
            "use 3 to 63 lowercase letters, digits, - and ., without s3:// and without a path".to_owned(),
        ),
        "/bucket/prefix" => {
            (format!("{name} contains {}", refused(text, |c| !c.is_control())), "remove it from the prefix".to_owned())
        }
        "/target/region" => (format!("`{text}` is not a valid AWS Region"), "use a name such as eu-west-1".to_owned()),
        "/target/endpoint_url" => {
            (format!("`{text}` is not a valid URL"), "use one such as http://127.0.0.1:4571".to_owned())
        }
        "/target/account" => {
            (format!("`{text}` is not a valid account ID"), "write its 12 digits in quotes".to_owned())
        }
        _ => {
            let allowed = |c: char| {
                c != '\\' && (c != '_' || !pointer.starts_with("/controlSets/") || pointer.contains("/controls/"))
            };
            (
                format!("{name} contains {}, which Audit Manager does not allow", refused(text, allowed)),
                "use another name".to_owned(),
            )
        }
    }
}

/// Describes the first character that is not allowed.
fn refused(text: &str, allowed: impl Fn(char) -> bool) -> String {
    match text.chars().find(|c| !allowed(*c)) {
        Some('\\') => "a backslash".to_owned(),
        Some('_') => "an underscore".to_owned(),
        Some(' ') => "a space".to_owned(),
        Some(c) if c.is_control() => format!("the control character U+{:04X}", c as u32),
        Some(c) => format!("the character `{c}`"),
        None => "an invalid sequence".to_owned(),
    }
}

/// Describes a value by its key, or an item of a list by its number.
fn described(pointer: &str, located: Located<'_>) -> String {
    let mut parts = pointer.rsplit('/').map(crate::document::unescape);
    let last = parts.next().unwrap_or_default();
    match (last.parse::<usize>(), parts.next()) {
        _ if pointer.is_empty() => "the file".to_owned(),
        (Ok(index), Some(parent)) if located.key.is_none() => format!("item {} of `{parent}`", index + 1),
        _ => format!("`{last}`"),
    }
}

fn is_read_only_field(schema: &Json) -> bool {
    schema.get("$ref").and_then(Json::as_str) == Some("#/$defs/readOnlyField")
}

/// Returns the fields that Audit Manager sets and that a file cannot set, by the pointer of their object, with `*` for
/// list positions.
pub fn read_only_fields(kind: FileKind) -> &'static BTreeMap<String, Vec<String>> {
    static CONTROL: LazyLock<BTreeMap<String, Vec<String>>> =
        LazyLock::new(|| collect_read_only_fields(FileKind::Control));
    static FRAMEWORK: LazyLock<BTreeMap<String, Vec<String>>> =
        LazyLock::new(|| collect_read_only_fields(FileKind::Framework));
    static NONE: BTreeMap<String, Vec<String>> = BTreeMap::new();
    match kind {
        FileKind::Control => &CONTROL,
        FileKind::Framework => &FRAMEWORK,
        FileKind::Config | FileKind::Keywords | FileKind::Ignored => &NONE,
    }
}

fn collect_read_only_fields(kind: FileKind) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    let Some(Compiled { json: schema, .. }) = compiled(kind) else { return found };
    walk(schema, schema, "", &mut |pointer, name, value| {
        if is_read_only_field(value) {
            found.entry(pointer.to_owned()).or_insert_with(Vec::new).push(name.to_owned());
        }
    });
    found
}

/// Calls `visit` for every key of every object in the schema.
fn walk(schema: &Json, root: &Json, pointer: &str, visit: &mut impl FnMut(&str, &str, &Json)) {
    let resolved = match schema.get("$ref").and_then(Json::as_str).and_then(|reference| reference.strip_prefix('#')) {
        Some(reference) => root.pointer(reference).unwrap_or(schema),
        None => schema,
    };
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

/// Whether a JSON value is valid according to the schema for its kind.
pub fn accepts(kind: FileKind, value: &Json) -> bool {
    compiled(kind).is_some_and(|schema| schema.validator.is_valid(value))
}

#[cfg(test)]
mod tests {
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
        for kind in [FileKind::Config, FileKind::Control, FileKind::Framework] {
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

    #[test]
    fn read_only_fields_are_found_at_every_depth() {
        let control = read_only_fields(FileKind::Control);
        assert!(control[""].contains(&"arn".to_owned()));
        assert_eq!(control["/datasources/*"], ["sourceId"]);
        assert_eq!(read_only_fields(FileKind::Framework)["/controlSets/*"], ["id"]);
        assert!(read_only_fields(FileKind::Framework)["/controlSets/*/controls/*"].contains(&"name".to_owned()));
    }
}

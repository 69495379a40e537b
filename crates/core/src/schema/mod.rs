//! Shape and limits. The JSON Schemas under `schemas/` are their only place; this module runs them and re-points their
//! errors at the narrowest place in the text.

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

/// The rule that a constraint of a schema belongs to. `name_of_member`: the constraint stands under `propertyNames`.
fn rule_of(keyword: &str, name_of_member: bool) -> Option<&'static Rule> {
    Some(match (keyword, name_of_member) {
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

/// What a catalog's name has to be, in words.
pub const CATALOG_NAME: &str = "use 1 to 100 letters, digits, inner blanks and _ . : / = + - @";

/// The text of the schema of a kind; lists of keywords have none.
pub const fn text(kind: FileKind) -> Option<&'static str> {
    Some(match kind {
        FileKind::Config => include_str!("../../../../schemas/config.schema.json"),
        FileKind::Control => include_str!("../../../../schemas/control.schema.json"),
        FileKind::Framework => include_str!("../../../../schemas/framework.schema.json"),
        FileKind::Keywords | FileKind::Stray => return None,
    })
}

/// The schema of a kind as JSON; null for lists of keywords.
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
        FileKind::Keywords | FileKind::Stray => return None,
    })
}

/// Holds a document against the schema of its kind.
pub fn check(file: FileId, source: &Source, document: &Document) -> Vec<Diagnostic> {
    let Some(schema) = compiled(source.kind()) else { return Vec::new() };
    let json = document.to_json();
    if schema.validator.is_valid(&json) {
        return Vec::new();
    }
    let context = Context { file, source, document, schema: &schema.json };
    let mut diagnostics: Vec<Diagnostic> =
        schema.validator.iter_errors(&json).flat_map(|error| context.explain(&error)).collect();
    // A text that is empty and lacks its form would be told twice.
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
        // What an alias fails to bring in has been told.
        if matches!(located.node.value, Value::Unresolved) {
            return Vec::new();
        }
        match error.kind() {
            // That it is empty has been told.
            ValidationErrorKind::PropertyNames { error }
                if matches!(error.kind(), ValidationErrorKind::Pattern { .. })
                    && error.instance().as_str() == Some("") =>
            {
                Vec::new()
            }
            ValidationErrorKind::PropertyNames { error } => vec![self.name_of_member(error, pointer, located)],
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                unexpected.iter().map(|key| self.unknown_key(key, error, pointer, located)).collect()
            }
            ValidationErrorKind::Required { property } => {
                vec![self.missing_key(property.as_str().unwrap_or_default(), pointer, located)]
            }
            ValidationErrorKind::AnyOf { .. } => self.no_control(pointer, located).into_iter().collect(),
            kind => vec![self.value(kind, pointer, located)],
        }
    }

    /// A reference of a framework that says no control. A member that was meant to is told as an unknown key.
    fn no_control(&self, pointer: &str, located: Located<'_>) -> Option<Diagnostic> {
        let ignored = response_members(self.source.kind()).get("/controlSets/*/controls/*");
        let is_ignored = |key: &String| ignored.is_some_and(|names| names.contains(key));
        if located.node.entries().iter().any(|entry| !is_ignored(&entry.key)) {
            return None;
        }
        let what = described(pointer, located);
        let name = located.node.get("name").and_then(crate::document::Node::as_str);
        let help = match name {
            Some(name) => format!("write the name alone, `- {name}`, or add `id: …`"),
            None => "write a name alone, or add `standard: …`, `core: …` or `id: …`".to_owned(),
        };
        let span = located.first_line(self.source);
        let diagnostic = Diagnostic::new(
            &rules::missing_key::RULE,
            self.file,
            span,
            format!("{what} does not say which control it is"),
        );
        Some(located.with_anchor(diagnostic.at(pointer).help(help), self.file))
    }

    fn missing_key(&self, key: &str, pointer: &str, located: Located<'_>) -> Diagnostic {
        let noun = self.source.kind().noun();
        let what = if pointer.is_empty() { format!("the {noun}") } else { described(pointer, located) };
        // An item of a list has no key: its own first line says more than the key of the list.
        let span = located.key.unwrap_or_else(|| located.first_line(self.source));
        let diagnostic = Diagnostic::new(&rules::missing_key::RULE, self.file, span, format!("{what} has no `{key}`"));
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
            _ if wrapped => format!("write what is inside `{key}` at the top: one file holds one {key}"),
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("known here: {}", known.join(", ")),
        };
        // `control_mapping_sources` and `Name` can mean nothing else.
        let fix = meant.and_then(|meant| self.editor().rename_key(pointer, key, meant, is_spelling(key, meant)));
        let what =
            if pointer.is_empty() { format!("a {}", self.source.kind().noun()) } else { described(pointer, located) };
        let diagnostic =
            Diagnostic::new(&rules::unknown_key::RULE, self.file, span, format!("{what} has no member `{key}`"));
        located.with_anchor(diagnostic.at(format!("{pointer}/{}", escape(key))).help(help).fix(fix), self.file)
    }

    const fn editor(&self) -> Editor<'_> {
        Editor { source: self.source, document: self.document }
    }

    fn name_of_member(&self, error: &ValidationError<'_>, pointer: &str, located: Located<'_>) -> Diagnostic {
        let key = error.instance().as_str().unwrap_or_default();
        let span = located.node.entry(key).map_or(located.node.span, |entry| entry.key_span);
        let (message, help) = match error.kind() {
            ValidationErrorKind::Not { .. } if key.starts_with("aws:") => {
                (format!("the tag key `{key}` starts with `aws:`, which AWS keeps for itself"), "choose another key")
            }
            ValidationErrorKind::Not { .. } => (
                format!("the tag key `{key}` starts with `controlsync:`, which marks the objects of a catalog"),
                "remove the line: controlsync sets these tags itself",
            ),
            ValidationErrorKind::MaxLength { limit } => {
                (format!("a tag key has {} characters; at most {limit} are allowed", key.chars().count()), "shorten it")
            }
            ValidationErrorKind::MinLength { .. } => ("a tag key is empty".to_owned(), "name the tag"),
            _ => {
                let refused = refused(key, |c| c.is_ascii_alphanumeric() || "+,-./:;<=_".contains(c));
                (
                    format!("the tag key `{key}` has {refused}, which Audit Manager refuses"),
                    "use letters, digits and + - = . _ : / only",
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
                    format!("give the AWS Config rule a name that is shorter by {over}: it is named here as a whole")
                } else {
                    format!("shorten it by {over}")
                };
                (format!("{name} has {count} characters; at most {limit} are allowed"), help)
            }
            ValidationErrorKind::MinLength { .. } => {
                let part = if located.key.is_some() { "key" } else { "item" };
                (format!("{name} is empty"), format!("write a text, or remove the {part}"))
            }
            ValidationErrorKind::Pattern { .. } => forbidden(&name, pointer, text),
            ValidationErrorKind::MinItems { .. } => {
                (format!("{name} is an empty list"), "add an item, or remove the key".to_owned())
            }
            ValidationErrorKind::MaxProperties { limit } => (
                format!("{name} has {} entries; at most {limit} are allowed", located.node.entries().len()),
                "AWS takes 50 tags, and three are needed to mark the object as this catalog's".to_owned(),
            ),
            other => (format!("{name} breaks the constraint `{}` of the schema", other.keyword()), String::new()),
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
        if expected == "string" && matches!(node.value, Value::Bool(_) | Value::Int | Value::Float | Value::Date) {
            let quoted = quoted(written);
            let language = if self.source.kind() == FileKind::Config { "TOML" } else { "YAML" };
            let message = format!("{name} is {} to {language}; a text is expected", node.type_name());
            let diagnostic =
                Diagnostic::new(&rules::unquoted_string::RULE, self.file, at, message).at(pointer).help(if tagged {
                    format!("leave the tag out, and quote it: {quoted}")
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
                format!("write `[{}]` and its keys below it", pointer.trim_start_matches('/').replace('/', ".")),
            ),
            "object" if pointer.ends_with("/sourceKeyword") && node.as_str().is_some() => {
                ("a mapping", format!("write `keywordValue: {written}` on a line below it"))
            }
            "object" => ("a mapping", "write `key: value` lines below it".to_owned()),
            "array" => ("a list", "write its items below it, each on a line that starts with `- `".to_owned()),
            _ if matches!(node.value, Value::Null) => {
                let part = if located.key.is_some() { "key" } else { "item" };
                ("a text", format!("write a text, or remove the {part}"))
            }
            _ if written.starts_with(['{', '[']) => {
                ("a text", format!("write one text; quote it where it starts with `{}`", &written[..1]))
            }
            _ => ("a text", "write one text".to_owned()),
        };
        let message = match node.value {
            Value::Null => format!("{name} has no value; {wanted} is expected"),
            _ => format!("{name} is {}; {wanted} is expected", node.type_name()),
        };
        located.with_anchor(
            Diagnostic::new(&rules::wrong_type::RULE, self.file, at, message).at(pointer).help(help),
            self.file,
        )
    }

    fn invalid_value(&self, options: &Json, pointer: &str, located: Located<'_>) -> Diagnostic {
        let options: Vec<&str> = options.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        let written =
            located.node.as_str().map_or_else(|| located.node.type_name().to_owned(), |text| format!("`{text}`"));
        let text = located.node.as_str().unwrap_or_default();
        let meant = closest(text, options.iter().copied());
        let help = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("one of {}", options.join(", ")),
        };
        let fix = meant.and_then(|meant| self.editor().replace_text(pointer, meant, is_spelling(text, meant)));
        let message = format!("{} is {written}, which is none of its values", described(pointer, located));
        let diagnostic = Diagnostic::new(&rules::invalid_value::RULE, self.file, located.narrow(self.source), message);
        located.with_anchor(diagnostic.at(pointer).help(help).fix(fix), self.file)
    }
}

/// Whether a word is another one but for case and what stands between its parts.
fn is_spelling(word: &str, meant: &str) -> bool {
    let letters = |word: &str| -> String {
        word.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    letters(word) == letters(meant)
}

/// What a text may not hold, by the member that it belongs to. The figures are in the schemas, the words here.
fn forbidden(name: &str, pointer: &str, text: &str) -> (String, String) {
    if pointer.contains("/tags/") {
        return (format!("{name} has a line break, which a tag value cannot hold"), "write it on one line".to_owned());
    }
    if pointer.ends_with("/keywordValue") {
        let refused = refused(text, |c| c.is_ascii_alphanumeric() || c.is_whitespace() || "_-().:/".contains(c));
        return (
            format!("{name} has {refused}, which Audit Manager refuses in a keyword"),
            if text.starts_with("Custom_") {
                "AWS Config takes it in the name of a rule, a keyword does not: give the rule another name".to_owned()
            } else {
                "use letters, digits, blanks and _ - ( ) . : /".to_owned()
            },
        );
    }
    if pointer.starts_with("/controlSets/") && pointer.ends_with("/id") {
        return (
            format!("{name} is no id of a control"),
            "write its 36 characters in lower case, as `aws auditmanager list-controls` prints them".to_owned(),
        );
    }
    match pointer {
        "/catalog" => (format!("{name} cannot be {text:?}"), CATALOG_NAME.to_owned()),
        "/bucket/name" => (
            format!("{name} is no name of a bucket"),
            "write 3 to 63 lower-case letters, digits, - and . without s3:// and without a folder".to_owned(),
        ),
        "/bucket/prefix" => {
            (format!("{name} has {}", refused(text, |c| !c.is_control())), "leave it out of the prefix".to_owned())
        }
        "/target/region" => (format!("{name} is no AWS Region"), "use a name such as eu-west-1".to_owned()),
        "/target/endpoint_url" => (format!("{name} is no URL"), "use one such as http://127.0.0.1:4571".to_owned()),
        "/target/account" => (format!("{name} is no account id"), "write its 12 digits, quoted".to_owned()),
        _ => {
            let allowed = |c: char| {
                c != '\\' && (c != '_' || !pointer.starts_with("/controlSets/") || pointer.contains("/controls/"))
            };
            (
                format!("{name} has {}, which Audit Manager refuses", refused(text, allowed)),
                "choose another name".to_owned(),
            )
        }
    }
}

/// The first character that is not allowed, in words.
fn refused(text: &str, allowed: impl Fn(char) -> bool) -> String {
    match text.chars().find(|c| !allowed(*c)) {
        Some('\\') => "a backslash".to_owned(),
        Some('_') => "an underscore".to_owned(),
        Some(' ') => "a blank".to_owned(),
        Some(c) if c.is_control() => format!("the control character U+{:04X}", c as u32),
        Some(c) => format!("the character `{c}`"),
        None => "a form".to_owned(),
    }
}

/// A member in words: its name, and for an item of a list its number.
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
    schema.get("$ref").and_then(Json::as_str) == Some("#/$defs/responseMember")
}

/// The members of files of a kind that Audit Manager prints and that a file cannot set, by the pointer of the object
/// they stand in, list positions as `*`.
pub fn response_members(kind: FileKind) -> &'static BTreeMap<String, Vec<String>> {
    static CONTROL: LazyLock<BTreeMap<String, Vec<String>>> =
        LazyLock::new(|| collect_response_members(FileKind::Control));
    static FRAMEWORK: LazyLock<BTreeMap<String, Vec<String>>> =
        LazyLock::new(|| collect_response_members(FileKind::Framework));
    static NONE: BTreeMap<String, Vec<String>> = BTreeMap::new();
    match kind {
        FileKind::Control => &CONTROL,
        FileKind::Framework => &FRAMEWORK,
        FileKind::Config | FileKind::Keywords | FileKind::Stray => &NONE,
    }
}

fn collect_response_members(kind: FileKind) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    let Some(Compiled { json: schema, .. }) = compiled(kind) else { return found };
    walk(schema, schema, "", &mut |pointer, name, member| {
        if is_read_only_field(member) {
            found.entry(pointer.to_owned()).or_insert_with(Vec::new).push(name.to_owned());
        }
    });
    found
}

/// Calls back for every member of every object that the schema describes.
fn walk(schema: &Json, root: &Json, pointer: &str, visit: &mut impl FnMut(&str, &str, &Json)) {
    let resolved = match schema.get("$ref").and_then(Json::as_str).and_then(|reference| reference.strip_prefix('#')) {
        Some(reference) => root.pointer(reference).unwrap_or(schema),
        None => schema,
    };
    for (name, member) in resolved.get("properties").and_then(Json::as_object).into_iter().flatten() {
        visit(pointer, name, member);
        walk(member, root, &format!("{pointer}/{name}"), visit);
    }
    for branch in ["then", "else"].into_iter().filter_map(|branch| resolved.get(branch)) {
        walk(branch, root, pointer, visit);
    }
    if let Some(items) = resolved.get("items") {
        walk(items, root, &format!("{pointer}/*"), visit);
    }
}

/// Whether a value, given as JSON, is one that the schema of its kind takes.
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

    fn constraints(schema: &Json, name_of_member: bool, path: &str, found: &mut Vec<(String, String, bool)>) {
        let Some(object) = schema.as_object() else { return };
        for (keyword, value) in object {
            let path = format!("{path}/{keyword}");
            match keyword.as_str() {
                "properties" | "$defs" => {
                    for (name, member) in value.as_object().unwrap() {
                        constraints(member, name_of_member, &format!("{path}/{name}"), found);
                    }
                }
                "items" | "then" | "else" => constraints(value, name_of_member, &path, found),
                "propertyNames" => constraints(value, true, &path, found),
                "additionalProperties" if value.is_object() => constraints(value, name_of_member, &path, found),
                _ if CONSTRAINTS.contains(&keyword.as_str()) => found.push((path, keyword.clone(), name_of_member)),
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
            for (path, keyword, name_of_member) in found {
                let rule = rule_of(&keyword, name_of_member);
                assert!(rule.is_some_and(|rule| rules::ALL.contains(&rule)), "{kind:?}: no rule for {path}");
            }
        }
    }

    #[test]
    fn the_schemas_know_how_many_tags_are_left() {
        let most = |kind: FileKind| {
            let text = text(kind).unwrap();
            let found: Vec<&str> =
                text.split("\"maxProperties\": ").skip(1).map(|rest| rest.split(',').next().unwrap()).collect();
            found.iter().map(|count| count.parse::<usize>().unwrap()).collect::<Vec<_>>()
        };
        for kind in [FileKind::Config, FileKind::Control, FileKind::Framework] {
            assert_eq!(most(kind), [crate::catalog::MAX_USER_TAGS], "{kind:?}");
        }
    }

    #[test]
    fn response_members_are_found_at_every_depth() {
        let control = response_members(FileKind::Control);
        assert!(control[""].contains(&"arn".to_owned()));
        assert_eq!(control["/datasources/*"], ["sourceId"]);
        assert_eq!(response_members(FileKind::Framework)["/controlSets/*"], ["id"]);
        assert!(response_members(FileKind::Framework)["/controlSets/*/controls/*"].contains(&"name".to_owned()));
    }
}

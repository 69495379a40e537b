//! From the errors of the validator to findings at the narrowest location.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::Value as Json;

use super::fields::{is_read_only, is_read_only_field, read_only_fields, reference};
use super::{aliases, rules};
use crate::diagnostic::{Diagnostic, Rule};
use crate::document::{Document, Located, Node, Value, escape, quoted};
use crate::edit::Editor;
use crate::identifiers::control_id;
use crate::source::{FileId, FileKind, Source};
use crate::suggest::closest;

/// Returns the rule for a constraint of a schema. `is_tag_key`: the constraint is below `propertyNames`.
pub(super) fn rule_of(keyword: &str, is_tag_key: bool) -> Option<&'static Rule> {
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

/// The format of a catalog name, for messages.
pub const CATALOG_NAME: &str = "use 1 to 100 letters, digits, inner spaces and _ . : / = + - @";

/// A document that violates its schema.
pub(super) struct Context<'a> {
    pub file: FileId,
    pub source: &'a Source,
    pub document: &'a Document,
    pub schema: &'a Json,
}

impl Context<'_> {
    /// Returns the findings for an error of the validator.
    pub(super) fn explain(&self, error: &ValidationError<'_>) -> Vec<Diagnostic> {
        let pointer = error.instance_path().as_str();
        let Some(located) = self.document.locate(pointer) else { return Vec::new() };
        // The unresolved alias is already reported.
        if matches!(located.node.value, Value::Unresolved) {
            return Vec::new();
        }
        if is_read_only(self.source.kind(), pointer) {
            return vec![self.not_read_only(pointer, located)];
        }
        if let Some(reported) = self.nested_control(error.kind(), pointer, located) {
            return reported;
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
            ValidationErrorKind::AnyOf { .. } if pointer.ends_with("/customRule") => {
                let span = located.key.unwrap_or_else(|| located.first_line(self.source));
                let message = "`customRule` does not say what evaluates the rule";
                let diagnostic = Diagnostic::new(&rules::missing_key::RULE, self.file, span, message).at(pointer);
                let help = format!(
                    "add `{}` or `{}`",
                    self.source.entry("guard", "rules/….guard"),
                    self.source.entry("lambda", "arn:…")
                );
                vec![located.with_anchor(diagnostic.help(help), self.file)]
            }
            ValidationErrorKind::AnyOf { .. } => self.reference_without_control(pointer, located).into_iter().collect(),
            kind => vec![self.value(kind, pointer, located)],
        }
    }

    /// Reports a reference without a control, unless it has an unknown key, which is reported instead.
    fn reference_without_control(&self, pointer: &str, located: Located<'_>) -> Option<Diagnostic> {
        let ignored = read_only_fields(self.source.kind()).get("/controlSets/*/controls/*");
        let is_ignored = |key: &String| ignored.is_some_and(|names| names.contains_key(key));
        if located.node.entries().iter().any(|entry| !is_ignored(&entry.key)) {
            return None;
        }
        let what = described(pointer, located);
        let name = located.node.get("name").and_then(Node::as_str);
        let [standard, core, id] = ["standard", "core", "id"].map(|key| self.source.entry(key, "…"));
        let help = name.map_or_else(
            || format!("write only a name, or add `{standard}`, `{core}` or `{id}`"),
            |name| format!("write only the name, `{}`, or add `{id}`", self.item(name)),
        );
        let span = located.first_line(self.source);
        let diagnostic =
            Diagnostic::new(&rules::missing_key::RULE, self.file, span, format!("{what} does not identify a control"));
        Some(located.with_anchor(diagnostic.at(pointer).help(help), self.file))
    }

    /// Returns an item of a list as the file writes it.
    fn item(&self, text: &str) -> String {
        if self.source.is_json() { quoted(text) } else { format!("- {text}") }
    }

    /// Reports a field of Audit Manager whose value has another form.
    fn not_read_only(&self, pointer: &str, located: Located<'_>) -> Diagnostic {
        let (object, key) = pointer.rsplit_once('/').unwrap_or(("", pointer));
        let Some(of_object) = self.document.locate(object) else { return self.wrong_field(key, pointer, located) };
        let meant = aliases::meant(key, &self.keys_of(object));
        let finding = self.wrong_field(key, pointer, of_object);
        match meant.filter(|_| !located.node.is_scalar()) {
            Some(meant) => {
                let finding = finding.help(format!("did you mean `{meant}`?"));
                finding.fix(self.editor().rename_key(object, key, meant, false))
            }
            None => finding.help(format!("remove it, or write it as a tag: only Audit Manager sets `{key}`")),
        }
    }

    fn wrong_field(&self, key: &str, pointer: &str, of_object: Located<'_>) -> Diagnostic {
        let (object, _) = pointer.rsplit_once('/').unwrap_or_default();
        let what = if object.is_empty() { self.source.kind().noun().to_owned() } else { described(object, of_object) };
        let span = of_object.node.entry(key).map_or(of_object.node.span, |entry| entry.key_span);
        let message = format!("unknown key `{key}` in {what}");
        of_object
            .with_anchor(Diagnostic::new(&rules::unknown_key::RULE, self.file, span, message).at(pointer), self.file)
    }

    /// Returns the keys that an object of the file can have.
    fn keys_of(&self, object: &str) -> Vec<&str> {
        let mut schema = self.schema;
        for part in object.split('/').skip(1) {
            let resolved = reference(schema).and_then(|reference| self.schema.pointer(reference)).unwrap_or(schema);
            let property = resolved.get("properties").and_then(|properties| properties.get(part));
            let Some(next) = property.or_else(|| resolved.get("items")) else { return Vec::new() };
            schema = next.get("then").unwrap_or(next);
        }
        let resolved = reference(schema).and_then(|reference| self.schema.pointer(reference)).unwrap_or(schema);
        let properties = resolved.get("properties").and_then(Json::as_object).into_iter().flatten();
        properties.filter(|(_, schema)| !is_read_only_field(schema)).map(|(name, _)| name.as_str()).collect()
    }

    /// Reports the definition of a control inside a framework once, instead of each of its keys; `None` for everything else.
    fn nested_control(
        &self,
        kind: &ValidationErrorKind,
        pointer: &str,
        located: Located<'_>,
    ) -> Option<Vec<Diagnostic>> {
        let parts: Vec<&str> = pointer.split('/').collect();
        let ["", "controlSets", _, "controls", _, inner @ ..] = parts.as_slice() else { return None };
        let item = self.document.locate(&parts[..5].join("/"))?.node;
        if !is_control(item) {
            return None;
        }
        if !inner.is_empty() || !matches!(kind, ValidationErrorKind::AdditionalProperties { .. }) {
            return Some(Vec::new());
        }
        let name = item.get("name").and_then(Node::as_str);
        let help = match name {
            Some(name) => format!("move it to a file under `controls/`, and leave its name: `{}`", self.item(name)),
            None => "move it to a file under `controls/`, and leave its name".to_owned(),
        };
        let span = located.first_line(self.source);
        let message = format!("{} is the definition of a control, not a reference", described(pointer, located));
        let finding = Diagnostic::new(&rules::nested_control::RULE, self.file, span, message).at(pointer).help(help);
        Some(vec![located.with_anchor(finding, self.file)])
    }

    fn missing_key(&self, key: &str, pointer: &str, located: Located<'_>) -> Diagnostic {
        let noun = self.source.kind().noun();
        let what = if pointer.is_empty() { noun.to_owned() } else { described(pointer, located) };
        // An item of a list has no key: its own first line is more precise than the key of the list.
        let span = located.key.unwrap_or_else(|| located.first_line(self.source));
        let message = format!("missing required key `{key}` in {what}");
        let diagnostic = Diagnostic::new(&rules::missing_key::RULE, self.file, span, message);
        located.with_anchor(diagnostic.at(pointer).help(format!("add `{}`", self.source.entry(key, "…"))), self.file)
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
        // The ID in uppercase, or within the ARN.
        let id = control_id(text).filter(|_| pointer.starts_with("/controlSets/") && pointer.ends_with("/id"));
        let fix = id.and_then(|id| self.editor().replace_string(pointer, &id, true));
        let diagnostic = Diagnostic::new(rule, self.file, located.narrow(self.source), message).at(pointer).fix(fix);
        located.with_anchor(if help.is_empty() { diagnostic } else { diagnostic.help(help) }, self.file)
    }

    fn wrong_type(&self, kind: &TypeKind, pointer: &str, located: Located<'_>) -> Diagnostic {
        let expected = match kind {
            TypeKind::Single(expected) => expected.to_string(),
            TypeKind::Multiple(_) => "value".to_owned(),
        };
        let name = described(pointer, located);
        let node = located.node;
        let at = located.narrow(self.source);
        let text = node.anchor.unwrap_or(node.span);
        let (written, tagged) = (self.source.slice(text), self.document.is_tagged(text));
        if expected == "string" && matches!(node.value, Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Date)
        {
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
        let (wanted, help) = self.wanted(&expected, pointer, located, written);
        let json = self.source.is_json();
        let message = match node.value {
            Value::Null => format!("{name}: expected {wanted}, found no value"),
            Value::Mapping(_) if json => format!("{name}: expected {wanted}, found an object"),
            _ => format!("{name}: expected {wanted}, found {}", node.type_name()),
        };
        located.with_anchor(
            Diagnostic::new(&rules::wrong_type::RULE, self.file, at, message).at(pointer).help(help),
            self.file,
        )
    }

    /// Returns what is expected, and how to write it.
    fn wanted(&self, expected: &str, pointer: &str, located: Located<'_>, written: &str) -> (&'static str, String) {
        let json = self.source.is_json();
        match expected {
            "object" if json && pointer.ends_with("/sourceKeyword") && located.node.as_str().is_some() => {
                ("an object", format!("write `{{{}: {written}}}`", quoted("keywordValue")))
            }
            "object" if json => ("an object", "write its keys between `{` and `}`".to_owned()),
            "value" => ("a value", "write a string, a number or a boolean, or bounds such as `atMost`".to_owned()),
            "number" => ("a number", "write a number, without quotes".to_owned()),
            "boolean" => ("a boolean", "write `true` or `false`, without quotes".to_owned()),
            "array" if json => ("a list", "write its items between `[` and `]`".to_owned()),
            "object" if pointer.is_empty() => {
                let first = match self.source.kind() {
                    FileKind::Exception => "an exception starts with `check:`".to_owned(),
                    kind => format!("a {} starts with `name:`", kind.noun()),
                };
                ("a mapping", format!("write `key: value` lines; {first}"))
            }
            "object" if self.source.kind() == FileKind::Config => (
                "a table",
                format!("write `[{}]` with its keys below it", pointer.trim_start_matches('/').replace('/', ".")),
            ),
            "object" if pointer.ends_with("/sourceKeyword") && located.node.as_str().is_some() => {
                ("a mapping", format!("write `keywordValue: {written}` on a line below it"))
            }
            "object" => ("a mapping", "write `key: value` lines below it".to_owned()),
            "array" => ("a list", "write its items below it, each on a line that starts with `- `".to_owned()),
            _ if matches!(located.node.value, Value::Null) => {
                let part = if located.key.is_some() { "key" } else { "item" };
                ("a string", format!("write a value, or remove the {part}"))
            }
            _ if written.starts_with(['{', '[']) => {
                ("a string", format!("write a string; quote it if it starts with `{}`", &written[..1]))
            }
            _ => ("a string", "write a string".to_owned()),
        }
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

/// Whether an item of a control set has keys that a definition of a control has and a reference to one does not.
pub(crate) fn is_control(item: &Node) -> bool {
    const OF_CONTROLS: [&str; 6] = [
        "description",
        "testingInformation",
        "actionPlanTitle",
        "actionPlanInstructions",
        "datasources",
        "controlMappingSources",
    ];
    OF_CONTROLS.iter().any(|key| item.entry(key).is_some())
}

/// Whether two words differ only in case and punctuation.
pub(crate) fn is_spelling(word: &str, meant: &str) -> bool {
    let letters = |word: &str| -> String {
        word.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    letters(word) == letters(meant)
}

/// Keys whose strings have a form: what they are, and an example.
const FORMS: [(&str, &str, &str); 6] = [
    ("procedureUrl", "a URL", "use one such as https://wiki.example.com/keys"),
    ("automationRole", "the ARN of a role", "use one such as arn:aws:iam::111122223333:role/Remediation"),
    ("lambda", "the ARN of a Lambda function", "use one such as arn:aws:lambda:eu-west-1:111122223333:function:check"),
    (
        "guard",
        "the path of a Guard rule",
        "use a path such as rules/house.guard, relative to the catalog's root directory",
    ),
    ("ssmDocument", "the name of a document", "use letters, digits and _ . : / -"),
    ("until", "a date", "use the form YYYY-MM-DD"),
];

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
    let key = pointer.rsplit('/').next().unwrap_or_default();
    if let Some((_, noun, help)) = FORMS.iter().find(|(of, ..)| *of == key) {
        return (format!("`{text}` is not {noun}"), (*help).to_owned());
    }
    if pointer.contains("/resourceTypes/") {
        return (format!("`{text}` is not a resource type"), "use a type such as AWS::EC2::Volume".to_owned());
    }
    if pointer.starts_with("/accounts/") {
        return (format!("`{text}` is not an account ID"), "use 12 digits, or a pattern with * and ?".to_owned());
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

//! A parsed file: nodes with their locations, and JSON pointers to them.

use serde_json::Value as Json;

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Source, Span};

/// A value with its location.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Its location without surrounding whitespace; for a value from an alias, the alias.
    pub span: Span,
    /// For a value from an alias, its location at the anchor.
    pub anchor: Option<Span>,
}

/// A value in the YAML 1.2 core schema.
#[derive(Clone, Debug)]
pub enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer; without its value if that is not a decimal number of 64 bits.
    Int(Option<i64>),
    /// A floating-point number, as written.
    Float(String),
    /// A date or a time of TOML.
    Date,
    /// A string.
    String(String),
    /// A list.
    Sequence(Vec<Node>),
    /// An alias without an anchor.
    Unresolved,
    /// Keys and values, in the order of the file.
    Mapping(Vec<Entry>),
}

/// A key with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Location of the key.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

/// A parsed file.
#[derive(Clone, Debug)]
pub struct Document {
    /// The root value.
    pub root: Node,
    /// Comments with [`COMMENT_MARK`].
    pub comments: Vec<Span>,
    /// Anchored values that aliases repeat.
    pub repeated: Vec<Span>,
    /// Scalars with a tag, in the order of the file: quotes would not change their type.
    pub tagged: Vec<Span>,
}

/// Mark of comments for this program.
pub const COMMENT_MARK: &str = "controlsync:";

/// Location of a value.
#[derive(Clone, Copy, Debug)]
pub struct Located<'a> {
    /// Its key; `None` for list items and the root.
    pub key: Option<Span>,
    /// The value.
    pub node: &'a Node,
}

impl Located<'_> {
    /// Returns the location to report for the value: the value if it is on one line, otherwise its key.
    pub fn narrow(&self, source: &Source) -> Span {
        let value = self.node.span;
        let text = source.slice(value);
        match self.key {
            Some(key) if text.is_empty() || text.contains('\n') || !self.node.is_scalar() => key,
            _ => Span::new(value.start as usize, value.start as usize + text.lines().next().unwrap_or_default().len()),
        }
    }

    /// Returns the first line of the value.
    pub(crate) fn first_line(&self, source: &Source) -> Span {
        let span = self.node.span;
        let line = source.slice(span).lines().next().unwrap_or_default().trim_end();
        Span::new(span.start as usize, span.start as usize + line.len())
    }

    /// Adds the location of the anchor to a finding, if the value comes from an alias.
    pub(crate) fn with_anchor(&self, diagnostic: Diagnostic, file: FileId) -> Diagnostic {
        match self.node.anchor {
            Some(anchor) => diagnostic.related(file, anchor, "the alias refers to this value"),
            None => diagnostic,
        }
    }
}

impl Document {
    /// Finds a value by its JSON pointer.
    pub fn locate(&self, pointer: &str) -> Option<Located<'_>> {
        let mut located = Located { key: None, node: &self.root };
        for part in pointer.split('/').skip(1) {
            let part = unescape(part);
            located = match &located.node.value {
                Value::Mapping(entries) => {
                    let entry = entries.iter().find(|entry| entry.key == *part)?;
                    Located { key: Some(entry.key_span), node: &entry.value }
                }
                Value::Sequence(items) => Located { key: None, node: items.get(part.parse::<usize>().ok()?)? },
                _ => return None,
            };
        }
        Some(located)
    }

    /// Whether a scalar has a tag.
    pub(crate) fn is_tagged(&self, text: Span) -> bool {
        self.tagged.binary_search(&text).is_ok()
    }

    /// Returns the values without locations. Dates, and numbers that JSON does not have, become a fixed number of their kind.
    pub fn to_json(&self) -> Json {
        self.root.to_json()
    }
}

impl Node {
    /// Returns the entry of a key in a mapping.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Mapping(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// Returns the value of a key in a mapping.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// Returns the string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the integer, if it is one of 64 bits.
    pub const fn as_int(&self) -> Option<i64> {
        match self.value {
            Value::Int(value) => value,
            _ => None,
        }
    }

    /// Returns the items of a list; empty for other values.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::Sequence(items) => items,
            _ => &[],
        }
    }

    /// Returns the entries of a mapping; empty for other values.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// Whether it is neither a list nor a mapping.
    pub const fn is_scalar(&self) -> bool {
        !matches!(self.value, Value::Sequence(_) | Value::Mapping(_))
    }

    /// Whether it is null.
    pub(crate) const fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// Whether two values are equal, regardless of the order of keys. Numbers without a value here are never equal.
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(Some(a)), Value::Int(Some(b))) => a == b,
            (Value::String(a), Value::String(b)) | (Value::Float(a), Value::Float(b)) => a == b,
            (Value::Sequence(a), Value::Sequence(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b)),
            (Value::Mapping(a), Value::Mapping(b)) => {
                a.len() == b.len() && a.iter().all(|entry| other.get(&entry.key).is_some_and(|b| entry.value.same(b)))
            }
            _ => false,
        }
    }

    /// Name of the type in messages.
    pub const fn type_name(&self) -> &'static str {
        match self.value {
            Value::Null | Value::Unresolved => "null",
            Value::Bool(_) => "a boolean",
            Value::Int(_) | Value::Float(_) => "a number",
            Value::Date => "a date",
            Value::String(_) => "a string",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }

    /// Returns the value without locations, see [`Document::to_json`].
    pub(crate) fn to_json(&self) -> Json {
        match &self.value {
            Value::Null | Value::Unresolved => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Int(value) => Json::from(value.unwrap_or(0)),
            Value::Float(text) => Json::from(text.parse().ok().filter(|value: &f64| value.is_finite()).unwrap_or(0.5)),
            Value::Date => Json::from(0.5),
            Value::String(text) => Json::String(text.clone()),
            Value::Sequence(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Value::Mapping(entries) => {
                Json::Object(entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json())).collect())
            }
        }
    }
}

/// Escapes a key for a JSON pointer (RFC 6901).
pub fn escape(part: &str) -> String {
    part.replace('~', "~0").replace('/', "~1")
}

/// Returns the pointer of a key in an object.
pub(crate) fn pointer_to(object: &str, key: &str) -> String {
    format!("{object}/{}", escape(key))
}

/// Returns the key of a part of a JSON pointer (RFC 6901).
pub fn unescape(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

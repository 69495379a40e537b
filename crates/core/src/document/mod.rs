//! One parse a file: a tree of nodes in which every key and every value knows its place.
//!
//! YAML and JSON come through [`parse`], `controlsync.toml` through [`parse_toml`]; what follows sees no difference.

pub(crate) mod rules;
mod scalar;
mod syntax;
mod build;
mod toml;

use serde_json::Value as Json;

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Source, Span};

pub use build::{MAX_ALIAS_BYTES, MAX_NESTING, MAX_NODES, parse};
pub use scalar::quoted;
pub(crate) use scalar::{ambiguous, is_plain_string};
pub use toml::parse_toml;

/// A value with its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it stands: without surrounding white space, and for what an alias brought in, the alias.
    pub span: Span,
    /// For what an alias brought in, where it stands at the anchor.
    pub anchor: Option<Span>,
}

/// A value in the YAML 1.2 core schema. Numbers keep no value: nothing here is a number, and the text is in the source.
#[derive(Clone, Debug)]
pub enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer.
    Int,
    /// A floating-point number.
    Float,
    /// A date or a time of TOML.
    Date,
    /// A string.
    String(String),
    /// A list.
    Sequence(Vec<Node>),
    /// What an alias without an anchor stands for.
    Unresolved,
    /// Keys and values, in the order of the file.
    Mapping(Vec<Entry>),
}

/// A key with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

/// A parsed file.
#[derive(Clone, Debug)]
pub struct Document {
    /// The outermost value.
    pub root: Node,
    /// Comments that speak to this program, see [`COMMENT_MARK`].
    pub comments: Vec<Span>,
    /// Values that aliases repeat elsewhere, where they stand first.
    pub repeated: Vec<Span>,
    /// Texts of which a tag says what they are, in the order of the file: quotes would not make them anything else.
    pub tagged: Vec<Span>,
}

/// What a comment holds that speaks to this program.
pub const COMMENT_MARK: &str = "controlsync:";

/// Where a member stands.
#[derive(Clone, Copy, Debug)]
pub struct Located<'a> {
    /// Its key; none for the items of lists and for the root.
    pub key: Option<Span>,
    /// Its value.
    pub node: &'a Node,
}

impl Located<'_> {
    /// The place to point at for a fault of the value: the value where it stands on one line, else its key.
    pub fn narrow(&self, source: &Source) -> Span {
        let value = self.node.span;
        let text = source.slice(value);
        match self.key {
            Some(key) if text.is_empty() || text.contains('\n') || !self.node.is_scalar() => key,
            _ => Span::new(value.start as usize, value.start as usize + text.lines().next().unwrap_or_default().len()),
        }
    }

    /// The first line of the value.
    pub(crate) fn first_line(&self, source: &Source) -> Span {
        let span = self.node.span;
        let line = source.slice(span).lines().next().unwrap_or_default().trim_end();
        Span::new(span.start as usize, span.start as usize + line.len())
    }

    /// The same finding, with the anchor where an alias brought the value in.
    pub(crate) fn with_anchor(&self, diagnostic: Diagnostic, file: FileId) -> Diagnostic {
        match self.node.anchor {
            Some(anchor) => diagnostic.related(file, anchor, "the alias stands for this"),
            None => diagnostic,
        }
    }
}

impl Document {
    /// Finds a member by its JSON pointer.
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

    /// Whether a tag says what a text is.
    pub(crate) fn is_tagged(&self, text: Span) -> bool {
        self.tagged.binary_search(&text).is_ok()
    }

    /// The values alone. Numbers become some number of their kind: only their type counts.
    pub fn to_json(&self) -> Json {
        self.root.to_json()
    }
}

impl Node {
    /// The entry of a key in a mapping.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Mapping(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// The value of a key in a mapping.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The string, where it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a list; none for anything else.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The entries of a mapping; none for anything else.
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

    /// Whether two values hold the same texts, whatever the order of keys. Numbers hold none and are never the same.
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::String(a), Value::String(b)) => a == b,
            (Value::Sequence(a), Value::Sequence(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b)),
            (Value::Mapping(a), Value::Mapping(b)) => {
                a.len() == b.len() && a.iter().all(|entry| other.get(&entry.key).is_some_and(|b| entry.value.same(b)))
            }
            _ => false,
        }
    }

    /// What it is, in words.
    pub const fn type_name(&self) -> &'static str {
        match self.value {
            Value::Null | Value::Unresolved => "nothing (null)",
            Value::Bool(_) => "a boolean",
            Value::Int | Value::Float => "a number",
            Value::Date => "a date",
            Value::String(_) => "a string",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }

    fn to_json(&self) -> Json {
        match &self.value {
            Value::Null | Value::Unresolved => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Int => Json::from(0),
            Value::Float | Value::Date => Json::from(0.5),
            Value::String(text) => Json::String(text.clone()),
            Value::Sequence(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Value::Mapping(entries) => {
                Json::Object(entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json())).collect())
            }
        }
    }
}

/// A member name as it stands in a JSON pointer (RFC 6901).
pub fn escape(part: &str) -> String {
    part.replace('~', "~0").replace('/', "~1")
}

/// The member name that a part of a JSON pointer stands for (RFC 6901).
pub fn unescape(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

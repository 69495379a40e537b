//! `controlsync.toml` as a document.

use toml::de::{DeTable, DeValue};

use super::parse::no_text;
use super::{Document, Entry, Node, Value, rules, syntax};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Source, Span};

/// Parses a TOML text.
///
/// # Errors
///
/// All syntax errors, or why there is no text.
pub fn parse_toml(file: FileId, source: &Source) -> Result<Document, Vec<Diagnostic>> {
    let text = source.text().map_err(|reason| vec![no_text(file, reason)])?;
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        let span = Span::new(0, text.len());
        let root = Node { value: mapping(table.get_ref()), span, anchor: None };
        return Ok(Document { root, comments: Vec::new(), repeated: Vec::new(), tagged: Vec::new() });
    }
    if let Some(conflict) = syntax::conflict(file, text) {
        return Err(vec![conflict]);
    }
    let diagnostic = |error: &toml::de::Error| {
        let span = error.span().map_or(Span::default(), |range| Span::new(range.start, range.end));
        let finding = Diagnostic::new(&rules::syntax_error::RULE, file, span, error.message().to_owned());
        finding.help("write `key = \"value\"` lines, with strings in quotes")
    };
    Err(errors.iter().map(diagnostic).collect())
}

fn mapping(table: &DeTable<'_>) -> Value {
    let entry = |(key, value): (&toml::Spanned<toml::de::DeString<'_>>, &toml::Spanned<DeValue<'_>>)| Entry {
        key: key.get_ref().to_string(),
        key_span: Span::new(key.span().start, key.span().end),
        value: node(value),
    };
    let mut entries: Vec<Entry> = table.iter().map(entry).collect();
    entries.sort_by_key(|entry| entry.key_span);
    Value::Mapping(entries)
}

fn node(value: &toml::Spanned<DeValue<'_>>) -> Node {
    let span = Span::new(value.span().start, value.span().end);
    let value = match value.get_ref() {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(value) => Value::Int(i64::from_str_radix(value.as_str(), value.radix()).ok()),
        DeValue::Float(value) => Value::Float(value.as_str().to_owned()),
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Datetime(_) => Value::Date,
        DeValue::Array(items) => Value::Sequence(items.iter().map(node).collect()),
        DeValue::Table(table) => mapping(table),
    };
    Node { value, span, anchor: None }
}

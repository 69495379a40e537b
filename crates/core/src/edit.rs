//! Replacements of text that change one member of a document and leave every other byte as it is.
//!
//! Where that cannot be done without losing a comment or guessing at a style, there is none.

use crate::diagnostic::{Edit, Fix};
use crate::document::{Document, Node, ambiguous, escape, is_plain_string, quoted};
use crate::source::{Source, Span};

/// Makes fixes of one document.
#[derive(Clone, Copy)]
pub(crate) struct Editor<'a> {
    pub source: &'a Source,
    pub document: &'a Document,
}

impl<'a> Editor<'a> {
    /// Gives a text another value, in the quotes that it has.
    pub(crate) fn replace_text(self, pointer: &str, text: &str, safe: bool) -> Option<Fix> {
        let node = self.own(pointer)?;
        let edit = self.rewritten(node.span, node.as_str()?, text)?;
        let title = format!("write `{text}`");
        Some(Fix { title, safe, edits: vec![edit], scope: vec![pointer.to_owned()] })
    }

    /// Puts quotes around a value that has none, so that it is the text that is written.
    pub(crate) fn quote(self, pointer: &str) -> Option<Fix> {
        let node = self.own(pointer)?;
        let written = self.source.slice(node.span);
        let title = "quote the value".to_owned();
        let edits = vec![Edit { span: node.span, text: quoted(written) }];
        Some(Fix { title, safe: true, edits, scope: vec![pointer.to_owned()] })
    }

    /// Puts quotes around a key that has none.
    pub(crate) fn quote_key(self, parent: &str, key: &str) -> Option<Fix> {
        let entry = self.own(parent)?.entry(key)?;
        let edits = vec![Edit { span: entry.key_span, text: quoted(self.source.slice(entry.key_span)) }];
        Some(Fix { title: "quote the key".to_owned(), safe: true, edits, scope: vec![member(parent, key)] })
    }

    /// Gives a key another name, where the mapping has no such key.
    pub(crate) fn rename_key(self, parent: &str, key: &str, name: &str, safe: bool) -> Option<Fix> {
        let mapping = self.own(parent)?;
        if mapping.entry(name).is_some() {
            return None;
        }
        let edit = self.rewritten(mapping.entry(key)?.key_span, key, name)?;
        let scope = vec![member(parent, key), member(parent, name)];
        Some(Fix { title: format!("rename it to `{name}`"), safe, edits: vec![edit], scope })
    }

    /// Takes a member out of a mapping that has others.
    pub(crate) fn remove_entry(self, parent: &str, key: &str, safe: bool) -> Option<Fix> {
        let entries = self.own(parent)?.entries();
        let at = entries.iter().position(|entry| entry.key == key)?;
        // Where no value is, its end is not known: a colon, a tag or an anchor may follow.
        if entries[at].value.span.is_empty() {
            return None;
        }
        let parts: Vec<Span> = entries.iter().map(|entry| entry.key_span.join(entry.value.span)).collect();
        let edit = self.without(&parts, at, str::is_empty)?;
        Some(Fix { title: format!("remove `{key}`"), safe, edits: vec![edit], scope: vec![member(parent, key)] })
    }

    /// Takes an item out of a list that has others.
    pub(crate) fn remove_item(self, list: &str, index: usize, safe: bool) -> Option<Fix> {
        let items = self.own(list)?.items();
        if items.get(index)?.span.is_empty() {
            return None;
        }
        let parts: Vec<Span> = items.iter().map(|item| item.span).collect();
        let edit = self.without(&parts, index, |before| before == "-" || before.is_empty())?;
        Some(Fix { title: "remove the item".to_owned(), safe, edits: vec![edit], scope: vec![list.to_owned()] })
    }

    /// Whether a text is written without quotes, on one line, not in a block and without a tag that says what it is.
    pub(crate) fn is_plain(self, span: Span, text: &str) -> bool {
        let before = &self.source.text_or_empty()[..span.start as usize];
        let line = before.rsplit('\n').next().unwrap_or_default();
        let mut properties = line.split_whitespace().rev().take_while(|word| word.starts_with(['&', '!']));
        self.source.slice(span) == text && !properties.any(|word| word.starts_with('!')) && !self.is_block(span)
    }

    /// The value at a pointer, where the file has it there: what an alias brought in stands elsewhere too.
    fn own(self, pointer: &str) -> Option<&'a Node> {
        let node = self.document.locate(pointer)?.node;
        node.anchor.is_none().then_some(node)
    }

    /// A text in the place of another one.
    fn rewritten(self, span: Span, value: &str, text: &str) -> Option<Edit> {
        let written = self.source.slice(span);
        let text = if written.starts_with('"') {
            quoted(text)
        } else if written.starts_with('\'') && !text.contains(|c: char| c.is_control()) {
            format!("'{}'", text.replace('\'', "''"))
        } else if written != value {
            // Folded over lines, or a block with its own rules.
            return None;
        } else if is_plain_string(text) && !ambiguous(text) {
            text.to_owned()
        } else if self.is_block(span) {
            return None;
        } else {
            quoted(text)
        };
        Some(Edit { span, text })
    }

    /// Whether a text stands below `|` or `>`, where quotes would become a part of it.
    fn is_block(self, span: Span) -> bool {
        let text = self.source.text_or_empty();
        let before = text[..span.start as usize].trim_end_matches([' ', '\t']);
        let Some(before) = before.strip_suffix('\n') else { return false };
        let line = before.lines().next_back().unwrap_or_default();
        let line = line.split(" #").next().unwrap_or_default().trim_end();
        line.trim_end_matches(|c: char| c.is_ascii_digit() || c == '+' || c == '-').ends_with(['|', '>'])
    }

    /// Takes one of several parts out: whole lines where it has lines of its own, else with the comma. `own_line` knows
    /// what may stand before it on its line.
    fn without(self, parts: &[Span], at: usize, own_line: impl Fn(&str) -> bool) -> Option<Edit> {
        let text = self.source.text_or_empty();
        let part = *parts.get(at)?;
        if parts.len() < 2 {
            return None;
        }
        let line = text[..part.start as usize].rfind('\n').map_or(0, |newline| newline + 1);
        let end = text[part.end as usize..].find('\n').map_or(text.len(), |newline| part.end as usize + newline + 1);
        let before = text[line..part.start as usize].trim_start_matches('\u{feff}').trim();
        let shared = parts
            .iter()
            .enumerate()
            .any(|(other, span)| other != at && (span.start as usize) < end && (span.end as usize) > line);
        // The comma of a flow collection goes with its last part: JSON takes none before the end.
        let last = at + 1 == parts.len();
        let previous = at.checked_sub(1).and_then(|before| parts.get(before));
        let comma = previous
            .is_some_and(|previous| text[previous.end as usize..part.start as usize].trim_start().starts_with(','));
        if !(shared || last && comma) && own_line(before) && text[part.end as usize..end].trim().is_empty() {
            let start = line + if text[line..].starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
            return Some(Edit { span: Span::new(start, end), text: String::new() });
        }
        let (from, to) = match (parts.get(at + 1), previous) {
            (Some(next), _) => (part.start, next.start),
            (None, Some(previous)) if comma => (previous.end, part.end),
            // A comment behind it would speak of the one before.
            (None, _) => return None,
        };
        let gap =
            if to == part.end { Span { start: from, end: part.start } } else { Span { start: part.end, end: to } };
        let only_separators = self.source.slice(gap).chars().all(|c| c.is_whitespace() || c == ',');
        only_separators.then(|| Edit { span: Span { start: from, end: to }, text: String::new() })
    }
}

fn member(parent: &str, key: &str) -> String {
    format!("{parent}/{}", escape(key))
}

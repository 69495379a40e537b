//! Text replacements that change one key of a document and no other byte.
//!
//! If that is impossible without losing a comment or guessing a style, there is no fix.

use crate::diagnostic::{Edit, Fix};
use crate::document::{Document, Entry, Node, ambiguous, is_plain_string, pointer_to, quoted};
use crate::source::{FileKind, Source, Span};

/// Creates fixes for one document.
#[derive(Clone, Copy)]
pub(crate) struct Editor<'a> {
    pub source: &'a Source,
    pub document: &'a Document,
}

impl<'a> Editor<'a> {
    /// Replaces a string, and keeps its quotes.
    pub(crate) fn replace_string(self, pointer: &str, text: &str, safe: bool) -> Option<Fix> {
        let node = self.own(pointer)?;
        let edit = self.rewritten(node.span, node.as_str()?, text)?;
        let title = format!("write `{text}`");
        self.fix(title, safe, edit, vec![pointer.to_owned()])
    }

    /// Quotes an unquoted value, so that it is a string as written.
    pub(crate) fn quote(self, pointer: &str) -> Option<Fix> {
        let node = self.own(pointer).filter(|node| !self.document.is_tagged(node.span))?;
        let written = self.source.slice(node.span);
        let title = "quote the value".to_owned();
        let edit = Edit { span: node.span, text: quoted(written) };
        self.fix(title, true, edit, vec![pointer.to_owned()])
    }

    /// Quotes an unquoted key.
    pub(crate) fn quote_key(self, parent: &str, key: &str) -> Option<Fix> {
        let entry = self.own(parent)?.entry(key)?;
        let edit = Edit { span: entry.key_span, text: quoted(self.source.slice(entry.key_span)) };
        self.fix("quote the key".to_owned(), true, edit, vec![pointer_to(parent, key)])
    }

    /// Renames a key, unless the mapping has a key of the new name.
    pub(crate) fn rename_key(self, parent: &str, key: &str, name: &str, safe: bool) -> Option<Fix> {
        let mapping = self.own(parent)?;
        if mapping.entry(name).is_some() {
            return None;
        }
        let entry = mapping.entry(key)?;
        // A TOML table can be named in several places.
        if self.source.kind() == FileKind::Config && !entry.value.is_scalar() && self.occurs_repeatedly(key) {
            return None;
        }
        let edit = self.rewritten(entry.key_span, key, name)?;
        let scope = vec![pointer_to(parent, key), pointer_to(parent, name)];
        self.fix(format!("rename it to `{name}`"), safe, edit, scope)
    }

    /// Whether a word occurs more than once.
    fn occurs_repeatedly(self, word: &str) -> bool {
        let text = self.source.text_or_empty();
        let in_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let is_complete =
            |(at, _): &(usize, &str)| !text[..*at].ends_with(in_word) && !text[at + word.len()..].starts_with(in_word);
        text.match_indices(word).filter(is_complete).nth(1).is_some()
    }

    /// Removes an entry of a mapping that has other entries.
    pub(crate) fn remove_entry(self, parent: &str, key: &str, safe: bool) -> Option<Fix> {
        let entries = self.own(parent)?.entries();
        let at = entries.iter().position(|entry| entry.key == key)?;
        let parts: Vec<Span> = entries
            .iter()
            .map(|entry| self.span_of(entry).unwrap_or_else(|| entry.key_span.join(entry.value.span)))
            .collect();
        self.span_of(&entries[at])?;
        let edit = self.without(&parts, at, str::is_empty)?;
        self.fix(format!("remove `{key}`"), safe, edit, vec![pointer_to(parent, key)])
    }

    /// Returns the span of a key and its value; `None` if its end is unknown, because a tag or an anchor follows instead of a value.
    fn span_of(self, entry: &Entry) -> Option<Span> {
        if !entry.value.span.is_empty() {
            return Some(entry.key_span.join(entry.value.span));
        }
        let text = self.source.text_or_empty();
        let end = entry.key_span.end as usize;
        let colon = end + text[end..].find(|c: char| c != ' ').filter(|at| text[end + at..].starts_with(':'))? + 1;
        let rest = text[colon..line_end(text, colon)].trim();
        (rest.is_empty() || rest.starts_with([',', '}'])).then(|| Span::new(entry.key_span.start as usize, colon))
    }

    /// Writes a string as the value of a key: `- name` becomes `- id: name`.
    pub(crate) fn wrap_string(self, pointer: &str, key: &str, text: &str, safe: bool) -> Option<Fix> {
        let node = self.own(pointer)?;
        let (list, _) = pointer.rsplit_once('/')?;
        let in_braces = self.source.slice(self.own(list)?.span).starts_with('[');
        let written = self.source.slice(node.span);
        let is_simple = written == node.as_str()? || written.starts_with(['"', '\'']) && !written.contains('\n');
        if !is_simple || self.document.is_tagged(node.span) || self.is_block(node.span) {
            return None;
        }
        let replacement = if in_braces {
            format!("{{{}: {}}}", quoted(key), quoted(text))
        } else if is_plain_string(text) && !ambiguous(text) {
            format!("{key}: {text}")
        } else {
            format!("{key}: {}", quoted(text))
        };
        let edit = Edit { span: node.span, text: replacement };
        self.fix(format!("write `{key}: {text}`"), safe, edit, vec![pointer.to_owned()])
    }

    /// Removes an item of a list that has other items.
    pub(crate) fn remove_item(self, list: &str, index: usize, safe: bool) -> Option<Fix> {
        let node = self.own(list)?;
        let items = node.items();
        if items.get(index)?.span.is_empty() {
            return None;
        }
        let parts: Vec<Span> = items.iter().map(|item| item.span).collect();
        // A dash on a line above would become an empty item.
        let before_item = if self.source.slice(node.span).starts_with('[') { "" } else { "-" };
        let edit = self.without(&parts, index, |before| before == before_item)?;
        self.fix("remove the item".to_owned(), safe, edit, vec![format!("{list}/{index}")])
    }

    /// Whether a string is written on one line, without quotes, block style or a tag.
    pub(crate) fn is_plain(self, span: Span, text: &str) -> bool {
        self.source.slice(span) == text && !self.document.is_tagged(span) && !self.is_block(span)
    }

    /// Returns a fix, unless an alias repeats what it changes.
    fn fix(self, title: String, safe: bool, edit: Edit, scope: Vec<String>) -> Option<Fix> {
        let overlaps = |repeated: &Span| repeated.start < edit.span.end && edit.span.start < repeated.end;
        if self.document.repeated.iter().any(overlaps) {
            return None;
        }
        Some(Fix { title, safe, edits: vec![edit], scope })
    }

    /// Returns the value at a pointer, unless it comes from an alias: then it is written elsewhere.
    fn own(self, pointer: &str) -> Option<&'a Node> {
        let node = self.document.locate(pointer)?.node;
        node.anchor.is_none().then_some(node)
    }

    /// Replaces a string with another one.
    fn rewritten(self, span: Span, value: &str, text: &str) -> Option<Edit> {
        let written = self.source.slice(span);
        let text = if written.starts_with('"') {
            quoted(text)
        } else if written.starts_with('\'') && !text.contains(|c: char| c.is_control()) {
            format!("'{}'", text.replace('\'', "''"))
        } else if written != value {
            // A folded string or a block scalar.
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

    /// Whether a string is below `|` or `>`, where quotes would become a part of it.
    fn is_block(self, span: Span) -> bool {
        let text = self.source.text_or_empty();
        let before = text[..span.start as usize].trim_end_matches([' ', '\t']);
        let Some(before) = before.strip_suffix('\n') else { return false };
        before.lines().next_back().is_some_and(is_block_header)
    }

    /// Removes one of several parts: complete lines if it is alone on them, otherwise with the comma. `own_line` checks
    /// what precedes it on its line.
    fn without(self, parts: &[Span], at: usize, own_line: impl Fn(&str) -> bool) -> Option<Edit> {
        let text = self.source.text_or_empty();
        let part = *parts.get(at)?;
        if parts.len() < 2 || contains_comment(self.source.slice(part)) {
            return None;
        }
        let line = line_start(text, part.start as usize);
        let end = line_end(text, part.end as usize);
        let before = text[line..part.start as usize].trim_start_matches('\u{feff}').trim();
        let shared = parts
            .iter()
            .enumerate()
            .any(|(other, span)| other != at && (span.start as usize) < end && (span.end as usize) > line);
        let next = parts.get(at + 1);
        let previous = at.checked_sub(1).and_then(|before| parts.get(before));
        let between = previous.and_then(|previous| text.get(previous.end as usize..part.start as usize));
        // Removing the last part of a flow collection removes the comma before it: JSON allows no trailing comma.
        let with_comma = next.is_none() && between.is_some_and(|between| between.trim_start().starts_with(','));
        let comma_below = text[part.end as usize..].trim_start().starts_with(',');
        let alone = text[part.end as usize..end].trim().is_empty() && !comma_below && !ends_block(text, line);
        if alone && !shared && !with_comma && own_line(before) {
            let start = line + if text[line..].starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
            return Some(Edit { span: Span::new(start, end), text: String::new() });
        }
        let (from, to) = match (next, previous) {
            (Some(next), _) => (part.start, next.start),
            (None, Some(previous)) if with_comma => (previous.end, part.end),
            // A comment after it would then refer to the previous part.
            (None, _) => return None,
        };
        let gap =
            if to == part.end { Span { start: from, end: part.start } } else { Span { start: part.end, end: to } };
        let only_separators = self.source.slice(gap).chars().all(|c| c.is_whitespace() || c == ',');
        only_separators.then(|| Edit { span: Span { start: from, end: to }, text: String::new() })
    }
}

/// Returns the start of the line of an offset. In YAML, a lone carriage return also ends a line.
pub(crate) fn line_start(text: &str, offset: usize) -> usize {
    text[..offset].rfind(['\n', '\r']).map_or(0, |end| end + 1)
}

/// Returns the start of the line after that of an offset.
pub(crate) fn line_end(text: &str, offset: usize) -> usize {
    let Some(end) = text[offset..].find(['\n', '\r']).map(|end| offset + end) else { return text.len() };
    end + if text[end..].starts_with("\r\n") { 2 } else { 1 }
}

/// Whether the line at an offset ends an empty block scalar: without it, the scalar would continue below.
fn ends_block(text: &str, line: usize) -> bool {
    text[..line].lines().rev().find(|line| !is_empty_line(line)).is_some_and(is_block_header)
}

/// Whether a line is empty or contains only a comment.
pub(crate) fn is_empty_line(line: &str) -> bool {
    let line = line.trim_start_matches('\u{feff}').trim();
    line.is_empty() || line.starts_with('#') || line == "---"
}

/// Whether a value seems to contain a comment. A value on one line cannot: the comment would end it.
fn contains_comment(value: &str) -> bool {
    value.contains('\n') && value.lines().any(|line| line.trim_start().starts_with('#') || line.contains(" #"))
}

/// Whether a line ends with the header of a block scalar: `|`, `>-`, `|2`.
pub(crate) fn is_block_header(line: &str) -> bool {
    let line = line.split(" #").next().unwrap_or_default().trim_end();
    line.trim_end_matches(|c: char| c.is_ascii_digit() || c == '+' || c == '-').ends_with(['|', '>'])
}

//! Replacements of text that change one member of a document and leave every other byte as it is.
//!
//! Where that cannot be done without losing a comment or guessing at a style, there is none.

use crate::diagnostic::{Edit, Fix};
use crate::document::{Document, Node, ambiguous, escape, is_plain_string, quoted};
use crate::source::{FileKind, Source, Span};

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
        self.fix(title, safe, edit, vec![pointer.to_owned()])
    }

    /// Puts quotes around a value that has none, so that it is the text that is written.
    pub(crate) fn quote(self, pointer: &str) -> Option<Fix> {
        let node = self.own(pointer).filter(|node| !self.document.is_tagged(node.span))?;
        let written = self.source.slice(node.span);
        let title = "quote the value".to_owned();
        let edit = Edit { span: node.span, text: quoted(written) };
        self.fix(title, true, edit, vec![pointer.to_owned()])
    }

    /// Puts quotes around a key that has none.
    pub(crate) fn quote_key(self, parent: &str, key: &str) -> Option<Fix> {
        let entry = self.own(parent)?.entry(key)?;
        let edit = Edit { span: entry.key_span, text: quoted(self.source.slice(entry.key_span)) };
        self.fix("quote the key".to_owned(), true, edit, vec![member(parent, key)])
    }

    /// Gives a key another name, where the mapping has no such key.
    pub(crate) fn rename_key(self, parent: &str, key: &str, name: &str, safe: bool) -> Option<Fix> {
        let mapping = self.own(parent)?;
        if mapping.entry(name).is_some() {
            return None;
        }
        let entry = mapping.entry(key)?;
        // A table of TOML can have its name in several places.
        if self.source.kind() == FileKind::Config && !entry.value.is_scalar() && self.is_named_again(key) {
            return None;
        }
        let edit = self.rewritten(entry.key_span, key, name)?;
        let scope = vec![member(parent, key), member(parent, name)];
        self.fix(format!("rename it to `{name}`"), safe, edit, scope)
    }

    /// Whether a word stands in more places than one.
    fn is_named_again(self, word: &str) -> bool {
        let text = self.source.text_or_empty();
        let goes_on = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let whole =
            |(at, _): &(usize, &str)| !text[..*at].ends_with(goes_on) && !text[at + word.len()..].starts_with(goes_on);
        text.match_indices(word).filter(whole).nth(1).is_some()
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
        self.fix(format!("remove `{key}`"), safe, edit, vec![member(parent, key)])
    }

    /// Takes an item out of a list that has others.
    pub(crate) fn remove_item(self, list: &str, index: usize, safe: bool) -> Option<Fix> {
        let node = self.own(list)?;
        let items = node.items();
        if items.get(index)?.span.is_empty() {
            return None;
        }
        let parts: Vec<Span> = items.iter().map(|item| item.span).collect();
        // The dash can stand on a line above, and would be an item on its own.
        let before_item = if self.source.slice(node.span).starts_with('[') { "" } else { "-" };
        let edit = self.without(&parts, index, |before| before == before_item)?;
        self.fix("remove the item".to_owned(), safe, edit, vec![format!("{list}/{index}")])
    }

    /// Whether a text is written without quotes, on one line, not in a block and without a tag that says what it is.
    pub(crate) fn is_plain(self, span: Span, text: &str) -> bool {
        self.source.slice(span) == text && !self.document.is_tagged(span) && !self.is_block(span)
    }

    /// A fix, where what it touches is not repeated by an alias.
    fn fix(self, title: String, safe: bool, edit: Edit, scope: Vec<String>) -> Option<Fix> {
        let touched = |repeated: &Span| repeated.start < edit.span.end && edit.span.start < repeated.end;
        if self.document.repeated.iter().any(touched) {
            return None;
        }
        Some(Fix { title, safe, edits: vec![edit], scope })
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
        before.lines().next_back().is_some_and(is_block_header)
    }

    /// Takes one of several parts out: whole lines where it has lines of its own, else with the comma. `own_line` knows
    /// what may stand before it on its line.
    fn without(self, parts: &[Span], at: usize, own_line: impl Fn(&str) -> bool) -> Option<Edit> {
        let text = self.source.text_or_empty();
        let part = *parts.get(at)?;
        if parts.len() < 2 || holds_comment(self.source.slice(part)) {
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
        // The comma of a flow collection goes with its last part: JSON takes none before the end.
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
            // A comment behind it would speak of the one before.
            (None, _) => return None,
        };
        let gap =
            if to == part.end { Span { start: from, end: part.start } } else { Span { start: part.end, end: to } };
        let only_separators = self.source.slice(gap).chars().all(|c| c.is_whitespace() || c == ',');
        only_separators.then(|| Edit { span: Span { start: from, end: to }, text: String::new() })
    }
}

/// Where the line of an offset starts. YAML knows lines that end in a lone carriage return.
pub(crate) fn line_start(text: &str, offset: usize) -> usize {
    text[..offset].rfind(['\n', '\r']).map_or(0, |end| end + 1)
}

/// Where the line behind that of an offset starts.
pub(crate) fn line_end(text: &str, offset: usize) -> usize {
    let Some(end) = text[offset..].find(['\n', '\r']).map(|end| offset + end) else { return text.len() };
    end + if text[end..].starts_with("\r\n") { 2 } else { 1 }
}

/// Whether the line at an offset ends a block of text that has no line: without it, what follows would be in the block.
fn ends_block(text: &str, line: usize) -> bool {
    text[..line].lines().rev().find(|line| !is_empty_line(line)).is_some_and(is_block_header)
}

/// Whether a line holds nothing, or nothing but a comment.
pub(crate) fn is_empty_line(line: &str) -> bool {
    let line = line.trim_start_matches('\u{feff}').trim();
    line.is_empty() || line.starts_with('#') || line == "---"
}

/// Whether a value seems to hold a comment. On one line there is none: it would not end there.
fn holds_comment(value: &str) -> bool {
    value.contains('\n') && value.lines().any(|line| line.trim_start().starts_with('#') || line.contains(" #"))
}

/// Whether a line ends in what starts a block of text: `|`, `>-`, `|2`.
pub(crate) fn is_block_header(line: &str) -> bool {
    let line = line.split(" #").next().unwrap_or_default().trim_end();
    line.trim_end_matches(|c: char| c.is_ascii_digit() || c == '+' || c == '-').ends_with(['|', '>'])
}

fn member(parent: &str, key: &str) -> String {
    format!("{parent}/{}", escape(key))
}

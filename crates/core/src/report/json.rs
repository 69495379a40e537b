//! Findings as JSON. The types here are the wire format, documented and versioned separately from the internal types.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::Serialize;

use super::{Findings, Paths};
use crate::characters::is_hidden;
use crate::diagnostic::{Diagnostic, Level};
use crate::source::{FileId, Position, Sources, Span};

/// The version of all JSON documents. It changes if a key is removed or changes its meaning.
pub const VERSION: u32 = 1;

/// Name and version of this program.
#[derive(Serialize)]
pub(crate) struct Tool {
    name: &'static str,
    pub(crate) version: &'static str,
}

pub(crate) const TOOL: Tool = Tool { name: "controlsync", version: env!("CARGO_PKG_VERSION") };

#[derive(Serialize)]
struct FindingsV1 {
    version: u32,
    tool: Tool,
    summary: SummaryV1,
    diagnostics: Vec<DiagnosticV1>,
}

#[derive(Serialize)]
struct SummaryV1 {
    errors: usize,
    warnings: usize,
    infos: usize,
    files: usize,
}

#[derive(Serialize)]
pub(crate) struct DiagnosticV1 {
    rule: &'static str,
    level: &'static str,
    message: String,
    path: String,
    pointer: Option<String>,
    span: Option<SpanV1>,
    related: Vec<RelatedV1>,
    help: Option<String>,
    fix: Option<FixV1>,
}

#[derive(Serialize)]
pub(crate) struct SpanV1 {
    start: PositionV1,
    end: PositionV1,
}

#[derive(Serialize)]
struct PositionV1 {
    offset: usize,
    line: usize,
    column: usize,
}

impl From<Position> for PositionV1 {
    fn from(Position { offset, line, column }: Position) -> Self {
        Self { offset, line, column }
    }
}

#[derive(Serialize)]
struct RelatedV1 {
    path: String,
    span: SpanV1,
    message: String,
}

#[derive(Serialize)]
struct FixV1 {
    title: String,
    safe: bool,
    edits: Vec<EditV1>,
}

#[derive(Serialize)]
struct EditV1 {
    span: SpanV1,
    text: String,
}

/// Returns the findings and the number of files that were checked.
pub fn findings(all: &[Findings<'_>]) -> String {
    let each = |findings: &Findings<'_>| -> Vec<DiagnosticV1> {
        findings.diagnostics.iter().map(|diagnostic| one(findings.sources, diagnostic, &findings.paths)).collect()
    };
    let summary = SummaryV1 {
        errors: Findings::count(all, Level::Error),
        warnings: Findings::count(all, Level::Warning),
        infos: Findings::count(all, Level::Info),
        files: Findings::files(all),
    };
    print(&FindingsV1 { version: VERSION, tool: TOOL, summary, diagnostics: all.iter().flat_map(each).collect() })
}

pub(crate) fn print(document: &impl Serialize) -> String {
    #[expect(clippy::expect_used, reason = "maps have string keys and numbers are finite: serializing cannot fail")]
    let mut text = escaped(&serde_json::to_string_pretty(document).expect("plain data")).into_owned();
    text.push('\n');
    text
}

/// Escapes the hidden characters in the strings of a JSON text: JSON allows most of them, but a terminal acts on some.
fn escaped(text: &str) -> Cow<'_, str> {
    let hidden = |c: char| c != '\n' && is_hidden(c);
    if !text.contains(hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// Returns a span with lines and columns.
pub(crate) fn span(sources: &Sources, file: FileId, span: Span) -> SpanV1 {
    let source = sources.get(file);
    SpanV1 { start: source.position(span.start).into(), end: source.position(span.end).into() }
}

pub(crate) fn one(sources: &Sources, diagnostic: &Diagnostic, paths: &Paths) -> DiagnosticV1 {
    let span = |file: FileId, span: Span| self::span(sources, file, span);
    let path = |file: FileId| paths.show(sources.get(file).path());
    let has_text = sources.get(diagnostic.file).text().is_ok();
    DiagnosticV1 {
        rule: diagnostic.rule.id,
        level: diagnostic.level.name(),
        message: diagnostic.message.clone(),
        path: path(diagnostic.file),
        pointer: diagnostic.pointer.clone(),
        span: has_text.then(|| span(diagnostic.file, diagnostic.span)),
        related: diagnostic
            .related
            .iter()
            .map(|related| RelatedV1 {
                path: path(related.file),
                span: span(related.file, related.span),
                message: related.message.clone(),
            })
            .collect(),
        help: diagnostic.help.clone(),
        fix: diagnostic.fix.as_ref().map(|fix| FixV1 {
            title: fix.title.clone(),
            safe: fix.safe,
            edits: fix
                .edits
                .iter()
                .map(|edit| EditV1 { span: span(diagnostic.file, edit.span), text: edit.text.clone() })
                .collect(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_escaped_and_read_back() {
        let text = "a\u{7f}\u{9b}\u{202e}\u{e0001}\t\n\"é";
        let printed = print(&text);
        assert_eq!(printed, "\"a\\u007f\\u009b\\u202e\\udb40\\udc01\\t\\n\\\"é\"\n");
        assert_eq!(serde_json::from_str::<String>(&printed).unwrap(), text);
    }
}

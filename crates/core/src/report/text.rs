//! Findings as text, with a snippet of the file, in the style of rustc.

use std::borrow::Cow;
use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level as Title, Origin, Renderer, Snippet};

use super::findings::by_level;
pub use super::writer::Style;
use super::{Findings, Paths};
use crate::characters::{is_hidden, printable};
use crate::diagnostic::{Diagnostic, Fix, Level, Related, counted};
use crate::source::{FileId, Sources, Span};

/// Returns the findings, each with its snippet.
pub fn findings(all: &[Findings<'_>], style: &Style) -> String {
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() }.term_width(style.width);
    let mut out = String::new();
    for findings in all {
        for diagnostic in &findings.diagnostics {
            let _ = writeln!(out, "{}\n", one(findings.sources, diagnostic, &findings.paths, &renderer));
        }
    }
    out
}

/// Returns the summary of findings, files and fixes.
pub fn summary(all: &[Findings<'_>]) -> String {
    let counts = by_level(|level| Findings::count(all, level));
    let found = if counts.is_empty() { "no findings" } else { &counts };
    format!("{found} in {}{}\n", counted(Findings::files(all), "file"), fixable(all))
}

/// Returns how many of the findings `--fix` fixes.
fn fixable(all: &[Findings<'_>]) -> String {
    let fixes = all.iter().flat_map(|findings| &findings.diagnostics).filter_map(|diagnostic| diagnostic.fix.as_ref());
    let (safe, others): (Vec<&Fix>, Vec<&Fix>) = fixes.partition(|fix| fix.safe);
    match (safe.len(), others.len()) {
        (0, 0) => String::new(),
        (safe, 0) => format!(" ({safe} fixable with `controlsync lint --fix`)"),
        (0, others) => format!(" ({others} fixable with `controlsync lint --fix --unsafe-fixes`)"),
        (safe, others) => {
            format!(" ({safe} fixable with `controlsync lint --fix`, {others} more with `--unsafe-fixes`)")
        }
    }
}

fn one(sources: &Sources, diagnostic: &Diagnostic, paths: &Paths, renderer: &Renderer) -> String {
    let level = match diagnostic.level {
        Level::Error => Title::ERROR,
        Level::Warning => Title::WARNING,
        Level::Info => Title::INFO,
    };
    let mut group =
        level.primary_title(printable(&diagnostic.message)).id(diagnostic.rule.id).elements(Vec::<Origin<'_>>::new());
    let line = |span: Span| sources.get(diagnostic.file).position(span.start).line;
    let near = |related: &&Related| {
        related.file == diagnostic.file && line(related.span).abs_diff(line(diagnostic.span)) <= NEAR
    };
    let (here, elsewhere): (Vec<&Related>, Vec<&Related>) = diagnostic.related.iter().partition(near);
    let mut annotations = vec![(AnnotationKind::Primary, diagnostic.span, None)];
    annotations
        .extend(here.iter().map(|related| (AnnotationKind::Context, related.span, Some(related.message.as_str()))));
    group = excerpt(group, sources, diagnostic.file, paths, &annotations);
    for related in elsewhere {
        let annotations = [(AnnotationKind::Context, related.span, Some(related.message.as_str()))];
        group = excerpt(group, sources, related.file, paths, &annotations);
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Title::HELP.message(printable(help)));
    }
    let report: &[Group<'_>] = &[group];
    let shown = renderer.render(report);
    if shown.contains(":::") { without_empty_origins(&shown) } else { shown }
}

/// Removes the bare `:::` that the renderer prints before an excerpt without a path.
fn without_empty_origins(rendered: &str) -> String {
    let bare = |line: &&str| {
        let mut visible = String::new();
        let mut escape = false;
        for c in line.chars() {
            escape = (escape || c == '\u{1b}') && !(escape && c == 'm');
            if !escape && c != 'm' {
                visible.push(c);
            }
        }
        visible.trim() == ":::"
    };
    rendered.lines().filter(|line| !bare(line)).collect::<Vec<_>>().join("\n")
}

/// Locations that are further apart than this many lines get separate excerpts.
const NEAR: usize = 30;
/// Maximum number of characters before and after the highlighted part of a line.
const CONTEXT: usize = 200;
/// A line is cut only if its highlighted part starts after this many bytes.
const LONG: usize = 2000;

type Annotated<'a> = (AnnotationKind, Span, Option<&'a str>);

/// Returns the lines of a file from the first annotation to the last; of very long lines only the part around them.
fn excerpt<'a>(
    group: Group<'a>,
    sources: &'a Sources,
    file: FileId,
    paths: &Paths,
    annotations: &[Annotated<'a>],
) -> Group<'a> {
    let source = sources.get(file);
    let path = printable(&paths.show(source.path())).into_owned();
    let text = source.text_or_empty();
    if text.is_empty() {
        return group.element(Origin::path(path));
    }
    let primary = annotations.first().map(|(_, span, _)| *span).unwrap_or_default();
    let first = annotations.iter().map(|(_, span, _)| span.start).min().unwrap_or_default();
    let last =
        annotations.iter().map(|(_, span, _)| span.end).max().unwrap_or_default().min(Span::new(0, text.len()).end)
            as usize;
    let line = source.position(first).line;
    let mut start = source.line_start(line);
    // A byte order mark at the start would shift the caret.
    if start == 0 && text.starts_with('\u{feff}') {
        start = '\u{feff}'.len_utf8();
    }
    let end = text[last..].find('\n').map_or(text.len(), |at| last + at);
    let far = (first as usize).saturating_sub(start) > LONG;
    let from = if far { back(text, first as usize).max(start) } else { start };
    let to = forth(text, last).min(end).max(from);
    // The carriage return of a line end is not shown.
    let to = if text[to..].starts_with('\n') && text[from..to].ends_with('\r') { to - 1 } else { to };
    let near = from..to;
    let cut = near.start > start;
    let window = Visible::of(&text[near.clone()]);
    let at = |offset: u32| window.offset((offset as usize).saturating_sub(near.start));
    let mut snippet = Snippet::source(window.text.clone()).line_start(line);
    for (kind, span, label) in annotations {
        snippet = snippet.annotation(kind.span(at(span.start)..at(span.end)).label(*label));
    }
    if !cut {
        return group.element(snippet.path(path));
    }
    // The excerpt starts within a line, so the column is computed separately.
    let position = source.position(primary.start);
    group.element(Origin::path(path).line(position.line).char_column(position.column)).element(snippet)
}

/// An excerpt of a file in which hidden characters are escaped.
struct Visible<'a> {
    text: Cow<'a, str>,
    /// Offsets in the file of the characters after an escape, and by how much the text is longer there.
    shifts: Vec<(usize, usize)>,
}

impl<'a> Visible<'a> {
    fn of(text: &'a str) -> Self {
        let ends_line = |at: usize, c: char| c == '\n' || c == '\r' && text[at..].starts_with("\r\n");
        let hidden = |(at, c): &(usize, char)| *c != '\t' && is_hidden(*c) && !ends_line(*at, *c);
        if !text.char_indices().any(|character| hidden(&character)) {
            return Self { text: Cow::Borrowed(text), shifts: Vec::new() };
        }
        let (mut shown, mut shifts) = (String::with_capacity(text.len()), Vec::new());
        for (at, c) in text.char_indices() {
            if hidden(&(at, c)) {
                shown.extend(c.escape_unicode());
                let end = at + c.len_utf8();
                shifts.push((end, shown.len() - end));
            } else {
                shown.push(c);
            }
        }
        Self { text: Cow::Owned(shown), shifts }
    }

    /// Returns where an offset in the file is.
    fn offset(&self, of_file: usize) -> usize {
        let before = self.shifts.partition_point(|(at, _)| *at <= of_file);
        let shift = before.checked_sub(1).map_or(0, |last| self.shifts[last].1);
        (of_file + shift).min(self.text.len())
    }
}

/// Returns the offset that many characters before.
fn back(text: &str, offset: usize) -> usize {
    text[..offset.min(text.len())].char_indices().rev().take(CONTEXT).last().map_or(offset, |(at, _)| at)
}

/// Returns the offset that many characters after.
fn forth(text: &str, offset: usize) -> usize {
    text[offset..].char_indices().nth(CONTEXT).map_or(text.len(), |(at, _)| offset + at)
}

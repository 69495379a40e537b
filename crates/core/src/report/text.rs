//! For people: rustc-like findings with the text they are about.

use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Findings, Paths};
use crate::diagnostic::{Diagnostic, Severity, counted};
use crate::source::{FileId, Sources, Span};

/// How a terminal shows it.
#[derive(Clone, Debug)]
pub struct Style {
    /// Whether to colour.
    pub color: bool,
    /// Width in columns.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self { color: false, width: 120 }
    }
}

/// Findings, each with its snippet.
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

/// The line that counts the findings and the files that were looked at.
pub fn summary(all: &[Findings<'_>]) -> String {
    let severities = [Severity::Error, Severity::Warning, Severity::Info];
    let counts = severities.map(|severity| (Findings::count(all, severity), severity.name()));
    let parts: Vec<String> =
        counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, name)| counted(count, name)).collect();
    let found = if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") };
    format!("{found} in {}\n", counted(Findings::files(all), "file"))
}

fn one(sources: &Sources, diagnostic: &Diagnostic, paths: &Paths, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let mut group =
        level.primary_title(diagnostic.message.as_str()).id(diagnostic.rule.id).elements(Vec::<Origin<'_>>::new());
    let here: Vec<_> = diagnostic.related.iter().filter(|related| related.file == diagnostic.file).collect();
    let elsewhere: Vec<_> = diagnostic.related.iter().filter(|related| related.file != diagnostic.file).collect();
    let path = paths.show(sources.get(diagnostic.file).path());
    if sources.get(diagnostic.file).text().is_ok_and(|text| !text.is_empty()) {
        let mut annotations = vec![(AnnotationKind::Primary, diagnostic.span, diagnostic.label.as_deref())];
        annotations
            .extend(here.iter().map(|related| (AnnotationKind::Context, related.span, Some(related.message.as_str()))));
        group = group.element(snippet(sources, diagnostic.file, path, &annotations));
    } else {
        group = group.element(Origin::path(path));
    }
    for related in elsewhere {
        let path = paths.show(sources.get(related.file).path());
        let annotations = [(AnnotationKind::Context, related.span, Some(related.message.as_str()))];
        group = group.element(snippet(sources, related.file, path, &annotations));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let report: &[Group<'_>] = &[group];
    renderer.render(report)
}

type Annotated<'a> = (AnnotationKind, Span, Option<&'a str>);

/// The lines of a file from the first annotation to the last.
fn snippet<'a>(
    sources: &'a Sources,
    file: FileId,
    path: String,
    annotations: &[Annotated<'a>],
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let source = sources.get(file);
    let text = source.text_or_empty();
    let first = annotations.iter().map(|(_, span, _)| span.start).min().unwrap_or_default();
    let last = annotations.iter().map(|(_, span, _)| span.end).max().unwrap_or_default();
    let line = source.position(first).line;
    let start = source.line_start(line);
    let end = text[(last as usize).min(text.len())..].find('\n').map_or(text.len(), |at| last as usize + at);
    // A byte order mark at the start would shift the caret.
    let start = if start == 0 && text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { start };
    let window = text.get(start..end.max(start)).unwrap_or_default();
    let mut snippet = Snippet::source(window).line_start(line).path(path);
    for (kind, span, label) in annotations {
        let at = |offset: u32| (offset as usize).saturating_sub(start).min(window.len());
        snippet = snippet.annotation(kind.span(at(span.start)..at(span.end)).label(*label));
    }
    snippet
}

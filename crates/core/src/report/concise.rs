//! Findings in one line each, for long lists, editors and `grep`.

use super::{Findings, Paths, ReportLocation, printable};
use crate::diagnostic::Diagnostic;
use crate::source::Sources;

/// Returns the findings, one per line: `path:line:column: level[rule] message`. A file without text has no line and column.
pub fn findings(all: &[Findings<'_>]) -> String {
    Findings::each(all).map(|(_, diagnostic, place)| line(diagnostic, &place) + "\n").collect()
}

/// Returns the location of a finding: `path:line:column`.
pub(crate) fn place(sources: &Sources, diagnostic: &Diagnostic, paths: &Paths) -> String {
    let one = Findings { sources, diagnostics: Vec::new(), files: 1, paths: paths.clone() };
    one.place(diagnostic.file, diagnostic.span).to_string()
}

pub(super) fn line(diagnostic: &Diagnostic, place: &ReportLocation) -> String {
    let level = diagnostic.level.name();
    format!("{place}: {level}[{}] {}", diagnostic.rule.id, printable(&diagnostic.message))
}

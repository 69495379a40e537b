//! Findings in one line each, for long lists, editors and `grep`.

use super::findings::ReportLocation;
use super::{Findings, Paths};
use crate::characters::printable;
use crate::diagnostic::Diagnostic;
use crate::source::Sources;

/// Returns the findings, one per line: `path:line:column: level[rule] message`. A file without text has no line and
/// column.
pub fn findings(all: &[Findings<'_>]) -> String {
    Findings::each(all).map(|(_, diagnostic, location)| line(diagnostic, &location) + "\n").collect()
}

/// Returns the location of a finding: `path:line:column`.
pub(crate) fn location(sources: &Sources, diagnostic: &Diagnostic, paths: &Paths) -> String {
    let one = Findings { sources, diagnostics: Vec::new(), files: 1, paths: paths.clone() };
    one.location(diagnostic.file, diagnostic.span).to_string()
}

pub(super) fn line(diagnostic: &Diagnostic, location: &ReportLocation) -> String {
    let level = diagnostic.level.name();
    format!("{location}: {level}[{}] {}", diagnostic.rule.id, printable(&diagnostic.message))
}

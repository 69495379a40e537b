//! For people with many findings, for editors and for `grep`: one line a finding.

use super::{Findings, Place, printable};
use crate::diagnostic::Diagnostic;

/// Findings, one a line: `path:line:column: severity[rule] message`. A file without text has no line and column.
pub fn findings(all: &[Findings<'_>]) -> String {
    Findings::each(all).map(|(_, diagnostic, place)| line(diagnostic, &place) + "\n").collect()
}

pub(super) fn line(diagnostic: &Diagnostic, place: &Place) -> String {
    let severity = diagnostic.severity.name();
    format!("{place}: {severity}[{}] {}", diagnostic.rule.id, printable(&diagnostic.message))
}

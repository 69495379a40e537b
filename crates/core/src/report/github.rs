//! Workflow commands of GitHub Actions, which are shown as annotations in pull requests.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use std::fmt::Write as _;

use super::Findings;
use crate::characters::printable;
use crate::diagnostic::Level;

/// Returns the findings, one command each. The message starts with the location, which the log does not show otherwise.
pub fn findings(all: &[Findings<'_>]) -> String {
    let mut out = String::new();
    for (_, diagnostic, location) in Findings::each(all) {
        let command = match diagnostic.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Info => "notice",
        };
        let _ = write!(out, "::{command} file={}", property(&location.path));
        if let (Some((start, end)), Some(last_line)) = (location.range, location.last_line()) {
            let _ = write!(out, ",line={}", start.line);
            // GitHub rejects columns if a finding has several lines.
            if end.line == start.line {
                let _ = write!(out, ",col={},endLine={last_line},endColumn={}", start.column, end.column);
            } else {
                let _ = write!(out, ",endLine={last_line}");
            }
        }
        let mut message = format!("{location}: {}", printable(&diagnostic.message));
        if let Some(help) = &diagnostic.help {
            let _ = write!(message, "\nhelp: {}", printable(help));
        }
        let _ = writeln!(out, ",title={}::{}", property(diagnostic.rule.id), data(&message));
    }
    out
}

/// Escapes a string like the toolkit of the runner. Otherwise a string could end the line and start a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

//! Code Quality reports of GitLab, which are shown in merge requests.
//!
//! <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>

use serde::Serialize;

use super::findings::Identities;
use super::{Findings, json};
use crate::diagnostic::Level;

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

/// First and last line, 1-based.
#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

/// Returns the findings as issues of a Code Quality report. A finding of a file without text is on line 1, because a
/// line is required.
pub fn findings(all: &[Findings<'_>]) -> String {
    let mut identities = Identities::default();
    let issues: Vec<Issue<'_>> = Findings::each(all)
        .map(|(_, diagnostic, location)| Issue {
            // Shown on one line.
            description: match &diagnostic.help {
                Some(help) => format!("{} (help: {help})", diagnostic.message),
                None => diagnostic.message.clone(),
            },
            check_name: diagnostic.rule.id,
            fingerprint: identities.next(&location.path, diagnostic).fingerprint(),
            severity: match diagnostic.level {
                Level::Error => "critical",
                Level::Warning => "major",
                Level::Info => "info",
            },
            location: Location {
                lines: Lines {
                    begin: location.range.map_or(1, |(start, _)| start.line),
                    end: location.last_line().unwrap_or(1),
                },
                path: location.path,
            },
        })
        .collect();
    json::print(&issues)
}

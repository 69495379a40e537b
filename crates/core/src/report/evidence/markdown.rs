//! The evidence as Markdown, for a summary of a pipeline or a wiki.

use std::fmt::Write as _;

use super::words;
use crate::check::Checked;
use crate::diagnostic::Diagnostic;
use crate::evidence::{Evidence, Setup};
use crate::report::Paths;
use crate::report::plan_markdown::{code, findings};

/// Returns the evidence: a table of controls, and the problems with their lines.
pub fn markdown(evidence: &Evidence, checked: &Checked, paths: &Paths) -> String {
    let mut out = format!("### controlsync: {}\n\n", words::summary(evidence));
    let _ = writeln!(out, "Evidence of {}: {}.\n", code(&evidence.home.to_string()), words::accounts(evidence));
    out += "| setup | control | sources | evidence |\n|---|---|---|---|\n";
    for control in &evidence.controls {
        let counts: Vec<String> = Setup::ALL
            .into_iter()
            .map(|setup| (control.sources.iter().filter(|source| source.setup == setup).count(), setup))
            .filter(|(count, _)| *count > 0)
            .map(|(count, setup)| format!("{count} {}", setup.name()))
            .collect();
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            control.setup.name(),
            code(&control.name),
            counts.join(", "),
            words::collected(control)
        );
    }
    for note in &evidence.notes {
        let _ = writeln!(out, "\nNote: {}.", code(note));
    }
    let found: Vec<&Diagnostic> = evidence.diagnostics.iter().collect();
    out += &findings(checked, found, paths);
    let unknown = evidence.unknown();
    if !unknown.is_empty() {
        out += "\nNot known:\n\n";
        for (why, affected) in unknown {
            let _ = writeln!(out, "- {}", code(&words::unknown(why, &affected)));
        }
    }
    out
}

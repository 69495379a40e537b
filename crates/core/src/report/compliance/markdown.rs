//! The compliance as Markdown, for a monthly report, a summary of a pipeline or a wiki.

use std::fmt::Write as _;

use super::report::Report;
use super::words::{self, RANKED};
use crate::compliance::Status;
use crate::report::plan_markdown::code;

/// Changes of each kind that are listed.
const MAX_CHANGES: usize = 50;

/// Returns the compliance.
pub fn markdown(report: Report<'_>) -> String {
    let compliance = report.compliance;
    let mut out = format!("### controlsync: {}\n\n", words::summary(compliance));
    let _ = writeln!(out, "Compliance of {}: {}.", code(&compliance.home.to_string()), code(&words::scope(compliance)));
    for note in words::notes(compliance) {
        let _ = writeln!(out, "\nNote: {}.", code(&note));
    }
    frameworks(&report, &mut out);
    controls(&report, &mut out);
    rankings(&report, &mut out);
    list("Exceptions", words::exceptions(&report).iter(), usize::MAX, &mut out);
    list("Not known, and no data", words::reasons(compliance).iter(), usize::MAX, &mut out);
    if let Some(changes) = report.changes {
        let _ = writeln!(out, "\n#### Changes: {}", words::changes_in_numbers(changes));
        for (kind, subjects) in words::changes(changes) {
            let _ = writeln!(out, "\n{kind}:\n");
            listed(subjects.iter().map(words::subject), MAX_CHANGES, &mut out);
        }
    }
    out
}

/// Writes a list with a title, unless it is empty.
fn list(title: &str, all: impl ExactSizeIterator<Item = impl std::fmt::Display>, most: usize, out: &mut String) {
    if all.len() > 0 {
        let _ = writeln!(out, "\n#### {title}\n");
        listed(all, most, out);
    }
}

/// Writes the first items of a list, and how many more there are.
fn listed(all: impl ExactSizeIterator<Item = impl std::fmt::Display>, most: usize, out: &mut String) {
    let more = all.len().saturating_sub(most);
    for one in all.take(most) {
        let _ = writeln!(out, "- {}", code(&one.to_string()));
    }
    if more > 0 {
        let _ = writeln!(out, "- … and {more} more");
    }
}

fn frameworks(report: &Report<'_>, out: &mut String) {
    if report.compliance.frameworks.is_empty() {
        return;
    }
    *out += "\n#### Frameworks\n\n| framework | control set | status | score | controls |\n|---|---|---|---|---|\n";
    for framework in &report.compliance.frameworks {
        let status = framework.status.map_or("", Status::name);
        let score = words::score(framework.counts.score());
        let counts = words::counts(&framework.counts);
        let _ = writeln!(out, "| {} | | {status} | {score} | {counts} |", code(&framework.name));
        for set in &framework.sets {
            let status = set.status.map_or("", Status::name);
            let _ = writeln!(out, "| | {} | {status} | | {} |", code(&set.name), words::controls_of(report, set));
        }
    }
}

fn controls(report: &Report<'_>, out: &mut String) {
    *out += "\n#### Controls\n\n| status | severity | control | sources | resources | what to do |\n|---|---|---|---|---|---|\n";
    for control in &report.compliance.controls {
        let statuses = control.sources.iter().map(|source| words::status(report.compliance, source));
        let sources: Vec<String> = control
            .sources
            .iter()
            .zip(statuses)
            .map(|(source, status)| format!("{status}: {}", code(&source.name)))
            .collect();
        let failed = control.status == Status::NonCompliant;
        let remedies: Vec<String> = words::remedies(control).filter(|_| failed).map(|remedy| code(&remedy)).collect();
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            control.status.name(),
            words::severity(control),
            code(&control.name),
            sources.join("<br>"),
            words::failing(control.failing),
            remedies.join("<br>"),
        );
    }
}

fn rankings(report: &Report<'_>, out: &mut String) {
    list("Accounts, the worst first", report.compliance.accounts.iter().map(words::account), RANKED, out);
    list("Checks, the worst first", report.compliance.checks.iter().map(words::check), RANKED, out);
    list("Resources, the worst first", report.compliance.resources.iter().map(words::resource_rank), RANKED, out);
}

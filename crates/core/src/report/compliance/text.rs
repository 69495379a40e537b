//! The compliance for a terminal: frameworks, controls with their sources, rankings, exceptions, and what is not known.

use anstyle::{AnsiColor, Style as Ansi};

use super::report::Report;
use super::words::{self, RANKED};
use crate::characters::printable;
use crate::compliance::{ControlCompliance, FrameworkCompliance, SourceCompliance, Status};
use crate::report::writer::{STRONG, Style, Writer};

const FAINT: Ansi = Ansi::new().dimmed();
/// The longest name of a status.
const STATUS_WIDTH: usize = 13;
/// The longest name of a severity.
const SEVERITY_WIDTH: usize = 8;
/// Resources that are listed of a control.
const MAX_RESOURCES: usize = 20;
/// Changes of each kind that are listed.
const MAX_CHANGES: usize = 20;

/// Returns the compliance; with the resources of each control on request.
pub fn text(report: Report<'_>, resources: bool, style: &Style) -> String {
    let compliance = report.compliance;
    let mut out = Writer::new(style);
    let head = out.paint(STRONG, &format!("Compliance of {}", compliance.home));
    out.line(&format!("{head}: {}", printable(&words::scope(compliance))));
    for note in words::notes(compliance) {
        out.line(&format!("note: {}", printable(&note)));
    }
    for framework in &compliance.frameworks {
        self::framework(&report, framework, &mut out);
    }
    title("Controls, the worst first", &mut out);
    for control in &compliance.controls {
        self::control(&report, control, resources, &mut out);
    }
    rankings(&report, resources, &mut out);
    list("Exceptions", words::exceptions(&report).iter(), usize::MAX, &mut out);
    list("Not known, and no data", words::reasons(compliance).iter(), usize::MAX, &mut out);
    if let Some(changes) = report.changes {
        title(&format!("Changes: {}", words::changes_in_numbers(changes)), &mut out);
        for (kind, subjects) in words::changes(changes) {
            out.line(&format!("  {kind}"));
            listed(subjects.iter().map(words::subject), MAX_CHANGES, "    ", &mut out);
        }
    }
    out.line("");
    let summary = out.paint(STRONG, &words::summary(compliance));
    out.line(&summary);
    out.text
}

fn title(title: &str, out: &mut Writer) {
    out.line("");
    let title = out.paint(STRONG, &printable(title));
    out.line(&title);
}

/// Writes a list with a title, unless it is empty.
fn list(name: &str, all: impl ExactSizeIterator<Item = impl std::fmt::Display>, most: usize, out: &mut Writer) {
    if all.len() > 0 {
        title(name, out);
        listed(all, most, "  ", out);
    }
}

/// Writes the first lines of a list, and how many more there are.
fn listed(all: impl ExactSizeIterator<Item = impl std::fmt::Display>, most: usize, indent: &str, out: &mut Writer) {
    let more = all.len().saturating_sub(most);
    for one in all.take(most) {
        out.line(&format!("{indent}{}", printable(&one.to_string())));
    }
    if more > 0 {
        out.line(&format!("{indent}… and {more} more"));
    }
}

/// Returns a status in its color.
fn paint(status: Status, words: &str, out: &Writer) -> String {
    let color = match status {
        Status::NonCompliant => Ansi::new().fg_color(Some(AnsiColor::Red.into())),
        Status::Unknown | Status::NoData => Ansi::new().fg_color(Some(AnsiColor::Yellow.into())),
        Status::Compliant => Ansi::new().fg_color(Some(AnsiColor::Green.into())),
        Status::Excepted | Status::NoResources | Status::EvidenceOnly | Status::Manual => FAINT,
    };
    out.paint(color, &format!("{words:STATUS_WIDTH$}"))
}

fn framework(report: &Report<'_>, framework: &FrameworkCompliance, out: &mut Writer) {
    title(&format!("{}  {}", framework.name, words::score(framework.counts.score())), out);
    for set in &framework.sets {
        let status = set.status.map_or_else(|| " ".repeat(STATUS_WIDTH), |status| paint(status, status.name(), out));
        let controls = words::controls_of(report, set);
        out.line(&format!("  {status}  {}  {controls}", printable(&set.name)));
    }
}

/// Writes a control in one line; if it is not as it should be, with its sources and with what to do.
fn control(report: &Report<'_>, control: &ControlCompliance, resources: bool, out: &mut Writer) {
    let status = paint(control.status, control.status.name(), out);
    let severity = words::severity(control);
    let name = out.paint(STRONG, &printable(&control.name));
    let failing = words::failing(control.failing);
    out.line(format!("{status}  {severity:SEVERITY_WIDTH$}  {name}  {failing}").trim_end());
    if control.status >= Status::Compliant {
        return;
    }
    for source in &control.sources {
        self::source(report, source, out);
    }
    let indent = " ".repeat(STATUS_WIDTH + 2);
    if control.status == Status::NonCompliant {
        for remedy in words::remedies(control) {
            out.line(&format!("{indent}help: {}", printable(&remedy)));
        }
    }
    if resources {
        let more = control.failing.saturating_sub(control.resources.len().min(MAX_RESOURCES));
        for one in control.resources.iter().take(MAX_RESOURCES) {
            out.line(&format!("{indent}{}", printable(&words::resource(one))));
        }
        if more > 0 {
            out.line(&format!("{indent}… and {more} more"));
        }
    }
}

fn source(report: &Report<'_>, source: &SourceCompliance, out: &mut Writer) {
    let status = paint(source.status, &words::status(report.compliance, source), out);
    let keyword = source.keyword.as_deref().unwrap_or_default();
    let line = format!("  {status}  {}  {}  {}", printable(&source.name), source.source_type, printable(keyword));
    out.line(line.trim_end());
    let counts = words::counts_of_several(&source.counts);
    if !counts.is_empty() {
        let counts = out.paint(FAINT, &counts);
        out.line(&format!("{}{counts}", " ".repeat(STATUS_WIDTH + 4)));
    }
}

fn rankings(report: &Report<'_>, resources: bool, out: &mut Writer) {
    let compliance = report.compliance;
    list("Accounts, the worst first", compliance.accounts.iter().map(words::account), RANKED, out);
    list("Checks, the worst first", compliance.checks.iter().map(words::check), RANKED, out);
    if resources {
        list("Resources, the worst first", compliance.resources.iter().map(words::resource_rank), RANKED, out);
    }
}

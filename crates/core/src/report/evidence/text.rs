//! The evidence for a terminal: controls with their sources, problems once with all their lines, and what is not known.

use std::collections::{BTreeMap, BTreeSet};

use anstyle::{AnsiColor, Style as Ansi};

use super::words;
use crate::characters::printable;
use crate::check::Checked;
use crate::diagnostic::{Diagnostic, Level};
use crate::evidence::{ControlEvidence, Evidence, Setup, SourceReport, day};
use crate::report::writer::{STRONG, Style, Writer};
use crate::report::{Paths, concise};
use crate::source::FileId;

const FAINT: Ansi = Ansi::new().dimmed();
/// Lines of a problem that are listed; the others are counted.
const MAX_LINES: usize = 5;
/// The longest word for a setup.
const SETUP_WIDTH: usize = 11;
/// From this width on, sources are shown with their keywords.
const WIDE: usize = 120;

/// Returns the evidence, by framework on request.
pub fn text(evidence: &Evidence, checked: &Checked, paths: &Paths, by_framework: bool, style: &Style) -> String {
    let mut out = Writer::new(style);
    let show_path = |file| paths.show(checked.sources.get(file).path());
    let head = out.paint(STRONG, &format!("Evidence of {}", evidence.home));
    out.line(&format!("{head}: {}", words::accounts(evidence)));
    for note in &evidence.notes {
        out.line(&format!("note: {}", printable(note)));
    }
    if by_framework {
        for (framework, controls) in frameworks(evidence) {
            out.line("");
            let name = framework.map_or("In no framework of the catalog", |name| name);
            let name = out.paint(STRONG, &printable(name));
            out.line(&name);
            for control in controls {
                one(control, &show_path, &mut out, style);
            }
        }
    } else {
        out.line("");
        for control in &evidence.controls {
            one(control, &show_path, &mut out, style);
        }
    }
    problems(evidence, checked, paths, &mut out);
    unknown(evidence, &mut out);
    out.line("");
    let summary = out.paint(STRONG, &words::summary(evidence));
    out.line(&summary);
    out.text
}

/// Returns the controls of each framework, then those without one.
fn frameworks(evidence: &Evidence) -> BTreeMap<Option<&str>, Vec<&ControlEvidence>> {
    let mut all: BTreeMap<Option<&str>, Vec<&ControlEvidence>> = BTreeMap::new();
    for control in &evidence.controls {
        for framework in &control.frameworks {
            all.entry(Some(framework)).or_default().push(control);
        }
        if control.frameworks.is_empty() {
            all.entry(None).or_default().push(control);
        }
    }
    all
}

fn setup(setup: Setup, out: &Writer) -> String {
    let color = match setup {
        Setup::NotReady => Ansi::new().fg_color(Some(AnsiColor::Red.into())),
        Setup::Unknown | Setup::Waiting => Ansi::new().fg_color(Some(AnsiColor::Yellow.into())),
        Setup::Ready => Ansi::new().fg_color(Some(AnsiColor::Green.into())),
        Setup::Excepted | Setup::Manual | Setup::AwsManaged => FAINT,
    };
    out.paint(color, &format!("{:SETUP_WIDTH$}", setup.name()))
}

fn one(control: &ControlEvidence, path: &impl Fn(FileId) -> String, out: &mut Writer, style: &Style) {
    let collected = words::collected(control);
    let collected = if collected.is_empty() { collected } else { out.paint(FAINT, &format!("  {collected}")) };
    let name = out.paint(STRONG, &printable(&control.name));
    let line = format!("{}  {name}{collected}", setup(control.setup, out));
    out.line(&line);
    for source in &control.sources {
        let line = format!("  {}  {}", setup(source.setup, out), described(source, style));
        out.line(line.trim_end());
        let indent = " ".repeat(SETUP_WIDTH + 4);
        if source.places.len() > 1 {
            let counts = out.paint(FAINT, &words::setups(source));
            out.line(&format!("{indent}{counts}"));
        }
        for exception in words::exceptions(source, path) {
            let line = out.paint(FAINT, &printable(&exception));
            out.line(&format!("{indent}{line}"));
        }
    }
}

/// Returns a source within the width: its name, keyword and last evidence.
fn described(source: &SourceReport, style: &Style) -> String {
    let keyword = source.keyword.as_deref().filter(|_| style.width >= WIDE).unwrap_or_default();
    let mut parts = vec![printable(&source.name).into_owned(), source.source_type.to_owned()];
    if !keyword.is_empty() {
        parts.push(printable(keyword).into_owned());
    }
    let last = words::last(source);
    let room = style.width.saturating_sub(SETUP_WIDTH + 4);
    let rest: usize = parts[1..].iter().chain([&last]).map(|part| part.chars().count() + 2).sum();
    parts[0] = shortened(&parts[0], room.saturating_sub(rest).max(20));
    if !last.is_empty() {
        parts.push(last);
    }
    parts.join("  ")
}

fn shortened(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    let kept: String = text.chars().take(room.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// Writes each problem once, with the lines of its sources.
fn problems(evidence: &Evidence, checked: &Checked, paths: &Paths, out: &mut Writer) {
    let mut all: BTreeMap<(Level, &str, &str, Option<&str>), Vec<&Diagnostic>> = BTreeMap::new();
    for found in &evidence.diagnostics {
        let key = (found.level, found.rule.id, found.message.as_str(), found.help.as_deref());
        all.entry(key).or_default().push(found);
    }
    for ((level, rule, message, help), findings) in all {
        out.line("");
        let color = match level {
            Level::Error => AnsiColor::Red,
            Level::Warning => AnsiColor::Yellow,
            Level::Info => AnsiColor::Cyan,
        };
        let title = out.paint(Ansi::new().bold().fg_color(Some(color.into())), &format!("{}[{rule}]", level.name()));
        out.line(&format!("{title}: {}", printable(message)));
        let lines: BTreeSet<String> =
            findings.iter().map(|found| concise::location(&checked.sources, found, paths)).collect();
        for line in lines.iter().take(MAX_LINES) {
            out.line(&format!("  --> {line}"));
        }
        if let more @ 1.. = lines.len().saturating_sub(MAX_LINES) {
            out.line(&format!("  … and {more} more"));
        }
        if let Some(help) = help {
            out.line(&format!("  help: {}", printable(help)));
        }
    }
}

/// Writes what keeps setups from being known.
fn unknown(evidence: &Evidence, out: &mut Writer) {
    let unknown = evidence.unknown();
    if unknown.is_empty() {
        return;
    }
    out.line("");
    let head = out.paint(STRONG, "Not known");
    out.line(&head);
    for (why, affected) in unknown {
        out.line(&format!("  {}", printable(&words::unknown(why, &affected))));
    }
}

/// Returns a note about facts that an earlier run read.
pub fn cached(evidence: &Evidence, now: i64) -> String {
    let age = words::age(now - evidence.read_at);
    format!("note: read {age} ago, on {}; --refresh reads the accounts again\n", day(evidence.read_at))
}

//! An export as text for a terminal.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::files::GAPS_FILE;
use super::written::Written;
use crate::characters::printable;
use crate::diagnostic::counted;
use crate::pack_limits::MAX_INLINE_BYTES;
use crate::packs::{Export, Moved, Pack, Part};
use crate::report::text::Style;
use crate::report::writer::{STRONG, Writer};

/// Returns what was exported into a directory; without `written`, why nothing was.
pub fn exported(export: &Export, catalog: &str, written: Option<&Written>, directory: &str, style: &Style) -> String {
    let mut out = Writer::new(style);
    for (pack, why) in &export.above_limit {
        out.line(&format!("error: the pack `{pack}` has {why}; use --rebalance to move rules to other packs"));
    }
    let Some(written) = written else {
        out.line("Nothing was written: a pack with these rules could not be deployed.");
        return out.text;
    };
    let rules: usize = export.packs.iter().map(|pack| pack.rules).sum();
    let packs = counted(export.packs.len(), "pack");
    let head = format!(
        "{} of {} of catalog {catalog:?} in {} of {packs}",
        export.exported(),
        counted(export.sources, "data source"),
        counted(rules, "rule"),
    );
    let head = out.paint(STRONG, &head);
    out.line(&head);
    if !export.packs.is_empty() {
        out.line("");
    }
    for pack in &export.packs {
        out.line(&one(pack, directory));
    }
    for Moved { from, to } in &export.moved {
        let (check, old, new) = (printable(&from.check), &from.rule_name, &to.rule_name);
        out.line(&format!("moved {check}: `{old}` of {} is now `{new}` of {}", from.pack, to.pack));
    }
    out.line("");
    for line in summary(export, written, directory) {
        out.line(&line);
    }
    out.text
}

fn one(pack: &Pack, directory: &str) -> String {
    let mut parts = vec![counted(pack.rules, if pack.manual { "process check" } else { "rule" })];
    let counts = [(pack.remediations, "remediation"), (pack.parameters, "parameter")];
    parts.extend(counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, noun)| counted(count, noun)));
    parts.push(counted(pack.text.len(), "byte"));
    let mut line = format!("{}  {}", printable(&below(directory, &pack.file())), parts.join(", "));
    if !pack.is_inline() {
        let _ = write!(line, "; above {MAX_INLINE_BYTES} bytes, it must be deployed from Amazon S3");
    }
    if pack.manual {
        line += "; for one account, because people set the results there";
    }
    line
}

fn below(directory: &str, file: &str) -> String {
    if directory.is_empty() || directory == "." { file.to_owned() } else { format!("{directory}/{file}") }
}

fn summary(export: &Export, written: &Written, directory: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let changes = [(export.added, "new"), (export.removed, "removed"), (export.moved.len(), "moved or renamed")];
    let changes = changes.into_iter().filter(|(count, _)| *count > 0);
    let changes: Vec<String> = changes.map(|(count, what)| format!("{count} {what}")).collect();
    if !changes.is_empty() {
        lines.push(format!("Rules: {}.", changes.join(", ")));
    }
    if export.duplicates > 0 {
        let copies = counted(export.duplicates, "rule");
        lines.push(format!("{copies} of {} are copies; AWS bills the evaluations of each.", export.lock.checks.len()));
    }
    for file in &written.removed {
        lines.push(format!("Removed {}: the pack no longer exists.", printable(&below(directory, file))));
    }
    lines.push(match (written.written.len(), written.unchanged) {
        (0, _) => "No file changed.".to_owned(),
        (count, 0) => format!("Wrote {}.", counted(count, "file")),
        (count, unchanged) => format!("Wrote {}; {unchanged} unchanged.", counted(count, "file")),
    });
    for (part, noun) in
        [(Part::Source, "data source"), (Part::Parameter, "parameter"), (Part::Remediation, "remediation")]
    {
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for gap in export.gaps.iter().filter(|gap| gap.reason.part() == part) {
            *reasons.entry(gap.reason.id()).or_default() += 1;
        }
        let all = counted(reasons.values().sum(), noun);
        let listed: Vec<String> = reasons.iter().map(|(id, count)| format!("{count} {id}")).collect();
        if !listed.is_empty() {
            lines.push(format!(
                "Gaps: {all} ({}); {} has the reasons.",
                listed.join(", "),
                below(directory, GAPS_FILE)
            ));
        }
    }
    if !export.shortened.is_empty() {
        let rules = counted(export.shortened.len(), "rule");
        lines.push(format!(
            "{rules} with cut descriptions or names of controls; {} lists them.",
            below(directory, GAPS_FILE)
        ));
    }
    lines
}

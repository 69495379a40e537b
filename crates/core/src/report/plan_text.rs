//! Plans and what became of them, for people.

use anstyle::{AnsiColor, Style as Ansi};
use serde_json::Value as Json;

use super::text::Style;
use super::writer::{STRONG, Writer};
use super::{Paths, printable, visible};
use crate::change_result::{ChangeResult, Failure, place_of_field};
use crate::check::Checked;
use crate::diagnostic::counted;
use crate::document::escape;
use crate::plan::{
    Change, ChangeKind, ChangedBy, FieldChange, ImpactedObject, ObjectType, Orphan, Outcome, Plan, SOURCE_TAG,
    is_ownership_tag,
};

const ADDED: Ansi = AnsiColor::Green.on_default();
const REMOVED: Ansi = AnsiColor::Red.on_default();
const CHANGED: Ansi = AnsiColor::Yellow.on_default();
const FAINT: Ansi = Ansi::new().dimmed();

/// A plan: every change with old and new values, and a line that counts them. What is created stands in its file and is
/// named only, unless `everything` is asked for.
pub fn plan(plan: &Plan, everything: bool, style: &Style) -> String {
    let mut out = Writer::new(style);
    out.head(&plan.catalog, &plan.target);
    let shown: Vec<&Change> = plan
        .changes
        .iter()
        .filter(|change| change.kind != ChangeKind::Unchanged || !change.blocked_by.is_empty())
        .collect();
    if !shown.is_empty() {
        out.line("");
    }
    let width = shown
        .iter()
        .map(|change| printable(&change.name).chars().count())
        .filter(|width| *width <= 60)
        .max()
        .unwrap_or(0);
    for change in shown {
        describe(&mut out, change, width, everything);
    }
    out.line("");
    let summary = summary(plan);
    let summary = out.paint(STRONG, &summary);
    out.line(&summary);
    if let Some(orphans) = orphans(plan) {
        out.line("");
        out.line(&orphans.head);
        for line in &orphans.lines {
            out.line(&format!("  {line}"));
        }
        out.line(orphans.cure);
    }
    out.text
}

/// What is said of objects whose files are gone and that nothing is done to.
pub(super) struct Orphans {
    pub(super) head: String,
    /// One an object.
    pub(super) lines: Vec<String>,
    pub(super) cure: &'static str,
}

/// None where there are no such objects.
pub(super) fn orphans(plan: &Plan) -> Option<Orphans> {
    let line = |orphan: &Orphan| {
        let was = if orphan.source.is_empty() { String::new() } else { format!("  was {}", printable(&orphan.source)) };
        format!("{:<9} {}{was}", orphan.object.noun(), printable(&orphan.name))
    };
    let lines: Vec<String> = plan.left_behind().map(line).collect();
    let (has, stays) = if lines.len() == 1 { ("has", "stays") } else { ("have", "stay") };
    let count = counted(lines.len(), "object");
    (!lines.is_empty()).then(|| Orphans {
        head: format!("{count} of this catalog {has} no file any more and {stays} in the account:"),
        lines,
        cure: "What was renamed keeps its place in audits where the new file names it under `renamedFrom`; --prune deletes the rest.",
    })
}

/// A change alone, with old and new values.
pub(crate) fn described(change: &Change) -> String {
    let mut out = Writer::new(&Style::default());
    describe(&mut out, change, 0, false);
    out.text
}

/// What became of a change, where there is more to say than that it was done; empty where not.
pub(crate) fn result(change: &Change, result: &ChangeResult, checked: &Checked, paths: &Paths) -> String {
    let mut out = Writer::new(&Style::default());
    match result {
        ChangeResult::Failed(failure) => failed(&mut out, change, failure, checked, paths),
        ChangeResult::CreatedConcurrently { kept, removed, same } => {
            raced(&mut out, change, kept, removed.as_deref(), *same);
        }
        _ => {}
    }
    out.text
}

fn describe(out: &mut Writer, change: &Change, width: usize, everything: bool) {
    let (sign, style) = match change.kind {
        _ if !change.blocked_by.is_empty() => ("!", REMOVED),
        ChangeKind::Create => ("+", ADDED),
        ChangeKind::Delete => ("-", REMOVED),
        _ => ("~", CHANGED),
    };
    let what = format!("{sign} {:<7} {:<9}", change.kind.name(), change.object.noun());
    let what = out.paint(style, &what);
    let name = format!("{:<width$}", printable(&change.name));
    let name = out.paint(STRONG, &name);
    let why = match change.changed_by {
        Some(ChangedBy::File) => "  the file changed",
        Some(ChangedBy::Account) => "  drift: the account changed",
        None => "",
    };
    let source = format!("{}{why}", printable(&change.source));
    let source = out.paint(FAINT, &source);
    out.line(format!("{what} {name}  {source}").trim_end());
    if !change.blocked_by.is_empty() {
        let line = format!("    blocked by: {}", printable(&change.blocked_by.join(", ")));
        let line = out.paint(REMOVED, &line);
        out.line(&line);
    }
    if change.kind == ChangeKind::Create && !everything {
        return;
    }
    for field in &change.fields {
        difference(out, field);
    }
    for (key, old, new) in change.tags.of_users() {
        let pointer = format!("/tags/{}", escape(key));
        difference(out, &FieldChange { pointer, old: old.map(Json::from), new: new.map(Json::from) });
    }
    if let Some(impact) = &change.impact {
        let frameworks = (change.object == ObjectType::Control).then_some(("in frameworks", &impact.frameworks));
        let assessments = match change.object {
            ObjectType::Control => "in active assessments",
            ObjectType::Framework => "active assessments made from it, which keep what they have",
        };
        for (what, held) in frameworks.into_iter().chain([(assessments, &impact.assessments)]) {
            let names = held.iter().flatten().map(|held: &ImpactedObject| printable(&held.name)).collect::<Vec<_>>();
            let held = held.is_some().then_some(names);
            let line = match held.as_deref() {
                None => format!("    {what}: unknown"),
                Some([]) => continue,
                Some(names) => format!("    {what}: {}", names.join(", ")),
            };
            let line = out.paint(CHANGED, &line);
            out.line(&line);
        }
    }
    if let (Some(ChangedBy::File), Some((Some(old), new))) = (change.changed_by, change.tags.set.get(SOURCE_TAG)) {
        let line = format!("    the file moved from {} to {}", printable(old), printable(new));
        out.line(&line);
    }
    let ownership: Vec<&str> = change.tags.set.keys().filter(|key| is_ownership_tag(key)).map(String::as_str).collect();
    if !ownership.is_empty() {
        let line = format!("    ownership tags: {}", ownership.join(", "));
        let line = out.paint(FAINT, &line);
        out.line(&line);
    }
}

fn difference(out: &mut Writer, field: &FieldChange) {
    out.line(&format!("    {}", printable(&field.pointer)));
    for (value, sign, style) in [(&field.old, "-", REMOVED), (&field.new, "+", ADDED)] {
        let Some(value) = value else { continue };
        for line in text(value).split('\n') {
            let line = format!("      {sign} {}", visible(line));
            let line = out.paint(style, &line);
            out.line(&line);
        }
    }
}

/// A value as lines: whole sources and sets member by member.
pub(super) fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        Json::Object(members) => {
            members.iter().map(|(name, value)| format!("{name}: {}", text(value))).collect::<Vec<_>>().join("\n")
        }
        other => other.to_string(),
    }
}

/// The line that counts the changes of a plan.
pub(crate) fn summary(plan: &Plan) -> String {
    let of = |object| plan.changes.iter().filter(|change| change.object == object).count();
    let objects = format!(
        "{} and {}",
        counted(of(ObjectType::Control), "control"),
        counted(of(ObjectType::Framework), "framework")
    );
    if plan.outcome() == Outcome::InSync {
        return format!("Nothing differs: {objects} are as the files say.");
    }
    let counts = plan.counts();
    let mut parts: Vec<String> = Vec::new();
    for (kind, count) in counts.iter().filter(|(_, count)| **count > 0) {
        parts.push(match kind {
            ChangeKind::Unchanged => format!("{count} unchanged"),
            kind => format!("{count} to {}", kind.name()),
        });
    }
    let blocked = plan.changes.iter().filter(|change| !change.blocked_by.is_empty()).count();
    let blocked = if blocked == 0 { String::new() } else { format!("; {blocked} of them blocked") };
    format!("Plan for {objects}: {}{blocked}.", parts.join(", "))
}

/// What became of a plan: failures in full, and a line that counts.
pub fn results(plan: &Plan, results: &[ChangeResult], checked: &Checked, paths: &Paths, style: &Style) -> String {
    let mut out = Writer::new(style);
    for (change, result) in plan.changes.iter().zip(results) {
        match result {
            ChangeResult::Failed(failure) => failed(&mut out, change, failure, checked, paths),
            ChangeResult::CreatedConcurrently { kept, removed, same } => {
                raced(&mut out, change, kept, removed.as_deref(), *same);
            }
            ChangeResult::Blocked { by } => {
                let line = format!(
                    "blocked: {} {} was left alone: {}",
                    change.object.noun(),
                    printable(&change.name),
                    by.join(", ")
                );
                let line = out.paint(REMOVED, &line);
                out.line(&line);
            }
            _ => {}
        }
    }
    let count = |wanted: &str| results.iter().filter(|result| result.name() == wanted).count();
    let mut parts: Vec<String> = Vec::new();
    for kind in ChangeKind::ALL.iter().filter(|kind| **kind != ChangeKind::Unchanged) {
        let done = |(change, result): &(&Change, &ChangeResult)| {
            change.kind == *kind && matches!(result, ChangeResult::Applied { .. })
        };
        let done = plan.changes.iter().zip(results).filter(done).count();
        if done > 0 {
            parts.push(format!("{done} {}", past(*kind)));
        }
    }
    for (word, shown) in [
        ("created-concurrently", "made by another writer"),
        ("failed", "failed"),
        ("blocked", "blocked"),
        ("not-started", "not started"),
        ("unchanged", "unchanged"),
    ] {
        if count(word) > 0 {
            parts.push(format!("{} {shown}", count(word)));
        }
    }
    let line = format!("Applied: {}.", if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") });
    let line = out.paint(STRONG, &line);
    out.line(&line);
    out.text
}

pub(crate) const fn past(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Delete => "deleted",
        ChangeKind::Create => "created",
        ChangeKind::Rename => "renamed",
        ChangeKind::Adopt => "adopted",
        ChangeKind::Update => "updated",
        ChangeKind::Retag => "retagged",
        ChangeKind::Unchanged => "unchanged",
    }
}

fn raced(out: &mut Writer, change: &Change, kept: &str, removed: Option<&str>, same: bool) {
    let (noun, name) = (change.object.noun(), printable(&change.name));
    let ours = removed.map_or(String::new(), |id| format!("; the one of this run ({id}) was removed again"));
    out.line(&format!("raced: another writer made the {noun} {name} at the same time ({kept}){ours}"));
    if !same {
        let line = out.paint(REMOVED, "    It is not as the file says. Plan again.");
        out.line(&line);
    }
}

fn failed(out: &mut Writer, change: &Change, failure: &Failure, checked: &Checked, paths: &Paths) {
    let source = if change.source.is_empty() { String::new() } else { format!(" ({})", printable(&change.source)) };
    let head = format!("failed: {} {} {}{source}", change.kind.name(), change.object.noun(), printable(&change.name));
    let head = out.paint(REMOVED, &head);
    out.line(&head);
    out.line(&format!("    {}", printable(&failure.to_string())));
    for field in &failure.fields {
        let place = place_of_field(&checked.catalog, change, &field.name).map(|(file, pointer)| {
            let source = checked.sources.get(file);
            let start = source.position(checked.catalog.span(&checked.sources, file, &pointer).start);
            format!("{}:{}:{}: ", printable(&paths.show(source.path())), start.line, start.column)
        });
        let place = place.unwrap_or_default();
        out.line(&format!("      {place}{}: {}", printable(&field.name), printable(&field.message)));
    }
    if failure.unclear {
        out.line("    It is not clear whether the request was carried out.");
    }
    if let Some(help) = &failure.help {
        out.line(&format!("    {help}"));
    }
}

//! Plans and the results of applying them, as text.

use anstyle::{AnsiColor, Style as Ansi};
use serde_json::Value as Json;

use super::Paths;
use super::text::Style;
use super::writer::{STRONG, Writer};
use crate::change_result::{ChangeResult, Failure, location_of_field};
use crate::characters::{printable, visible};
use crate::check::Checked;
use crate::diagnostic::counted;
use crate::document::escape;
use crate::plan::{
    Change, ChangeKind, ChangedBy, FieldChange, Impact, ImpactedObject, ObjectType, Orphan, Outcome, Plan, SOURCE_TAG,
    is_ownership_tag, reasons,
};

const ADDED: Ansi = AnsiColor::Green.on_default();
const REMOVED: Ansi = AnsiColor::Red.on_default();
const CHANGED: Ansi = AnsiColor::Yellow.on_default();
const FAINT: Ansi = Ansi::new().dimmed();

/// Returns a plan: every change with old and new values, and a summary. New objects are only named, because their
/// fields are in the file, unless `everything` is set.
pub fn plan(plan: &Plan, everything: bool, style: &Style) -> String {
    let mut out = Writer::new(style);
    out.head(&plan.catalog, &plan.target);
    let shown: Vec<&Change> =
        plan.changes.iter().filter(|change| change.kind != ChangeKind::Unchanged || change.is_blocked()).collect();
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
        out.line(orphans.help);
    }
    out.text
}

/// The note about objects without a file that the plan does not change.
pub(super) struct Orphans {
    pub(super) head: String,
    /// One line per object.
    pub(super) lines: Vec<String>,
    pub(super) help: &'static str,
}

/// Returns the note, `None` if there are no such objects.
pub(super) fn orphans(plan: &Plan) -> Option<Orphans> {
    let line = |orphan: &Orphan| {
        let was = if orphan.source.is_empty() {
            String::new()
        } else {
            format!("  formerly in {}", printable(&orphan.source))
        };
        format!("{:<9} {}{was}", orphan.object.noun(), printable(&orphan.name))
    };
    let lines: Vec<String> = plan.left_behind().map(line).collect();
    let (has, stays) = if lines.len() == 1 { ("has", "remains") } else { ("have", "remain") };
    let count = counted(lines.len(), "object");
    (!lines.is_empty()).then(|| Orphans {
        head: format!("{count} of this catalog {has} no file and {stays} in the account:"),
        lines,
        help: "If an object was renamed, list its old name under `renamedFrom` in the new file, so that assessments keep \
               it; --prune deletes the others.",
    })
}

/// Returns one change, with old and new values.
pub(crate) fn described(change: &Change) -> String {
    let mut out = Writer::new(&Style::default());
    describe(&mut out, change, 0, false);
    out.text
}

/// Returns details about the result of a change; empty if there are none.
pub(crate) fn result(change: &Change, result: &ChangeResult, checked: &Checked, paths: &Paths) -> String {
    let mut out = Writer::new(&Style::default());
    match result {
        ChangeResult::Failed(failure) => failed(&mut out, change, failure, checked, paths),
        ChangeResult::CreatedConcurrently { kept, removed, same } => {
            created_concurrently(&mut out, change, kept, removed.as_deref(), *same);
        }
        _ => {}
    }
    out.text
}

/// Says that the service returned texts in another form than they were sent.
fn altered_texts(out: &mut Writer, change: &Change, altered: &[&str]) {
    let line = format!(
        "note: the service stores {} of the {} {} in another form than the file",
        altered.join(", "),
        change.object.noun(),
        printable(&change.name)
    );
    out.line(&line);
}

fn describe(out: &mut Writer, change: &Change, width: usize, everything: bool) {
    let (sign, style) = match change.kind {
        _ if change.is_blocked() => ("!", REMOVED),
        ChangeKind::Create => ("+", ADDED),
        ChangeKind::Delete => ("-", REMOVED),
        _ => ("~", CHANGED),
    };
    let what = format!("{sign} {:<7} {:<9}", change.kind.name(), change.object.noun());
    let what = out.paint(style, &what);
    let name = format!("{:<width$}", printable(&change.name));
    let name = out.paint(STRONG, &name);
    let why = match change.changed_by {
        Some(ChangedBy::File) => "  changed by: file",
        Some(ChangedBy::Account) => "  changed by: account",
        None => "",
    };
    let source = format!("{}{why}", printable(&change.source));
    let source = out.paint(FAINT, &source);
    out.line(format!("{what} {name}  {source}").trim_end());
    if change.is_blocked() {
        let line = format!("    blocked by: {}", printable(&reasons(&change.blocked_by)));
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
        describe_impact(out, change.object, impact);
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

/// Writes what a change affects.
fn describe_impact(out: &mut Writer, object: ObjectType, impact: &Impact) {
    let frameworks = (object == ObjectType::Control).then_some(("used by frameworks", &impact.frameworks));
    let note = match object {
        ObjectType::Control => "",
        ObjectType::Framework => " (they keep their control sets)",
    };
    let assessments = ("used by active assessments", &impact.assessments);
    for (what, users) in frameworks.into_iter().chain([assessments]) {
        let names = users.iter().flatten().map(|user: &ImpactedObject| printable(&user.name)).collect::<Vec<_>>();
        let names = users.is_some().then_some(names);
        let line = match names.as_deref() {
            None => format!("    impact: {what}: unknown"),
            Some([]) => continue,
            Some(names) => format!("    impact: {what} {}{note}", names.join(", ")),
        };
        let line = out.paint(CHANGED, &line);
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

/// Returns a value as lines: data sources and control sets field by field.
pub(super) fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        Json::Object(fields) => {
            fields.iter().map(|(name, value)| format!("{name}: {}", text(value))).collect::<Vec<_>>().join("\n")
        }
        other => other.to_string(),
    }
}

/// Returns the summary of a plan.
pub(crate) fn summary(plan: &Plan) -> String {
    let of = |object| plan.changes.iter().filter(|change| change.object == object).count();
    let objects = format!(
        "{} and {}",
        counted(of(ObjectType::Control), "control"),
        counted(of(ObjectType::Framework), "framework")
    );
    if plan.outcome() == Outcome::InSync {
        return format!("No changes. {objects} match the catalog.");
    }
    let counts = plan.counts();
    let mut parts: Vec<String> = Vec::new();
    for (kind, count) in counts.iter().filter(|(_, count)| **count > 0) {
        parts.push(match kind {
            ChangeKind::Unchanged => format!("{count} unchanged"),
            kind => format!("{count} to {}", kind.name()),
        });
    }
    let blocked = plan.changes.iter().filter(|change| change.is_blocked()).count();
    let blocked = if blocked == 0 { String::new() } else { format!("; {blocked} blocked") };
    format!("Plan for {objects}: {}{blocked}.", parts.join(", "))
}

/// Returns the results of applying a plan: failures with details, and a summary.
pub fn results(plan: &Plan, results: &[ChangeResult], checked: &Checked, paths: &Paths, style: &Style) -> String {
    let mut out = Writer::new(style);
    for (change, result) in plan.changes.iter().zip(results) {
        match result {
            ChangeResult::Failed(failure) => failed(&mut out, change, failure, checked, paths),
            ChangeResult::CreatedConcurrently { kept, removed, same } => {
                created_concurrently(&mut out, change, kept, removed.as_deref(), *same);
            }
            ChangeResult::Applied { altered, .. } if !altered.is_empty() => altered_texts(&mut out, change, altered),
            ChangeResult::Blocked { by } => {
                let line = format!(
                    "blocked: {} {} was not changed: {}",
                    change.object.noun(),
                    printable(&change.name),
                    printable(&reasons(by))
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
        ("created-concurrently", "created concurrently"),
        ("failed", "failed"),
        ("blocked", "blocked"),
        ("not-started", "not started"),
        ("unchanged", "unchanged"),
    ] {
        if count(word) > 0 {
            parts.push(format!("{} {shown}", count(word)));
        }
    }
    let line = format!("Applied: {}.", if parts.is_empty() { "no changes".to_owned() } else { parts.join(", ") });
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

fn created_concurrently(out: &mut Writer, change: &Change, kept: &str, removed: Option<&str>, same: bool) {
    let (noun, name) = (change.object.noun(), printable(&change.name));
    let ours = removed.map_or(String::new(), |id| format!("; the one that this run created ({id}) was deleted"));
    out.line(&format!(
        "conflict: the {noun} {name} was created concurrently by another writer; that one is kept ({kept}){ours}"
    ));
    if !same {
        let line = out.paint(REMOVED, "    It differs from the file: run `controlsync plan` again.");
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
        let location = location_of_field(&checked.catalog, change, &field.name).map(|(file, pointer)| {
            let source = checked.sources.get(file);
            let start = source.position(checked.catalog.span(&checked.sources, file, &pointer).start);
            format!("{}:{}:{}: ", printable(&paths.show(source.path())), start.line, start.column)
        });
        let location = location.unwrap_or_default();
        out.line(&format!("      {location}{}: {}", printable(&field.name), printable(&field.message)));
    }
    if failure.unclear {
        out.line("    It is unclear whether the request was processed.");
    }
    if let Some(help) = &failure.help {
        out.line(&format!("    {help}"));
    }
}

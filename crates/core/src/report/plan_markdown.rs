//! Plans and what became of them as Markdown, for comments on pull requests.
//!
//! Texts of controls are hostile input here: they stand in fenced blocks whose fence is longer than any run of backticks in
//! them, names stand in `<code>` as HTML, where GitHub and GitLab neither mention people nor make links.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::plan_text::Orphans;
use super::text::Style;
use super::{Findings, Paths, concise, plan_text, printable, visible};
use crate::change_result::ChangeResult;
use crate::check::Checked;
use crate::diagnostic::{Diagnostic, Level, counted};
use crate::document::escape;
use crate::plan::{Change, ChangeKind, ChangedBy, ImpactedObject, ObjectType, Outcome, Plan, SOURCE_TAG};

/// The longest text in UTF-16 units. GitHub takes 65,536 in a comment.
pub const MAX_UNITS: usize = 65_000;
/// What findings, and what became of a plan, may take of it.
const MAX_FINDINGS: usize = 15_000;
/// What is said when something does not fit has this much room.
const MAX_NOTE: usize = 300;
/// So many names stand in one line.
const MAX_NAMES: usize = 20;

/// Adds parts as long as there is room.
struct Page {
    text: String,
    left: usize,
}

impl Page {
    const fn new(room: usize) -> Self {
        Self { text: String::new(), left: room }
    }

    /// Whether a part was added.
    fn add(&mut self, part: &str) -> bool {
        let units = part.encode_utf16().count();
        let fits = units <= self.left;
        if fits {
            self.left -= units;
            self.text.push_str(part);
        }
        fits
    }
}

/// The first line, by which a later run finds its own comment again.
pub fn marker(catalog: &str) -> String {
    // Two hyphens would end the comment; the names of catalogs hold nothing else that could.
    format!("<!-- controlsync plan {} -->", catalog.replace("--", "- -"))
}

/// A plan; with results, what became of it.
pub fn plan(plan: &Plan, results: Option<&[ChangeResult]>, checked: &Checked, paths: &Paths) -> String {
    let mut page = Page::new(MAX_UNITS - MAX_NOTE);
    page.add(&head(plan, results.is_some()));
    let found = checked.findings_beside_a_plan().into_iter().chain(&plan.diagnostics).collect();
    page.add(&findings(checked, found, paths));
    if let Some(refusal) = &plan.refused {
        page.add(&format!("\n**Nothing is deleted:**\n{}", fenced("text", &[refusal.to_string()])));
    }
    if let Some(results) = results {
        let told = plan_text::results(plan, results, checked, paths, &Style::default());
        page.add(&format!("\n{}", fenced("text", &cut(told.lines().map(str::to_owned), MAX_FINDINGS))));
    }
    let shown: Vec<&Change> = plan
        .changes
        .iter()
        .filter(|change| change.kind != ChangeKind::Unchanged || !change.blocked_by.is_empty())
        .collect();
    let mut hidden = 0;
    for change in &shown {
        if hidden > 0 || !page.add(&described(change)) {
            hidden += 1;
        }
    }
    if let Some(Orphans { head, lines, cure }) = plan_text::orphans(plan)
        && hidden == 0
    {
        let listed = cut(lines.into_iter(), MAX_FINDINGS);
        page.add(&format!("\n**{head}**\n\n{}\n{cure}\n", fenced("text", &listed)));
    }
    let mut text = page.text;
    if hidden > 0 {
        let _ = write!(text, "\n{} more not shown here: `controlsync plan` shows all.\n", counted(hidden, "change"));
    }
    text
}

/// A catalog with errors, from which no plan is made.
pub fn invalid(checked: &Checked, paths: &Paths) -> String {
    let errors = checked.diagnostics.iter().filter(|found| found.level == Level::Error).count();
    let mut page = Page::new(MAX_UNITS);
    let catalog = &checked.catalog.name;
    page.add(&format!("{}\n### controlsync: {}, no plan\n", marker(catalog), counted(errors, "error")));
    page.add(&format!("\nCatalog {}. No plan is made from a catalog with errors.\n", code(catalog)));
    page.add(&findings(checked, checked.diagnostics.iter().collect(), paths));
    page.text
}

fn head(plan: &Plan, applied: bool) -> String {
    let writes = plan.changes.iter().filter(|change| change.kind != ChangeKind::Unchanged).count();
    let title = match plan.outcome() {
        Outcome::InSync => "nothing differs".to_owned(),
        _ if applied => format!("applied {}", counted(writes, "change")),
        Outcome::Changes => counted(writes, "change"),
        Outcome::Conflict => format!("{}, with conflicts", counted(writes, "change")),
    };
    let mut text = format!("{}\n### controlsync: {title}\n", marker(&plan.catalog));
    let account = plan.target.account.as_deref().unwrap_or("not known yet");
    let _ = write!(
        text,
        "\nCatalog {}, account {}, Region {}.\n",
        code(&plan.catalog),
        code(account),
        code(&plan.target.region)
    );
    if plan.outcome() == Outcome::InSync {
        return text;
    }
    text += "\n| | controls | frameworks |\n|---|---|---|\n";
    for kind in ChangeKind::ALL {
        let of = |object| plan.changes.iter().filter(|change| change.kind == *kind && change.object == object).count();
        let (controls, frameworks) = (of(ObjectType::Control), of(ObjectType::Framework));
        if controls + frameworks > 0 {
            let _ = writeln!(text, "| {} | {controls} | {frameworks} |", kind.name());
        }
    }
    let blocked = plan.changes.iter().filter(|change| !change.blocked_by.is_empty()).count();
    if blocked > 0 {
        let _ = write!(text, "\n**{} blocked.**\n", counted(blocked, "change"));
    }
    let deleted =
        plan.changes.iter().filter(|change| change.kind == ChangeKind::Delete).map(|change| change.name.as_str());
    let deleted: Vec<&str> = deleted.collect();
    if !deleted.is_empty() {
        let _ = write!(text, "\n**To be deleted:** {}\n", names(&deleted));
    }
    // An edit of a control is seen in these at once; they keep what their framework was.
    let carried_out = plan.changes.iter().filter(|change| change.blocked_by.is_empty());
    let controls = carried_out.filter(|change| change.object == ObjectType::Control);
    let impact = controls.filter_map(|change| change.impact.as_ref());
    let mut unknown = false;
    let mut assessments: Vec<&str> = Vec::new();
    for impact in impact {
        unknown |= impact.assessments.is_none();
        assessments.extend(impact.assessments.iter().flatten().map(|held| held.name.as_str()));
    }
    assessments.sort_unstable();
    assessments.dedup();
    if !assessments.is_empty() {
        let _ = write!(text, "\n**Reaches active assessments:** {}\n", names(&assessments));
    }
    if unknown {
        text += "\n**Which active assessments it reaches is not known.**\n";
    }
    text
}

/// Findings, one line each and one for what to do.
fn findings(checked: &Checked, found: Vec<&Diagnostic>, paths: &Paths) -> String {
    if found.is_empty() {
        return String::new();
    }
    let findings = Findings { sources: &checked.sources, diagnostics: found, files: 0, paths: paths.clone() };
    let mut lines = Vec::new();
    for (line, diagnostic) in concise::findings(std::slice::from_ref(&findings)).lines().zip(&findings.diagnostics) {
        let help = diagnostic.help.as_ref().map_or(String::new(), |help| format!("\n  help: {}", printable(help)));
        lines.push(format!("{line}{help}"));
    }
    format!("\n{}", fenced("text", &cut(lines.into_iter(), MAX_FINDINGS)))
}

/// As many of the lines as fit, and how many more there are.
fn cut(lines: impl Iterator<Item = String>, room: usize) -> Vec<String> {
    let (mut page, mut kept, mut hidden) = (Page::new(room), Vec::new(), 0);
    for line in lines {
        if hidden == 0 && page.add(&line) {
            kept.push(line);
        } else {
            hidden += 1;
        }
    }
    if hidden > 0 {
        kept.push(format!("… and {hidden} more"));
    }
    kept
}

fn described(change: &Change) -> String {
    let sign = match change.kind {
        _ if !change.blocked_by.is_empty() => "!",
        ChangeKind::Delete => "-",
        ChangeKind::Create => "+",
        _ => "~",
    };
    let why = match change.changed_by {
        Some(ChangedBy::File) => " · the file changed",
        Some(ChangedBy::Account) => " · drift: the account changed",
        None => "",
    };
    let source = if change.source.is_empty() { String::new() } else { format!(" · {}", code(&change.source)) };
    let summary = format!(
        "<code>{sign}</code> {} {} {}{source}{why}",
        change.kind.name(),
        change.object.noun(),
        code(&change.name)
    );
    let mut body = String::new();
    if !change.blocked_by.is_empty() {
        let by: Vec<&str> = change.blocked_by.iter().map(String::as_str).collect();
        let _ = write!(body, "\nBlocked by {}\n", names(&by));
    }
    if let Some(impact) = &change.impact {
        let mut told = |what: &str, held: Option<&Vec<ImpactedObject>>| match held {
            None => {
                let _ = write!(body, "\n{what}: not known\n");
            }
            Some(held) if held.is_empty() => {}
            Some(held) => {
                let held: Vec<&str> = held.iter().map(|held| held.name.as_str()).collect();
                let _ = write!(body, "\n{what}: {}\n", names(&held));
            }
        };
        match change.object {
            ObjectType::Control => {
                told("In frameworks", impact.frameworks.as_ref());
                told("In active assessments", impact.assessments.as_ref());
            }
            ObjectType::Framework => {
                told("Active assessments made from it, which keep what they have", impact.assessments.as_ref());
            }
        }
    }
    let lines = differences(change);
    if !lines.is_empty() {
        let _ = write!(body, "\n{}", fenced("diff", &lines));
    }
    if body.is_empty() {
        return format!("\n<p>{summary}</p>\n");
    }
    // What cannot be undone, and what is seen in live audits, is not folded away.
    let reaches = change.object == ObjectType::Control
        && change.impact.as_ref().and_then(|impact| impact.assessments.as_ref()).is_some_and(|held| !held.is_empty());
    let open = if change.kind == ChangeKind::Delete || reaches { " open" } else { "" };
    format!("\n<details{open}><summary>{summary}</summary>\n{body}\n</details>\n")
}

/// Old and new values, as a diff.
fn differences(change: &Change) -> Vec<String> {
    let mut lines = Vec::new();
    let mut difference = |pointer: &str, old: Option<&Json>, new: Option<&Json>| {
        lines.push(format!("@@ {} @@", printable(pointer)));
        for (sign, value) in [('-', old), ('+', new)] {
            let Some(value) = value else { continue };
            lines.extend(plan_text::text(value).split('\n').map(|line| format!("{sign} {}", visible(line))));
        }
    };
    if change.kind != ChangeKind::Create {
        for field in &change.fields {
            difference(&field.pointer, field.old.as_ref(), field.new.as_ref());
        }
        for (key, old, new) in change.tags.of_users() {
            let (old, new) = (old.map(Json::from), new.map(Json::from));
            difference(&format!("/tags/{}", escape(key)), old.as_ref(), new.as_ref());
        }
        if let (Some(ChangedBy::File), Some((Some(old), new))) = (change.changed_by, change.tags.set.get(SOURCE_TAG)) {
            difference("file", Some(&Json::from(old.as_str())), Some(&Json::from(new.as_str())));
        }
    }
    lines
}

/// A block that nothing in it can end.
fn fenced(language: &str, lines: &[String]) -> String {
    let longest = lines.iter().flat_map(|line| line.split(|c| c != '`')).map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", lines.join("\n"))
}

/// A text within a line: HTML, because there a backslash escapes nothing and a backtick is one.
fn code(text: &str) -> String {
    let mut shown = String::from("<code>");
    for c in printable(text).chars() {
        match c {
            '&' => shown += "&amp;",
            '<' => shown += "&lt;",
            '>' => shown += "&gt;",
            // Within a line of Markdown these would still be marks.
            '`' | '*' | '_' | '[' | ']' | '\\' | '~' | '|' | '@' | '#' | '!' | ':' | '\'' | '"' | '$' => {
                let _ = write!(shown, "&#{};", u32::from(c));
            }
            c => shown.push(c),
        }
    }
    shown + "</code>"
}

fn names(all: &[&str]) -> String {
    let shown: Vec<String> = all.iter().take(MAX_NAMES).map(|name| code(name)).collect();
    let more = all.len().saturating_sub(MAX_NAMES);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

//! Plans and the results of applying them as Markdown, for comments on pull requests.
//!
//! Strings of controls are hostile input. They are in fenced blocks whose fence is longer than any run of backticks in
//! them; names are in `<code>` elements, in which GitHub and GitLab create neither mentions nor links.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::plan_text::Orphans;
use super::text::Style;
use super::{Findings, Paths, concise, plan_text};
use crate::change_result::ChangeResult;
use crate::characters::{printable, visible};
use crate::check::Checked;
use crate::diagnostic::{Diagnostic, Level, counted};
use crate::document::escape;
use crate::plan::{Change, ChangeKind, ChangedBy, ImpactedObject, ObjectType, Outcome, Plan, Reason, SOURCE_TAG};

/// Maximum length in UTF-16 units. GitHub accepts comments of 65,536.
pub const MAX_UNITS: usize = 65_000;
/// Maximum length of the findings, and of the results.
const MAX_FINDINGS: usize = 15_000;
/// Length reserved for the note about omitted parts.
const MAX_NOTE: usize = 300;
/// Maximum number of names in a line.
const MAX_NAMES: usize = 20;

/// Adds parts while they fit.
struct Page {
    text: String,
    left: usize,
}

impl Page {
    const fn new(left: usize) -> Self {
        Self { text: String::new(), left }
    }

    /// Adds a part if it fits, and returns whether it did.
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

/// The first line, by which a later run finds its comment.
pub fn marker(catalog: &str) -> String {
    // Two hyphens would end the comment; catalog names contain nothing else that could.
    format!("<!-- controlsync plan {} -->", catalog.replace("--", "- -"))
}

/// Returns a plan, with its results if it was applied.
pub fn plan(plan: &Plan, results: Option<&[ChangeResult]>, checked: &Checked, paths: &Paths) -> String {
    let mut page = Page::new(MAX_UNITS - MAX_NOTE);
    page.add(&head(plan, results.is_some()));
    let found = checked.findings_to_show_with_plan().into_iter().chain(&plan.diagnostics).collect();
    page.add(&findings(checked, found, paths));
    if let Some(refusal) = &plan.refused {
        page.add(&format!("\n**Nothing is deleted:**\n{}", fenced("text", &[refusal.to_string()])));
    }
    if let Some(results) = results {
        let shown = plan_text::results(plan, results, checked, paths, &Style::default());
        page.add(&format!("\n{}", fenced("text", &cut(shown.lines().map(str::to_owned), MAX_FINDINGS))));
    }
    let shown: Vec<&Change> =
        plan.changes.iter().filter(|change| change.kind != ChangeKind::Unchanged || change.is_blocked()).collect();
    let mut hidden = 0;
    for change in &shown {
        if hidden > 0 || !page.add(&described(change)) {
            hidden += 1;
        }
    }
    if let Some(Orphans { head, lines, help }) = plan_text::orphans(plan)
        && hidden == 0
    {
        let listed = cut(lines.into_iter(), MAX_FINDINGS);
        page.add(&format!("\n**{head}**\n\n{}\n{help}\n", fenced("text", &listed)));
    }
    let mut text = page.text;
    if hidden > 0 {
        let _ = write!(text, "\n{} omitted: run `controlsync plan` to see all.\n", counted(hidden, "change"));
    }
    text
}

/// Returns the comment about a catalog with errors, for which no plan is made.
pub fn invalid(checked: &Checked, paths: &Paths) -> String {
    let errors = checked.diagnostics.iter().filter(|found| found.level == Level::Error).count();
    let mut page = Page::new(MAX_UNITS);
    let catalog = &checked.catalog.name;
    page.add(&format!("{}\n### controlsync: {}, no plan\n", marker(catalog), counted(errors, "error")));
    page.add(&format!("\nCatalog {}. Nothing was planned: the catalog has errors.\n", code(catalog)));
    page.add(&findings(checked, checked.diagnostics.iter().collect(), paths));
    page.text
}

fn head(plan: &Plan, applied: bool) -> String {
    let writes = plan.changes.iter().filter(|change| change.kind != ChangeKind::Unchanged).count();
    let title = match plan.outcome() {
        Outcome::InSync => "no changes".to_owned(),
        _ if applied => format!("applied {}", counted(writes, "change")),
        Outcome::Changes => counted(writes, "change"),
        Outcome::Conflict => format!("{}, with conflicts", counted(writes, "change")),
    };
    let mut text = format!("{}\n### controlsync: {title}\n", marker(&plan.catalog));
    let account = plan.target.account.as_deref().unwrap_or("unknown");
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
    let blocked = plan.changes.iter().filter(|change| change.is_blocked()).count();
    if blocked > 0 {
        let _ = write!(text, "\n**{} blocked.**\n", counted(blocked, "change"));
    }
    let deleted =
        plan.changes.iter().filter(|change| change.kind == ChangeKind::Delete).map(|change| change.name.as_str());
    let deleted: Vec<&str> = deleted.collect();
    if !deleted.is_empty() {
        let _ = write!(text, "\n**To be deleted:** {}\n", names(&deleted));
    }
    // An edit of a control is visible in active assessments immediately; an edit of their framework is not.
    let not_blocked = plan.changes.iter().filter(|change| !change.is_blocked());
    let controls = not_blocked.filter(|change| change.object == ObjectType::Control);
    let impact = controls.filter_map(|change| change.impact.as_ref());
    let mut unknown = false;
    let mut assessments: Vec<&str> = Vec::new();
    for impact in impact {
        unknown |= impact.assessments.is_none();
        assessments.extend(impact.assessments.iter().flatten().map(|user| user.name.as_str()));
    }
    assessments.sort_unstable();
    assessments.dedup();
    if !assessments.is_empty() {
        let _ = write!(text, "\n**Impact on active assessments:** {}\n", names(&assessments));
    }
    if unknown {
        text += "\n**The impact on active assessments is unknown.**\n";
    }
    text
}

/// Returns findings, with a line each and one for their help.
pub(super) fn findings(checked: &Checked, found: Vec<&Diagnostic>, paths: &Paths) -> String {
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

/// Returns the lines that fit, and the number of omitted ones.
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
        _ if change.is_blocked() => "!",
        ChangeKind::Delete => "-",
        ChangeKind::Create => "+",
        _ => "~",
    };
    let why = match change.changed_by {
        Some(ChangedBy::File) => " · changed by: file",
        Some(ChangedBy::Account) => " · changed by: account",
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
    if change.is_blocked() {
        let by: Vec<String> = change.blocked_by.iter().map(Reason::to_string).collect();
        let by: Vec<&str> = by.iter().map(String::as_str).collect();
        let _ = write!(body, "\nBlocked by {}\n", names(&by));
    }
    if let Some(impact) = &change.impact {
        let mut shown = |what: &str, users: Option<&Vec<ImpactedObject>>| match users {
            None => {
                let _ = write!(body, "\n{what}: unknown\n");
            }
            Some(users) if users.is_empty() => {}
            Some(users) => {
                let users: Vec<&str> = users.iter().map(|user| user.name.as_str()).collect();
                let _ = write!(body, "\n{what}: {}\n", names(&users));
            }
        };
        match change.object {
            ObjectType::Control => {
                shown("Used by frameworks", impact.frameworks.as_ref());
                shown("Used by active assessments", impact.assessments.as_ref());
            }
            ObjectType::Framework => {
                shown("Used by active assessments (they keep their control sets)", impact.assessments.as_ref());
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
    // Deletions, and changes that are visible in live audits, are always expanded.
    let in_audits = change.object == ObjectType::Control
        && change.impact.as_ref().and_then(|impact| impact.assessments.as_ref()).is_some_and(|users| !users.is_empty());
    let open = if change.kind == ChangeKind::Delete || in_audits { " open" } else { "" };
    format!("\n<details{open}><summary>{summary}</summary>\n{body}\n</details>\n")
}

/// Returns old and new values as a diff.
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

/// Returns a fenced block that its content cannot end.
fn fenced(language: &str, lines: &[String]) -> String {
    let longest = lines.iter().flat_map(|line| line.split(|c| c != '`')).map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", lines.join("\n"))
}

/// Returns a string within a line, as HTML, in which backslashes and backticks have no special meaning.
pub(super) fn code(text: &str) -> String {
    let mut shown = String::from("<code>");
    for c in printable(text).chars() {
        match c {
            '&' => shown += "&amp;",
            '<' => shown += "&lt;",
            '>' => shown += "&gt;",
            // These are Markdown syntax within a line.
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

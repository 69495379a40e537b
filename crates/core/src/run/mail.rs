//! The email about a run: a subject, and plain text with the most important parts first.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::notice::{NoticeKind, Status};
use super::{Mode, Outcome, RunReport, Triggers};
use crate::change_result::{ChangeResult, Failure};
use crate::characters::printable;
use crate::diagnostic::{Level, counted};
use crate::plan::{ChangeKind, TagChange, Target, is_ownership_tag};
use crate::push::UNCOMMITTED;
use crate::report::{Paths, plan_text};

/// Maximum length of a subject, <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>.
const MAX_SUBJECT: usize = 99;
/// Length to which the name of the catalog in a subject is cut, if the rest needs the room.
const MIN_CATALOG: usize = 16;
/// Maximum length of a text in bytes: longer emails are not read to the end.
pub const MAX_BYTES: usize = 32 * 1024;
/// Maximum number of known notices in an email.
const MAX_KNOWN: usize = 20;
/// Maximum number of files listed per commit.
const MAX_FILES: usize = 20;

/// Returns the subject: outcome, counts, catalog, account and Region, in printable ASCII.
pub fn subject(run: &RunReport<'_>) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (kind, count) in run.counts() {
        if count > 0 && kind != ChangeKind::Unchanged {
            parts.push(format!("{count} {}", plan_text::past(kind)));
        }
    }
    for kind in ChangeKind::ALL {
        let count = run.planned().filter(|change| change.kind == *kind).count();
        if count > 0 {
            parts.push(format!("{count} to {}", kind.name()));
        }
    }
    let current = |wanted: Level| run.news.current().filter(|notice| notice.level == wanted).count();
    for (count, noun) in
        [(run.failures(), "failed"), (run.not_started().count(), "not started"), (run.news.resolved.len(), "resolved")]
    {
        if count > 0 {
            parts.push(format!("{count} {noun}"));
        }
    }
    for (level, noun) in [(Level::Error, "error"), (Level::Warning, "warning")] {
        if current(level) > 0 {
            parts.push(counted(current(level), noun));
        }
    }
    if run.is_reminder() {
        parts.push("reminder".to_owned());
    }
    let what = match (parts.is_empty(), run.is_transient()) {
        (true, true) => "will be retried".to_owned(),
        (true, false) if run.outcome() == Outcome::Empty => "no definitions yet".to_owned(),
        (true, false) => "no changes".to_owned(),
        (false, _) => parts.join(", "),
    };
    subject_of(&format!("controlsync {}: {what}", run.outcome().name()), run.catalog, run.target)
}

/// Returns a subject with the catalog, the account and the Region, in printable ASCII.
pub(crate) fn subject_of(what: &str, catalog: &str, target: &Target) -> String {
    let account = target.account.as_deref().unwrap_or("unknown account");
    let location = format!(", {account} {})", target.region);
    let room = MAX_SUBJECT.saturating_sub(location.len() + 2);
    let catalog = shortened(catalog, room.saturating_sub(what.len()).max(MIN_CATALOG));
    let what = shortened(what, room.saturating_sub(catalog.len()));
    let subject = format!("{what} ({catalog}{location}");
    subject.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).take(MAX_SUBJECT).collect()
}

/// Cuts a text to a number of bytes, after a part if it has parts.
fn shortened(text: &str, room: usize) -> String {
    const MORE: &str = "...";
    if text.len() <= room {
        return text.to_owned();
    }
    let kept = text.floor_char_boundary(room.saturating_sub(MORE.len()));
    let kept = text[..kept].rfind(", ").unwrap_or(kept);
    format!("{}{MORE}", &text[..kept])
}

/// Returns the text, at most [`MAX_BYTES`] long.
pub fn text(run: &RunReport<'_>) -> String {
    let mut text = head(run);
    for section in [
        uploads(run),
        run_failure(run),
        failures(run),
        not_started(run),
        interrupted(run),
        news(run),
        resolved(run),
        known(run),
        next_step(run),
        changes(run),
        in_sync(run),
    ] {
        if !section.is_empty() {
            text.push('\n');
            text.push_str(&section);
        }
    }
    cut(text, "run `controlsync plan`")
}

/// The summary of a plan without changes.
fn in_sync(run: &RunReport<'_>) -> String {
    match run.plan {
        Some(plan) if run.outcome() == Outcome::InSync => format!("{}\n", plan_text::summary(plan)),
        _ => String::new(),
    }
}

fn head(run: &RunReport<'_>) -> String {
    let mode = match run.mode {
        Mode::Plan => "; in plan mode, so nothing is written",
        Mode::Apply => "",
    };
    let outcome = format!(
        "Outcome:   {}{mode}\n{}",
        run.outcome().name(),
        reminder(run.days_since_email.filter(|_| run.is_reminder()))
    );
    head_of(
        &outcome,
        &Headed { catalog: run.catalog, location: run.location, target: run.target, triggers: run.triggers },
        "",
    )
}

/// What the head of an email names.
pub(crate) struct Headed<'a> {
    pub(crate) catalog: &'a str,
    pub(crate) location: &'a str,
    pub(crate) target: &'a Target,
    pub(crate) triggers: Triggers,
}

/// Returns the head of an email: the lines about the outcome, where and when, and lines about what was read between them.
pub(crate) fn head_of(outcome: &str, run: &Headed<'_>, read: &str) -> String {
    format!(
        "{outcome}Catalog:   {} in {}\nAccount:   {}, {}\n{read}Trigger:   {}\nVersion:   controlsync {}\n",
        printable(run.catalog),
        printable(run.location),
        run.target.account.as_deref().unwrap_or("unknown"),
        run.target.region,
        run.triggers.name(),
        env!("CARGO_PKG_VERSION"),
    )
}

/// Returns the line that says that an email only repeats what is open, `days` after the last one; nothing if it does not.
pub(crate) fn reminder(days: Option<u32>) -> String {
    days.map_or(String::new(), |days| {
        format!("Reminder:  still open since the last email, {} ago\n", counted(days as usize, "day"))
    })
}

/// What brings the catalog into the account, if nothing does yet.
fn next_step(run: &RunReport<'_>) -> String {
    if run.outcome() == Outcome::Empty {
        let (bucket, prefix) = run.location.trim_start_matches("s3://").split_once('/').unwrap_or((run.location, ""));
        let prefix =
            if prefix.is_empty() { String::new() } else { format!(" --prefix '{}'", prefix.replace('\'', r"'\''")) };
        let command = printable(&format!("controlsync push --bucket {bucket}{prefix}")).into_owned();
        return format!("There are no definitions in the bucket yet. Upload the catalog: `{command}`\n");
    }
    if run.mode == Mode::Apply || run.planned().next().is_none() {
        return String::new();
    }
    format!("If the plan below is right, go live: {}\n", printable(&run.deployment.go_live(run.catalog)))
}

/// The files that were added, changed or removed, grouped by commit.
fn uploads(run: &RunReport<'_>) -> String {
    if run.uploads.is_empty() {
        return String::new();
    }
    let mut commits: BTreeMap<(Option<&str>, Option<&str>), Vec<String>> = BTreeMap::new();
    for upload in run.uploads {
        let removed = if upload.removed { " (removed)" } else { "" };
        let files = commits.entry((upload.commit.as_deref(), upload.author.as_deref())).or_default();
        files.push(format!("{}{removed}", printable(&upload.path)));
    }
    let mut text = format!("{} added, changed or removed:\n", counted(run.uploads.len(), "file"));
    for ((commit, author), files) in commits {
        let by = author.map_or(String::new(), |author| format!(" by {}", printable(author)));
        match commit {
            Some(UNCOMMITTED) => {
                let _ = writeln!(text, "  uncommitted{by}");
            }
            Some(commit) => {
                let _ = writeln!(text, "  commit {}{by}", printable(commit));
            }
            None => {}
        }
        list(&mut text, &files, MAX_FILES, "file");
    }
    text
}

fn list(text: &mut String, lines: &[String], most: usize, noun: &str) {
    for line in lines.iter().take(most) {
        let _ = writeln!(text, "    {line}");
    }
    if lines.len() > most {
        let _ = writeln!(text, "    {} not shown", counted(lines.len() - most, noun));
    }
}

/// A transient failure of the run itself; permanent ones are among the notices.
fn run_failure(run: &RunReport<'_>) -> String {
    let Some(super::NotPlanned::Failed { what, failure }) =
        run.not_planned.filter(|not_planned| not_planned.is_transient())
    else {
        return String::new();
    };
    format!("The run failed: {what}: {}\n{}", printable(&failure.to_string()), retry(run))
}

fn retry(run: &RunReport<'_>) -> String {
    let Some(retry) = run.retry else { return String::new() };
    let next = retry.seconds.map(|seconds| counted(seconds as usize, "second"));
    match (retry.gives_up, next) {
        (false, Some(next)) => format!("The run will be retried automatically in {next}.\n"),
        (_, None) => {
            "That was the last attempt: the message that triggered the run moves to the dead-letter queue. Once the \
             cause is fixed, redrive the message, or wait for the next run.\n"
                .to_owned()
        }
        (true, Some(next)) => format!(
            "Some of the messages that triggered the run have no attempts left and move to the dead-letter queue; the \
             others will be retried in {next}.\n"
        ),
    }
}

fn failures(run: &RunReport<'_>) -> String {
    // Permanent failures are among the notices.
    let failed = || run.failed().filter(|(_, failure)| failure.transient);
    let Some(checked) = run.checked.filter(|_| failed().next().is_some()) else { return created_concurrently(run) };
    let mut text = format!("{} failed:\n", counted(failed().count(), "change"));
    for (change, failure) in failed() {
        let failure = Failure { help: None, ..failure.clone() };
        text += &plan_text::result(change, &ChangeResult::Failed(failure), checked, &Paths::default());
    }
    text + &retry(run) + &created_concurrently(run)
}

fn created_concurrently(run: &RunReport<'_>) -> String {
    let Some(checked) = run.checked else { return String::new() };
    let conflicts = run.results().filter(|(_, result)| matches!(result, ChangeResult::CreatedConcurrently { .. }));
    conflicts.map(|(change, result)| plan_text::result(change, result, checked, &Paths::default())).collect()
}

fn not_started(run: &RunReport<'_>) -> String {
    let lines: Vec<String> = run
        .not_started()
        .map(|change| format!("{} {} {}", change.kind.name(), change.object.noun(), printable(&change.name)))
        .collect();
    if lines.is_empty() {
        return String::new();
    }
    let mut text = format!("{} not started, because the run reached its time limit:\n", counted(lines.len(), "change"));
    list(&mut text, &lines, MAX_FILES, "change");
    // A transient failure already states the retry.
    let stated = run.failed().any(|(_, failure)| failure.transient);
    if stated { text } else { text + &retry(run) }
}

fn interrupted(run: &RunReport<'_>) -> String {
    if run.interrupted.is_empty() {
        return String::new();
    }
    let (done, open): (Vec<_>, Vec<_>) = run.interrupted.iter().partition(|(_, done)| *done);
    let words = |all: Vec<&(super::StartedChange, bool)>| -> Vec<String> {
        let word = |(started, _): &(super::StartedChange, bool)| {
            format!("{} {} {}", started.kind.name(), started.object.noun(), printable(&started.name))
        };
        all.into_iter().map(word).collect()
    };
    let mut text = format!("An earlier run was interrupted. Of its {}:\n", counted(run.interrupted.len(), "change"));
    for (what, all) in [("applied", words(done)), ("not applied, and planned again", words(open))] {
        if !all.is_empty() {
            let _ = writeln!(text, "  {} {what}", all.len());
            list(&mut text, &all, MAX_FILES, "change");
        }
    }
    text
}

fn news(run: &RunReport<'_>) -> String {
    let is_new = |status: &Status| *status != Status::Known;
    let new = || run.news.notices.iter().filter(|(status, _)| is_new(status)).map(|(_, notice)| notice);
    let (findings, others): (Vec<_>, Vec<_>) =
        new().partition(|notice| run.triggers.upload && notice.kind == NoticeKind::Finding);
    let mut text = String::new();
    for (title, notices) in [("New since the last report", others), ("New findings in this upload", findings)] {
        if notices.is_empty() {
            continue;
        }
        let gap = if text.is_empty() { "" } else { "\n" };
        let _ = writeln!(text, "{gap}{title} ({}):", notices.len());
        for notice in notices {
            let _ = writeln!(text, "\n{}", notice.text);
        }
    }
    text
}

fn resolved(run: &RunReport<'_>) -> String {
    if run.news.resolved.is_empty() {
        return String::new();
    }
    let line = |known: &super::notice::ReportedNotice| {
        let location = known.location.as_deref().map_or(String::new(), |location| format!("{location}: "));
        // What an earlier run reported is read back from a file.
        printable(&format!("{location}{}", known.line)).into_owned()
    };
    let lines: Vec<String> = run.news.resolved.iter().map(line).collect();
    let mut text = format!("Resolved ({}):\n", lines.len());
    list(&mut text, &lines, lines.len(), "");
    text
}

fn known(run: &RunReport<'_>) -> String {
    let known: Vec<String> = run
        .news
        .notices
        .iter()
        .filter(|(status, _)| *status == Status::Known)
        .map(|(_, notice)| {
            let location = notice.location.as_deref().map_or(String::new(), |location| format!("{location}: "));
            format!("{location}{}", notice.line)
        })
        .collect();
    if known.is_empty() {
        return String::new();
    }
    let mut text = format!("Still open ({}):\n", known.len());
    list(&mut text, &known, if run.triggers.report { known.len() } else { MAX_KNOWN }, "notice");
    text
}

fn changes(run: &RunReport<'_>) -> String {
    let done: Vec<_> = run.applied().map(|(change, _)| change).collect();
    let planned: Vec<_> = run.planned().collect();
    let mut text = String::new();
    for (title, changes) in [("applied", done), ("planned", planned)] {
        if changes.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{} {title}:", counted(changes.len(), "change"));
        for change in changes {
            // Ownership tags are of no interest to control owners.
            let own = |key: &String| !is_ownership_tag(key);
            let set = change.tags.set.iter().filter(|(key, _)| own(key));
            let tags = TagChange {
                set: set.map(|(key, value)| (key.clone(), value.clone())).collect(),
                remove: change.tags.remove.clone(),
            };
            text += &plan_text::described(&crate::plan::Change { tags, ..change.clone() });
        }
    }
    text
}

/// Truncates the text at the end of a line, and counts the missing lines. `more` says what shows them.
pub(crate) fn cut(text: String, more: &str) -> String {
    /// Room for the note.
    const NOTE: usize = 160;
    if text.len() <= MAX_BYTES {
        return text;
    }
    let room = text.floor_char_boundary(MAX_BYTES - NOTE);
    let end = text[..room].rfind('\n').map_or(room, |end| end + 1);
    let missing = text[end..].lines().count();
    format!("{}\n{} not shown. For more, {more} or see the events topic.\n", &text[..end], counted(missing, "line"))
}

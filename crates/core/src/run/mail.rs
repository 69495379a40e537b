//! What people are told of a run: a subject, and a plain text with what matters most first.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::notice::{NoticeKind, Status};
use super::{Mode, Outcome, RunReport};
use crate::change_result::{ChangeResult, Failure};
use crate::diagnostic::{Level, counted};
use crate::plan::{ChangeKind, TagChange, is_ownership_tag};
use crate::push::UNCOMMITTED;
use crate::report::{Paths, plan_text, printable};

/// The longest subject, <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>.
const MAX_SUBJECT: usize = 99;
/// The longest text in bytes: a mail that nobody reads to its end helps nobody.
pub const MAX_BYTES: usize = 32 * 1024;
/// So many known notices are named.
const MAX_KNOWN: usize = 20;
/// So many files of one commit are named.
const MAX_FILES: usize = 20;

/// Outcome, counts, account and Region, in printable ASCII.
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
        [(run.failures(), "failed"), (run.left().count(), "left"), (run.news.resolved.len(), "resolved")]
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
    let account = run.target.account.as_deref().unwrap_or("unknown account");
    let location = format!(" ({account} {})", run.target.region);
    let what = match (parts.is_empty(), run.is_transient()) {
        (true, true) => "it is tried again".to_owned(),
        (true, false) => "nothing differs".to_owned(),
        (false, _) => parts.join(", "),
    };
    let mut subject = format!("controlsync {}: {what}", run.outcome().name());
    let room = MAX_SUBJECT.saturating_sub(location.len());
    if subject.len() > room {
        let kept = subject.rfind([',']).filter(|_| room > 3).map_or(0, |_| room - 3);
        subject = format!("{}...", &subject[..subject.floor_char_boundary(kept)]);
    }
    subject += &location;
    subject.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).take(MAX_SUBJECT).collect()
}

/// The text, at most [`MAX_BYTES`] long.
pub fn text(run: &RunReport<'_>) -> String {
    let mut text = head(run);
    for section in [
        uploads(run),
        stopped(run),
        failures(run),
        left(run),
        interrupted(run),
        news(run),
        resolved(run),
        known(run),
        changes(run),
        nothing(run),
    ] {
        if !section.is_empty() {
            text.push('\n');
            text.push_str(&section);
        }
    }
    cut(text)
}

/// What there is to say where nothing differs.
fn nothing(run: &RunReport<'_>) -> String {
    match run.plan {
        Some(plan) if run.outcome() == Outcome::InSync => format!("{}\n", plan_text::summary(plan)),
        _ => String::new(),
    }
}

fn head(run: &RunReport<'_>) -> String {
    let account = run.target.account.as_deref().unwrap_or("not known yet");
    let mode = match run.mode {
        Mode::Plan => "; CONTROLSYNC_MODE=plan, so nothing is written",
        Mode::Apply => "",
    };
    format!(
        "Outcome:   {}{mode}\nCatalog: {} in {}\nAccount:   {account}, {}\nReason:    {}\nProgram:   controlsync {}\n",
        run.outcome().name(),
        printable(run.catalog),
        printable(run.location),
        run.target.region,
        run.triggers.name(),
        env!("CARGO_PKG_VERSION"),
    )
}

/// The files that are new, changed or gone, by the commit that they come from.
fn uploads(run: &RunReport<'_>) -> String {
    if run.uploads.is_empty() {
        return String::new();
    }
    let mut commits: BTreeMap<(Option<&str>, Option<&str>), Vec<String>> = BTreeMap::new();
    for upload in run.uploads {
        let gone = if upload.removed { " (removed)" } else { "" };
        let files = commits.entry((upload.commit.as_deref(), upload.author.as_deref())).or_default();
        files.push(format!("{}{gone}", printable(&upload.path)));
    }
    let mut text = format!("{} new, changed or gone:\n", counted(run.uploads.len(), "file"));
    for ((commit, author), files) in commits {
        let by = author.map_or(String::new(), |author| format!(" by {}", printable(author)));
        match commit {
            Some(UNCOMMITTED) => {
                let _ = writeln!(text, "  not committed{by}");
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
        let _ = writeln!(text, "    and {} more", counted(lines.len() - most, noun));
    }
}

/// Why a run that may heal by itself could not be made; what does not heal is among the notices.
fn stopped(run: &RunReport<'_>) -> String {
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
        (false, Some(next)) => format!("It is tried again in {next} without your doing.\n"),
        (_, None) => {
            "That was the last try: what woke the function goes to the dead-letter queue. Once the cause is gone, \
                      send it back from there, or wait for the next run.\n"
                .to_owned()
        }
        (true, Some(next)) => format!(
            "A part of what woke the function has had its last try and goes to the dead-letter queue; the rest is tried retry \
             in {next}.\n"
        ),
    }
}

fn failures(run: &RunReport<'_>) -> String {
    // What fails for good is among the notices.
    let failed = || run.failed().filter(|(_, failure)| failure.transient);
    let Some(checked) = run.checked.filter(|_| failed().next().is_some()) else { return raced(run) };
    let mut text = format!("{} failed:\n", counted(failed().count(), "change"));
    for (change, failure) in failed() {
        let failure = Failure { help: None, ..failure.clone() };
        text += &plan_text::result(change, &ChangeResult::Failed(failure), checked, &Paths::default());
    }
    text + &retry(run) + &raced(run)
}

fn raced(run: &RunReport<'_>) -> String {
    let Some(checked) = run.checked else { return String::new() };
    let raced = run.results().filter(|(_, result)| matches!(result, ChangeResult::CreatedConcurrently { .. }));
    raced.map(|(change, result)| plan_text::result(change, result, checked, &Paths::default())).collect()
}

fn left(run: &RunReport<'_>) -> String {
    let left: Vec<String> = run
        .left()
        .map(|change| format!("{} {} {}", change.kind.name(), change.object.noun(), printable(&change.name)))
        .collect();
    if left.is_empty() {
        return String::new();
    }
    let mut text = format!("{} not started, because the time of the run was over:\n", counted(left.len(), "change"));
    list(&mut text, &left, MAX_FILES, "change");
    // Once is enough: what failed has said when it is tried again.
    let said = run.failed().any(|(_, failure)| failure.transient);
    if said { text } else { text + &retry(run) }
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
    let mut text = format!("An earlier run broke off. Of its {}:\n", counted(run.interrupted.len(), "change"));
    for (what, all) in [("carried out", words(done)), ("not carried out, and planned anew", words(open))] {
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
    for (title, notices) in [("New", others), ("This upload", findings)] {
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
        // What an earlier run has told comes back from a file.
        printable(&format!("{location}{}", known.line)).into_owned()
    };
    let lines: Vec<String> = run.news.resolved.iter().map(line).collect();
    let mut text = format!("Cured ({}):\n", lines.len());
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
    let mut text = format!("ReportedNotice ({}):\n", known.len());
    list(&mut text, &known, if run.triggers.report { known.len() } else { MAX_KNOWN }, "notice");
    text
}

fn changes(run: &RunReport<'_>) -> String {
    let done: Vec<_> = run.carried_out().map(|(change, _)| change).collect();
    let planned: Vec<_> = run.planned().collect();
    let mut text = String::new();
    for (title, changes) in [("carried out", done), ("planned", planned)] {
        if changes.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{} {title}:", counted(changes.len(), "change"));
        for change in changes {
            // That ownership is in tags is of no interest to those who own the controls.
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

/// Cut at the end of a line, with a count of what is missing.
fn cut(text: String) -> String {
    /// Room for the words that say so.
    const NOTE: usize = 160;
    if text.len() <= MAX_BYTES {
        return text;
    }
    let room = text.floor_char_boundary(MAX_BYTES - NOTE);
    let end = text[..room].rfind('\n').map_or(room, |end| end + 1);
    let missing = text[end..].lines().count();
    format!(
        "{}\n{} more not shown here: `controlsync plan` and the events topic have all.\n",
        &text[..end],
        counted(missing, "line")
    )
}

//! What people are told of a pass: a subject, and a plain text with what matters most first.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::notice::{NoticeKind, Status};
use super::{Mode, Outcome, Pass};
use crate::applied::{ChangeResult, Failure};
use crate::diagnostic::{Severity, counted};
use crate::plan::{Kind, TagChange, is_ownership_tag};
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
pub fn subject(pass: &Pass<'_>) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (kind, count) in pass.counts() {
        if count > 0 && kind != Kind::Unchanged {
            parts.push(format!("{count} {}", plan_text::past(kind)));
        }
    }
    for kind in Kind::ALL {
        let count = pass.planned().filter(|change| change.kind == *kind).count();
        if count > 0 {
            parts.push(format!("{count} to {}", kind.name()));
        }
    }
    let current = |wanted: Severity| pass.news.current().filter(|notice| notice.severity == wanted).count();
    for (count, noun) in [(pass.failures(), "failed"), (pass.left().count(), "left"), (pass.news.cured.len(), "cured")]
    {
        if count > 0 {
            parts.push(format!("{count} {noun}"));
        }
    }
    for (severity, noun) in [(Severity::Error, "error"), (Severity::Warning, "warning")] {
        if current(severity) > 0 {
            parts.push(counted(current(severity), noun));
        }
    }
    let account = pass.target.account.as_deref().unwrap_or("unknown account");
    let place = format!(" ({account} {})", pass.target.region);
    let what = match (parts.is_empty(), pass.is_transient()) {
        (true, true) => "it is tried again".to_owned(),
        (true, false) => "nothing differs".to_owned(),
        (false, _) => parts.join(", "),
    };
    let mut subject = format!("controlsync {}: {what}", pass.outcome().name());
    let room = MAX_SUBJECT.saturating_sub(place.len());
    if subject.len() > room {
        let kept = subject.rfind([',']).filter(|_| room > 3).map_or(0, |_| room - 3);
        subject = format!("{}...", &subject[..subject.floor_char_boundary(kept)]);
    }
    subject += &place;
    subject.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).take(MAX_SUBJECT).collect()
}

/// The text, at most [`MAX_BYTES`] long.
pub fn text(pass: &Pass<'_>) -> String {
    let mut text = head(pass);
    for section in [
        uploads(pass),
        stopped(pass),
        failures(pass),
        left(pass),
        earlier(pass),
        news(pass),
        cured(pass),
        known(pass),
        changes(pass),
        nothing(pass),
    ] {
        if !section.is_empty() {
            text.push('\n');
            text.push_str(&section);
        }
    }
    cut(text)
}

/// What there is to say where nothing differs.
fn nothing(pass: &Pass<'_>) -> String {
    match pass.plan {
        Some(plan) if pass.outcome() == Outcome::InSync => format!("{}\n", plan_text::summary(plan)),
        _ => String::new(),
    }
}

fn head(pass: &Pass<'_>) -> String {
    let account = pass.target.account.as_deref().unwrap_or("not known yet");
    let mode = match pass.mode {
        Mode::Plan => "; CONTROLSYNC_MODE=plan, so nothing is written",
        Mode::Apply => "",
    };
    format!(
        "Outcome:   {}{mode}\nCatalog: {} in {}\nAccount:   {account}, {}\nReason:    {}\nProgram:   controlsync {}\n",
        pass.outcome().name(),
        printable(pass.catalog),
        printable(pass.place),
        pass.target.region,
        pass.wake.name(),
        env!("CARGO_PKG_VERSION"),
    )
}

/// The files that are new, changed or gone, by the commit that they come from.
fn uploads(pass: &Pass<'_>) -> String {
    if pass.uploads.is_empty() {
        return String::new();
    }
    let mut commits: BTreeMap<(Option<&str>, Option<&str>), Vec<String>> = BTreeMap::new();
    for upload in pass.uploads {
        let gone = if upload.removed { " (removed)" } else { "" };
        let files = commits.entry((upload.commit.as_deref(), upload.author.as_deref())).or_default();
        files.push(format!("{}{gone}", printable(&upload.path)));
    }
    let mut text = format!("{} new, changed or gone:\n", counted(pass.uploads.len(), "file"));
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

/// Why a pass that may heal by itself could not be made; what does not heal is among the notices.
fn stopped(pass: &Pass<'_>) -> String {
    let Some(super::Stop::Failed { what, failure }) = pass.stop.filter(|stop| stop.is_transient()) else {
        return String::new();
    };
    format!("The pass failed: {what}: {}\n{}", printable(&failure.to_string()), again(pass))
}

fn again(pass: &Pass<'_>) -> String {
    let Some(again) = pass.again else { return String::new() };
    let next = again.seconds.map(|seconds| counted(seconds as usize, "second"));
    match (again.gives_up, next) {
        (false, Some(next)) => format!("It is tried again in {next} without your doing.\n"),
        (_, None) => {
            "That was the last try: what woke the function goes to the dead-letter queue. Once the cause is gone, \
                      send it back from there, or wait for the next pass.\n"
                .to_owned()
        }
        (true, Some(next)) => format!(
            "A part of what woke the function has had its last try and goes to the dead-letter queue; the rest is tried again \
             in {next}.\n"
        ),
    }
}

fn failures(pass: &Pass<'_>) -> String {
    // What fails for good is among the notices.
    let failed = || pass.failed().filter(|(_, failure)| failure.transient);
    let Some(checked) = pass.checked.filter(|_| failed().next().is_some()) else { return raced(pass) };
    let mut text = format!("{} failed:\n", counted(failed().count(), "change"));
    for (change, failure) in failed() {
        let failure = Failure { help: None, ..failure.clone() };
        text += &plan_text::result(change, &ChangeResult::Failed(failure), checked, &Paths::default());
    }
    text + &again(pass) + &raced(pass)
}

fn raced(pass: &Pass<'_>) -> String {
    let Some(checked) = pass.checked else { return String::new() };
    let raced = pass.results().filter(|(_, result)| matches!(result, ChangeResult::Raced { .. }));
    raced.map(|(change, result)| plan_text::result(change, result, checked, &Paths::default())).collect()
}

fn left(pass: &Pass<'_>) -> String {
    let left: Vec<String> = pass
        .left()
        .map(|change| format!("{} {} {}", change.kind.name(), change.object.noun(), printable(&change.name)))
        .collect();
    if left.is_empty() {
        return String::new();
    }
    let mut text = format!("{} not started, because the time of the pass was over:\n", counted(left.len(), "change"));
    list(&mut text, &left, MAX_FILES, "change");
    // Once is enough: what failed has said when it is tried again.
    let said = pass.failed().any(|(_, failure)| failure.transient);
    if said { text } else { text + &again(pass) }
}

fn earlier(pass: &Pass<'_>) -> String {
    if pass.earlier.is_empty() {
        return String::new();
    }
    let (done, open): (Vec<_>, Vec<_>) = pass.earlier.iter().partition(|(_, done)| *done);
    let words = |all: Vec<&(super::Begun, bool)>| -> Vec<String> {
        let word = |(begun, _): &(super::Begun, bool)| {
            format!("{} {} {}", begun.kind.name(), begun.object.noun(), printable(&begun.name))
        };
        all.into_iter().map(word).collect()
    };
    let mut text = format!("An earlier pass broke off. Of its {}:\n", counted(pass.earlier.len(), "change"));
    for (what, all) in [("carried out", words(done)), ("not carried out, and planned anew", words(open))] {
        if !all.is_empty() {
            let _ = writeln!(text, "  {} {what}", all.len());
            list(&mut text, &all, MAX_FILES, "change");
        }
    }
    text
}

fn news(pass: &Pass<'_>) -> String {
    let is_new = |status: &Status| *status != Status::Known;
    let new = || pass.news.told.iter().filter(|(status, _)| is_new(status)).map(|(_, notice)| notice);
    let (findings, others): (Vec<_>, Vec<_>) =
        new().partition(|notice| pass.wake.upload && notice.kind == NoticeKind::Finding);
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

fn cured(pass: &Pass<'_>) -> String {
    if pass.news.cured.is_empty() {
        return String::new();
    }
    let line = |known: &super::notice::Known| {
        let place = known.place.as_deref().map_or(String::new(), |place| format!("{place}: "));
        // What an earlier pass has told comes back from a file.
        printable(&format!("{place}{}", known.line)).into_owned()
    };
    let lines: Vec<String> = pass.news.cured.iter().map(line).collect();
    let mut text = format!("Cured ({}):\n", lines.len());
    list(&mut text, &lines, lines.len(), "");
    text
}

fn known(pass: &Pass<'_>) -> String {
    let known: Vec<String> = pass
        .news
        .told
        .iter()
        .filter(|(status, _)| *status == Status::Known)
        .map(|(_, notice)| {
            let place = notice.place.as_deref().map_or(String::new(), |place| format!("{place}: "));
            format!("{place}{}", notice.line)
        })
        .collect();
    if known.is_empty() {
        return String::new();
    }
    let mut text = format!("Known ({}):\n", known.len());
    list(&mut text, &known, if pass.wake.report { known.len() } else { MAX_KNOWN }, "notice");
    text
}

fn changes(pass: &Pass<'_>) -> String {
    let done: Vec<_> = pass.carried_out().map(|(change, _)| change).collect();
    let planned: Vec<_> = pass.planned().collect();
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

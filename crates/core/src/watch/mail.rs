//! The email about a run: a subject, and plain text with the most important parts first.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::compliance::ComplianceReport;
use super::groups::{Group, groups};
use super::memory::UnreadFact;
use super::news::Ended;
use super::report::WatchReport;
use super::standing::Standing;
use crate::characters::printable;
use crate::compliance::Status;
use crate::compliance::since::Subject;
use crate::diagnostic::{Level, counted};
use crate::evidence::facts::Place;
use crate::evidence::places;
use crate::report::compliance::words as compliance_words;
use crate::report::evidence::words;
use crate::run::Notify;
use crate::run::mail::{Headed, cut, head_of, reminder, subject_of};

/// Accounts, sources and controls that one problem lists; the others are counted.
const MAX_LISTED: usize = 10;
/// Known problems that are listed.
const MAX_KNOWN: usize = 20;

/// Returns the subject: outcome, counts, catalog, account and Region, in printable ASCII.
pub fn subject(run: &WatchReport<'_>) -> String {
    let news = run.news;
    let mut parts = Vec::new();
    for (count, what) in [
        (groups(&news.stopped).len(), "stopped"),
        (groups(&news.found).len(), "found"),
        (groups(news.ended.iter().map(|(standing, _)| standing)).len(), "resolved"),
        (news.started.len(), "started to collect"),
        (news.unread.len(), "not readable"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    parts.extend(run.compliance.iter().flat_map(compliance_in_short));
    if news.is_baseline && run.evidence.is_some() {
        parts.insert(0, "baseline".to_owned());
    }
    if run.is_reminder(Notify::All) {
        let open = groups(&news.memory.open).len();
        parts.push(if open > 0 { format!("{open} still open, reminder") } else { "reminder".to_owned() });
    }
    if parts.is_empty() {
        parts.push(if run.failure.is_some() { "nothing was read" } else { "no changes" }.to_owned());
    }
    let what = format!("controlsync evidence {}: {}", run.outcome().name(), parts.join(", "));
    subject_of(&what, run.catalog, run.target)
}

/// Returns the text, at most 32 KiB long.
pub fn text(run: &WatchReport<'_>) -> String {
    let mut text = head(run);
    let news = run.news;
    let reports_all = run.triggers.report || run.is_reminder(Notify::All);
    for section in [
        failure(run),
        accounts(run),
        problems("Stopped being set up or collecting", &news.stopped),
        problems(if news.is_baseline { "Found" } else { "Found where no run has looked before" }, &news.found),
        ended(run),
        started(run),
        unread("Cannot be read", &news.unread),
        unread("Read again", &news.readable),
        known(run, reports_all),
        compliance(run),
    ] {
        if !section.is_empty() {
            text.push('\n');
            text.push_str(&section);
        }
    }
    cut(text, "run `controlsync evidence`")
}

fn head(run: &WatchReport<'_>) -> String {
    let baseline = match (run.news.is_baseline, run.evidence) {
        (true, Some(_)) => "Baseline:  the first run; from now on, only what changes is reported\n",
        _ => "",
    };
    let reminder = reminder(run.days_since_email.filter(|_| run.is_reminder(Notify::All)));
    let outcome = format!("Outcome:   {}\n{baseline}{reminder}", run.outcome().name());
    let read = run.evidence.map_or(String::new(), |evidence| {
        let partly = evidence.accounts.len() < run.accounts().total;
        let partly = if partly { " (in the accounts that this run has read)" } else { "" };
        format!("Setup:     {}{partly}\nAccounts:  {}\n", words::summary(evidence), ages(run))
    }) + &run.compliance.map_or(String::new(), |report| score(&report));
    head_of(
        &outcome,
        &Headed { catalog: run.catalog, location: run.location, target: run.target, triggers: run.triggers },
        &read,
    )
}

/// How many accounts were read, and how old the oldest facts are.
fn ages(run: &WatchReport<'_>) -> String {
    let accounts = run.accounts();
    let mut text = format!("read {} of {}", accounts.read, counted(accounts.total, "account"));
    if accounts.waiting > 0 && run.has_role {
        let _ = write!(text, "; the next run reads {} more", accounts.waiting);
    }
    if let Some(oldest) = accounts.oldest.filter(|oldest| *oldest < run.now) {
        let _ = write!(text, "; the oldest facts are from {} ago", words::age(run.now - oldest));
    }
    text
}

fn failure(run: &WatchReport<'_>) -> String {
    let recovered = run.news.recovered.as_ref();
    match (run.failure, recovered) {
        (Some((what, failure)), _) => {
            let help = failure.help.as_ref().map_or(String::new(), |help| format!("\n  help: {}", printable(help)));
            format!("The run failed: {what}: {}{help}\n", printable(&failure.to_string()))
        }
        (None, Some(line)) => format!("Earlier runs had failed: {}\n", printable(line)),
        (None, None) => String::new(),
    }
}

/// What the reader must know about what was looked at.
fn accounts(run: &WatchReport<'_>) -> String {
    let mut text = String::new();
    if run.has_errors {
        text += "The catalog has errors: definitions with errors are left out. Run `controlsync lint`.\n";
    }
    let accounts = run.accounts();
    if !run.has_role && accounts.read < accounts.total {
        let set = run.deployment.set("memberRole", "NAME");
        let _ = writeln!(
            text,
            "Only the account of Audit Manager is read. To read all, give them a role, and name it: {set}"
        );
    }
    text
}

fn problems(title: &str, standings: &[Standing]) -> String {
    let all = groups(standings);
    if all.is_empty() {
        return String::new();
    }
    let mut text = format!("{title} ({}):\n", all.len());
    for group in &all {
        let _ = write!(text, "\n{}", in_full(group));
    }
    text
}

fn in_full(group: &Group<'_>) -> String {
    let level = if group.error { Level::Error } else { Level::Warning };
    let mut text = format!("{}[{}]: {}\n", level.name(), group.rule, printable(group.message));
    if !group.accounts.is_empty() {
        let _ = writeln!(text, "  accounts: {}", listed(group.accounts.iter().map(|id| printable(id).into_owned())));
    }
    let source = |((control, source), location): (&(&str, Option<&str>), &&str)| {
        let source = source.map_or(String::new(), |source| format!(" / {source}"));
        printable(&format!("{control}{source} ({location})")).into_owned()
    };
    for (index, line) in group.sources.iter().map(source).take(MAX_LISTED).enumerate() {
        let _ = writeln!(text, "{}{line}", if index == 0 { "  sources:  " } else { "            " });
    }
    if let more @ 1.. = group.sources.len().saturating_sub(MAX_LISTED) {
        let _ = writeln!(text, "            and {more} more");
    }
    let _ = writeln!(text, "  help:     {}", printable(group.help));
    text
}

/// Returns items in one line: the first ones, with the number of the others.
fn listed(items: impl ExactSizeIterator<Item = String>) -> String {
    let all = items.len();
    let shown: Vec<String> = items.take(MAX_LISTED).collect();
    let more = match all.saturating_sub(MAX_LISTED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", shown.join(", "))
}

/// One line about a problem, with the number of its accounts.
fn in_short(group: &Group<'_>) -> String {
    let accounts: Vec<&str> = group.accounts.iter().copied().collect();
    let place = match accounts.as_slice() {
        [] => String::new(),
        [only] => format!("account {only}: "),
        many => format!("{}: ", counted(many.len(), "account")),
    };
    let controls: BTreeSet<&str> = group.sources.keys().map(|(control, _)| *control).collect();
    let of = match controls.first() {
        Some(only) if controls.len() == 1 => (*only).to_owned(),
        _ => counted(controls.len(), "control"),
    };
    printable(&format!("[{}] {place}{} ({of})", group.rule, group.message)).into_owned()
}

fn ended(run: &WatchReport<'_>) -> String {
    let of = |wanted: &dyn Fn(&Ended) -> bool| {
        let standings = run.news.ended.iter().filter(|(_, how)| wanted(how)).map(|(standing, _)| standing);
        groups(standings.collect::<Vec<_>>()).iter().map(in_short).collect::<Vec<_>>()
    };
    let mut text = lines("Resolved", &of(&|how| *how == Ended::Fixed), usize::MAX);
    let days: BTreeSet<&str> = run.news.ended.iter().filter_map(|(_, how)| how.until()).collect();
    for until in days {
        text += &lines(&format!("Excepted until {until}"), &of(&|how| how.until() == Some(until)), usize::MAX);
    }
    text
}

fn started(run: &WatchReport<'_>) -> String {
    let names: Vec<String> = run.news.started.iter().map(|name| printable(name).into_owned()).collect();
    lines("Started to collect", &names, MAX_KNOWN)
}

fn unread(title: &str, facts: &[UnreadFact]) -> String {
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    for fact in facts {
        let account = fact.account.iter().map(|id| printable(id).into_owned());
        match reasons.iter_mut().find(|(reason, _)| *reason == fact.reason) {
            Some((_, accounts)) => accounts.extend(account),
            None => reasons.push((&fact.reason, account.collect())),
        }
    }
    let line = |(reason, accounts): &(&str, Vec<String>)| {
        let of = if accounts.is_empty() { String::new() } else { format!("{}: ", listed(accounts.iter().cloned())) };
        format!("{of}{}", printable(reason))
    };
    lines(title, &reasons.iter().map(line).collect::<Vec<_>>(), MAX_KNOWN)
}

fn known(run: &WatchReport<'_>, all: bool) -> String {
    let known: Vec<String> = groups(&run.news.known).iter().map(in_short).collect();
    lines("Still open", &known, if all { usize::MAX } else { MAX_KNOWN })
}

fn lines(title: &str, lines: &[String], most: usize) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let mut text = format!("{title} ({}):\n", lines.len());
    for line in lines.iter().take(most) {
        let _ = writeln!(text, "    {line}");
    }
    if let more @ 1.. = lines.len().saturating_sub(most) {
        let _ = writeln!(text, "    {more} not shown");
    }
    text
}

/// What a subject says about compliance.
fn compliance_in_short(report: &ComplianceReport<'_>) -> Vec<String> {
    let mut parts = Vec::new();
    if let Ok((compliance, news)) = report.found {
        let new: Vec<&Subject> = news.new_subjects().chain(&news.found).collect();
        for (count, what) in
            [(by_check(new).len(), "newly non-compliant"), (by_check(news.resolved()).len(), "compliant again")]
        {
            if count > 0 {
                parts.push(format!("{count} {what}"));
            }
        }
        parts.extend(compliance.score().percent().map(|percent| format!("score {percent}%")));
    }
    if !report.failures().is_empty() {
        parts.push("report incomplete".to_owned());
    }
    parts
}

/// The score in the head, and the one before.
fn score(report: &ComplianceReport<'_>) -> String {
    let Ok((compliance, news)) = report.found else { return String::new() };
    let before = |(before, _)| format!(", before {}", compliance_words::score(before));
    let before = news.before.map_or_else(|| ", the first report".to_owned(), before);
    format!("Score:     {}{before}\n", compliance_words::score(compliance.score()))
}

/// What changed in the results, what they add up to, and where the report is.
fn compliance(run: &WatchReport<'_>) -> String {
    let Some(report) = &run.compliance else { return String::new() };
    let mut parts = Vec::new();
    if let Ok((compliance, news)) = report.found {
        parts.push(lines("Not compliant since the last report", &by_check(news.new_subjects()), MAX_KNOWN));
        parts.push(lines("Not compliant where no report has looked before", &by_check(&news.found), MAX_KNOWN));
        parts.push(lines("Compliant again, or without resources", &by_check(news.resolved()), MAX_KNOWN));
        parts.push(lines("Not compliant, and accepted by an exception now", &by_check(news.excepted()), MAX_KNOWN));
        let unknown = compliance_words::reasons(compliance).into_iter().filter(|why| why.status == Status::Unknown);
        let unknown: Vec<String> = unknown.map(|why| printable(&why.to_string()).into_owned()).collect();
        parts.push(lines("Results that are not known", &unknown, MAX_LISTED));
        let mut summary = format!("{}\n", compliance_words::summary(compliance));
        if news.is_too_much() {
            summary += "Too many results are not compliant to compare them with the last report.\n";
        }
        parts.push(summary);
    }
    parts.push(location(report));
    if run.news.report_recovered {
        parts.push("The report is complete again.\n".to_owned());
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// Returns an argument as a shell reads it: in quotes if it needs them.
fn argument(text: &str) -> Cow<'_, str> {
    let is_plain = |c: u8| c.is_ascii_alphanumeric() || b"-_./:".contains(&c);
    if text.bytes().all(is_plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
}

/// Where the report is, and why not all of it.
fn location(report: &ComplianceReport<'_>) -> String {
    let mut text = String::new();
    for file in report.written() {
        let _ = writeln!(text, "{:<10} {}", format!("{}:", file.form), report.url(file));
    }
    if let Some(file) = report.written().next() {
        let _ = writeln!(text, "{:<10} `aws s3 cp {} .`", "Download:", argument(&report.url(file)));
    }
    for (what, failure) in report.failures() {
        let _ = writeln!(text, "{what}: {}", printable(&failure.to_string()));
        if let Some(help) = &failure.help {
            let _ = writeln!(text, "  help: {}", printable(help));
        }
    }
    text
}

/// Returns a line for each check with its accounts and controls, those of the most accounts first.
fn by_check<'a>(subjects: impl IntoIterator<Item = &'a Subject>) -> Vec<String> {
    let mut all: BTreeMap<&str, (BTreeSet<&Place>, BTreeSet<&str>)> = BTreeMap::new();
    for subject in subjects {
        let (places, controls) = all.entry(&subject.check).or_default();
        places.insert(&subject.place);
        controls.insert(&subject.control);
    }
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_key(|(_, (places, _))| Reverse(places.len()));
    let line = |(check, (places, controls)): (&str, (BTreeSet<&Place>, BTreeSet<&str>))| {
        let of = match controls.first() {
            Some(only) if controls.len() == 1 => (*only).to_owned(),
            _ => counted(controls.len(), "control"),
        };
        printable(&format!("{check}: {} ({of})", places::in_words(&places))).into_owned()
    };
    all.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_has_quotes_if_it_needs_them() {
        assert_eq!(argument("s3://catalog/a-b_c/reports/x.html"), "s3://catalog/a-b_c/reports/x.html");
        assert_eq!(argument("s3://catalog/it's (a)/x.html"), r"'s3://catalog/it'\''s (a)/x.html'");
    }
}

//! The JSON document about a run. The types here are the wire format, documented in docs/evidence-function.md.

use std::collections::BTreeMap;

use serde::Serialize;

use super::compliance::{ComplianceReport, JSON, PAGE};
use super::groups::{Group, groups};
use super::memory::UnreadFact;
use super::news::Ended;
use super::report::WatchReport;
use super::standing::Standing;
use crate::compliance::since::Subject;
use crate::diagnostic::Level;
use crate::evidence::facts::Place;
use crate::report::compliance::json::{CountsV1, ScoreV1, counts, score};
use crate::report::evidence::json::{PlaceV1, SummaryV1, instant, place};
use crate::report::json::{TOOL, Tool, VERSION};
use crate::report::plan_json::TargetV1;
use crate::run::json::{MAX_BYTES, compact, halve};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WatchReportV1<'a> {
    version: u32,
    tool: Tool,
    function: &'static str,
    trigger: &'static str,
    target: TargetV1<'a>,
    catalog: &'a str,
    outcome: &'static str,
    baseline: bool,
    failure: Option<String>,
    summary: OpenV1,
    accounts: AccountsV1,
    changes: Vec<ProblemV1<'a>>,
    started: Vec<&'a str>,
    unread: Vec<UnreadV1<'a>>,
    compliance: Option<ComplianceV1<'a>>,
    omitted: OmittedV1,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OpenV1 {
    #[serde(flatten)]
    setups: SummaryV1,
    open_errors: usize,
    open_warnings: usize,
}

#[derive(Serialize)]
struct AccountsV1 {
    total: usize,
    read: usize,
    oldest: Option<String>,
}

#[derive(Serialize)]
struct ProblemV1<'a> {
    status: &'static str,
    until: Option<&'a str>,
    rule: &'a str,
    level: &'static str,
    message: &'a str,
    help: &'a str,
    accounts: Vec<&'a str>,
    sources: Vec<SourceV1<'a>>,
}

#[derive(Serialize)]
struct SourceV1<'a> {
    control: &'a str,
    source: Option<&'a str>,
    location: &'a str,
}

#[derive(Serialize)]
struct UnreadV1<'a> {
    status: &'static str,
    account: Option<&'a str>,
    reason: &'a str,
}

/// The report about compliance.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ComplianceV1<'a> {
    baseline: bool,
    /// `None` if the results were not read.
    score: Option<ScoreV1>,
    before: Option<BeforeV1>,
    summary: Option<CountsV1>,
    changes: Vec<CheckChangeV1<'a>>,
    /// The number of checks in accounts that were not compliant before, and still are or are not known to be resolved.
    open: Option<usize>,
    report: FilesV1<'a>,
    failures: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BeforeV1 {
    #[serde(flatten)]
    score: ScoreV1,
    read_at: String,
}

/// A check of a control whose results changed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckChangeV1<'a> {
    status: &'static str,
    control: &'a str,
    keyword: &'a str,
    accounts: Vec<PlaceV1<'a>>,
    omitted_accounts: usize,
}

/// The keys of the files that were written.
#[derive(Serialize)]
struct FilesV1<'a> {
    bucket: &'a str,
    html: Option<&'a str>,
    json: Option<&'a str>,
}

/// What was omitted to keep the limit.
#[derive(Clone, Copy, Default, Serialize)]
struct OmittedV1 {
    changes: usize,
    started: usize,
    unread: usize,
    compliance: usize,
}

/// Accounts that are listed of a check; the others are counted.
const LISTED: usize = 100;

/// Returns the document about a run, at most 240 KiB long: if it is longer, the ends of the lists are omitted.
pub fn document(run: &WatchReport<'_>) -> String {
    let mut document = complete(run);
    let mut text = compact(&document);
    while text.len() > MAX_BYTES {
        let WatchReportV1 { changes, started, unread, compliance, omitted, .. } = &mut document;
        let mut none = Vec::new();
        let checks = compliance.as_mut().map_or(&mut none, |of| &mut of.changes);
        let longest = changes.len().max(started.len()).max(unread.len()).max(checks.len());
        omitted.changes += halve(changes, longest);
        omitted.started += halve(started, longest);
        omitted.unread += halve(unread, longest);
        omitted.compliance += halve(checks, longest);
        if longest == 0 {
            break;
        }
        text = compact(&document);
    }
    text
}

fn complete<'a>(run: &WatchReport<'a>) -> WatchReportV1<'a> {
    let news = run.news;
    let accounts = run.accounts();
    let mut changes = problems("stopped", &news.stopped);
    changes.extend(problems("found", &news.found));
    changes.extend(ended(run));
    changes.extend(problems("open", &news.known));
    WatchReportV1 {
        version: VERSION,
        tool: TOOL,
        function: "evidence",
        trigger: run.triggers.name(),
        target: TargetV1 { account: run.target.account.as_deref(), region: &run.target.region },
        catalog: run.catalog,
        outcome: run.outcome().name(),
        baseline: news.is_baseline && run.evidence.is_some(),
        failure: run.failure.map(|(what, failure)| format!("{what}: {failure}")),
        summary: OpenV1 {
            setups: run.evidence.map(SummaryV1::of).unwrap_or_default(),
            open_errors: run.open(true),
            open_warnings: run.open(false),
        },
        accounts: AccountsV1 { total: accounts.total, read: accounts.read, oldest: accounts.oldest.map(instant) },
        changes,
        started: news.started.iter().map(String::as_str).collect(),
        unread: unread("new", &news.unread).chain(unread("resolved", &news.readable)).collect(),
        compliance: run.compliance.as_ref().map(compliance),
        omitted: OmittedV1::default(),
    }
}

fn problems<'a>(status: &'static str, standings: &'a [Standing]) -> Vec<ProblemV1<'a>> {
    groups(standings).into_iter().map(|group| problem(status, None, group)).collect()
}

fn ended<'a>(run: &WatchReport<'a>) -> Vec<ProblemV1<'a>> {
    let mut all = Vec::new();
    let mut ways: Vec<&Ended> = Vec::new();
    for (_, how) in &run.news.ended {
        if !ways.contains(&how) {
            ways.push(how);
        }
    }
    for how in ways {
        let of_way = run.news.ended.iter().filter(|(_, other)| other == how).map(|(standing, _)| standing);
        let status = if how.until().is_some() { "excepted" } else { "fixed" };
        all.extend(groups(of_way).into_iter().map(|group| problem(status, how.until(), group)));
    }
    all
}

fn problem<'a>(status: &'static str, until: Option<&'a str>, group: Group<'a>) -> ProblemV1<'a> {
    let source =
        |((control, source), location): ((&'a str, Option<&'a str>), &'a str)| SourceV1 { control, source, location };
    ProblemV1 {
        status,
        until,
        rule: group.rule,
        level: if group.error { Level::Error } else { Level::Warning }.name(),
        message: group.message,
        help: group.help,
        accounts: group.accounts.into_iter().collect(),
        sources: group.sources.into_iter().map(source).collect(),
    }
}

fn unread<'a>(status: &'static str, facts: &'a [UnreadFact]) -> impl Iterator<Item = UnreadV1<'a>> {
    facts.iter().map(move |fact| UnreadV1 { status, account: fact.account.as_deref(), reason: &fact.reason })
}

fn compliance<'a>(report: &ComplianceReport<'a>) -> ComplianceV1<'a> {
    let news = report.news();
    let key = |form: &str| report.written().find(|file| file.form == form).map(|file| file.key.as_str());
    let mut changes = Vec::new();
    if let Some(news) = news {
        changes.extend(check_changes("new", news.new_subjects()));
        changes.extend(check_changes("found", &news.found));
        changes.extend(check_changes("resolved", news.resolved()));
        changes.extend(check_changes("excepted", news.excepted()));
    }
    let all = news.and_then(|news| news.changes.as_ref());
    ComplianceV1 {
        baseline: news.is_some_and(|news| news.is_baseline),
        score: report.found.ok().map(|(compliance, _)| score(compliance.score())),
        before: news.and_then(|news| news.before).map(|(of, at)| BeforeV1 { read_at: instant(at), score: score(of) }),
        summary: report.found.ok().map(|(compliance, _)| counts(&compliance.counts())),
        changes,
        open: all.map(|changes| changes.open + changes.unproven.len()),
        report: FilesV1 { bucket: report.bucket, html: key(PAGE), json: key(JSON) },
        failures: report.failures().into_iter().map(|(what, why)| format!("{what}: {why}")).collect(),
    }
}

/// Returns changes by control and check.
fn check_changes<'a>(
    status: &'static str,
    subjects: impl IntoIterator<Item = &'a Subject>,
) -> impl Iterator<Item = CheckChangeV1<'a>> {
    let mut all: BTreeMap<(&str, &str), Vec<&Place>> = BTreeMap::new();
    for subject in subjects {
        all.entry((&subject.control, &subject.check)).or_default().push(&subject.place);
    }
    all.into_iter().map(move |((control, keyword), places)| CheckChangeV1 {
        status,
        control,
        keyword,
        omitted_accounts: places.len().saturating_sub(LISTED),
        accounts: places.into_iter().take(LISTED).map(place).collect(),
    })
}

//! The compliance as JSON. The types here are the wire format.

use serde::Serialize;

use super::report::Report;
use super::words;
use crate::compliance::since::{Changes, Subject};
use crate::compliance::{
    AccountRank, CheckRank, ControlCompliance, Counts, ExceptionUse, FrameworkCompliance, ListedResource,
    PlaceCompliance, ResourceRank, Score, SetCompliance, SourceCompliance, Status,
};
use crate::evidence::facts::Place;
use crate::model::Severity;
use crate::report::evidence::json::{PlaceV1, instant, place};
use crate::report::json::{TOOL, Tool, VERSION, print};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HeadV1<'a> {
    version: u32,
    tool: Tool,
    /// Account and Region of Audit Manager.
    target: PlaceV1<'a>,
    aggregator: Option<&'a str>,
    read_at: String,
    score: ScoreV1,
    summary: CountsV1,
    frameworks: Vec<FrameworkV1<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TailV1<'a> {
    accounts: Vec<AccountV1<'a>>,
    checks: Vec<CheckV1<'a>>,
    resources: Vec<RankedV1<'a>>,
    exceptions: Vec<ExceptionV1<'a>>,
    not_aggregated: Vec<PlaceV1<'a>>,
    changes: Option<ChangesV1<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
pub(crate) struct ScoreV1 {
    compliant: usize,
    of: usize,
    percent: Option<usize>,
}

/// How many there are of each status.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CountsV1 {
    non_compliant: usize,
    unknown: usize,
    no_data: usize,
    compliant: usize,
    excepted: usize,
    no_resources: usize,
    evidence_only: usize,
    manual: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FrameworkV1<'a> {
    name: &'a str,
    status: Option<&'static str>,
    score: ScoreV1,
    summary: CountsV1,
    control_sets: Vec<SetV1<'a>>,
}

#[derive(Serialize)]
struct SetV1<'a> {
    name: &'a str,
    status: Option<&'static str>,
    controls: Vec<&'a str>,
    others: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ControlV1<'a> {
    name: &'a str,
    path: String,
    status: &'static str,
    severity: Option<&'static str>,
    procedure_url: Option<&'a str>,
    instructions: Option<&'a str>,
    frameworks: &'a [String],
    unknown: Vec<String>,
    non_compliant_resources: usize,
    resources: Vec<ResourceV1<'a>>,
    sources: Vec<SourceV1<'a>>,
}

#[derive(Serialize)]
struct ResourceV1<'a> {
    #[serde(flatten)]
    place: PlaceV1<'a>,
    #[serde(rename = "type")]
    kind: &'a str,
    id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SourceV1<'a> {
    name: &'a str,
    source_type: &'a str,
    keyword: Option<&'a str>,
    status: &'static str,
    summary: CountsV1,
    accounts: Vec<StatusV1<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatusV1<'a> {
    #[serde(flatten)]
    place: PlaceV1<'a>,
    status: &'static str,
    reason: Option<String>,
    non_compliant_resources: Option<u32>,
    excepted_resources: u32,
    suppressed_resources: u32,
    archived_resources: u32,
    excepted_until: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccountV1<'a> {
    account: Option<&'a str>,
    summary: CountsV1,
    non_compliant_resources: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckV1<'a> {
    source_type: &'a str,
    keyword: &'a str,
    accounts: usize,
    controls: usize,
    non_compliant_resources: usize,
}

#[derive(Serialize)]
struct RankedV1<'a> {
    #[serde(flatten)]
    resource: ResourceV1<'a>,
    checks: usize,
}

#[derive(Serialize)]
struct ExceptionV1<'a> {
    check: &'a str,
    path: String,
    until: &'a str,
    reason: &'a str,
    approver: Option<&'a str>,
    accounts: usize,
}

#[derive(Serialize)]
struct ChangesV1<'a> {
    since: &'a str,
    new: Vec<SubjectV1<'a>>,
    resolved: Vec<SubjectV1<'a>>,
    excepted: Vec<SubjectV1<'a>>,
    unproven: Vec<SubjectV1<'a>>,
    open: usize,
}

#[derive(Serialize)]
struct SubjectV1<'a> {
    #[serde(flatten)]
    place: PlaceV1<'a>,
    control: &'a str,
    keyword: &'a str,
}

/// Returns the compliance.
pub fn json(report: Report<'_>) -> String {
    parts(report).collect()
}

/// Returns the compliance in parts: its controls one at a time, because each can have thousands of accounts.
pub fn parts(report: Report<'_>) -> impl Iterator<Item = String> {
    let start = format!("{},\n  \"controls\": [", head(&report).trim_end_matches("\n}\n"));
    let controls = report.compliance.controls.iter().enumerate().map(move |(number, of)| {
        let text = print(&control(&report, of)).trim_end().replace('\n', "\n    ");
        format!("{}\n    {text}", if number == 0 { "" } else { "," })
    });
    let end = if report.compliance.controls.is_empty() { "" } else { "\n  " };
    let end = format!("{end}],\n{}", tail(&report).trim_start_matches("{\n"));
    std::iter::once(start).chain(controls).chain([end])
}

fn head(report: &Report<'_>) -> String {
    let compliance = report.compliance;
    print(&HeadV1 {
        version: VERSION,
        tool: TOOL,
        target: place(&compliance.home),
        aggregator: compliance.aggregator.as_deref(),
        read_at: instant(compliance.read_at),
        score: score(compliance.score()),
        summary: counts(&compliance.counts()),
        frameworks: compliance.frameworks.iter().map(|of| framework(report, of)).collect(),
    })
}

fn tail(report: &Report<'_>) -> String {
    let compliance = report.compliance;
    print(&TailV1 {
        accounts: compliance.accounts.iter().map(account).collect(),
        checks: compliance.checks.iter().map(check).collect(),
        resources: compliance.resources.iter().map(ranked).collect(),
        exceptions: compliance.exceptions.iter().map(|of| exception(report, of)).collect(),
        not_aggregated: compliance.not_aggregated.iter().map(place).collect(),
        changes: report.changes.map(changes),
        notes: &compliance.notes,
    })
}

pub(crate) fn score(score: Score) -> ScoreV1 {
    ScoreV1 { compliant: score.compliant, of: score.of, percent: score.percent() }
}

pub(crate) fn counts(counts: &Counts) -> CountsV1 {
    CountsV1 {
        non_compliant: counts.count(Status::NonCompliant),
        unknown: counts.count(Status::Unknown),
        no_data: counts.count(Status::NoData),
        compliant: counts.count(Status::Compliant),
        excepted: counts.count(Status::Excepted),
        no_resources: counts.count(Status::NoResources),
        evidence_only: counts.count(Status::EvidenceOnly),
        manual: counts.count(Status::Manual),
    }
}

fn framework<'a>(report: &Report<'a>, of: &'a FrameworkCompliance) -> FrameworkV1<'a> {
    let controls = &report.compliance.controls;
    let set = |set: &'a SetCompliance| SetV1 {
        name: &set.name,
        status: set.status.map(Status::name),
        controls: set.controls.iter().map(|control| controls[*control].name.as_str()).collect(),
        others: &set.others,
    };
    FrameworkV1 {
        name: &of.name,
        status: of.status.map(Status::name),
        score: score(of.counts.score()),
        summary: counts(&of.counts),
        control_sets: of.sets.iter().map(set).collect(),
    }
}

fn control<'a>(report: &Report<'a>, of: &'a ControlCompliance) -> ControlV1<'a> {
    ControlV1 {
        name: &of.name,
        path: report.paths.show(report.checked.sources.get(of.file).path()),
        status: of.status.name(),
        severity: of.severity.map(Severity::name),
        procedure_url: of.procedure_url.as_deref(),
        instructions: Some(of.instructions.as_str()).filter(|text| !text.is_empty()),
        frameworks: &of.frameworks,
        unknown: of.unknown.iter().map(ToString::to_string).collect(),
        non_compliant_resources: of.failing,
        resources: of.resources.iter().map(resource).collect(),
        sources: of.sources.iter().map(|of| source(report, of)).collect(),
    }
}

fn resource(of: &ListedResource) -> ResourceV1<'_> {
    ResourceV1 { place: place(&of.place), kind: &of.resource.kind, id: &of.resource.id }
}

/// Accounts where there is nothing to do are only counted: there can be thousands.
fn source<'a>(report: &Report<'a>, of: &'a SourceCompliance) -> SourceV1<'a> {
    let shown = |(_, of): &(&Place, &PlaceCompliance)| !matches!(of.status, Status::Compliant | Status::NoResources);
    SourceV1 {
        name: &of.name,
        source_type: of.source_type,
        keyword: of.keyword.as_deref(),
        status: of.status.name(),
        summary: counts(&of.counts),
        accounts: report.compliance.places_of(of).filter(shown).map(|(place, of)| status(report, place, of)).collect(),
    }
}

fn status<'a>(report: &Report<'a>, of_place: &'a Place, of: &PlaceCompliance) -> StatusV1<'a> {
    StatusV1 {
        place: place(of_place),
        status: of.status.name(),
        reason: report.compliance.reason(of).map(ToString::to_string),
        non_compliant_resources: words::failing_in(of),
        excepted_resources: of.excepted,
        suppressed_resources: of.suppressed,
        archived_resources: of.archived,
        excepted_until: report.compliance.exception(of).map(|of| of.exception.until.as_str()),
    }
}

fn account(of: &AccountRank) -> AccountV1<'_> {
    AccountV1 {
        account: Some(of.account.as_str()).filter(|id| !id.is_empty()),
        summary: counts(&of.counts),
        non_compliant_resources: of.failing,
    }
}

fn check(of: &CheckRank) -> CheckV1<'_> {
    CheckV1 {
        source_type: of.source_type,
        keyword: &of.check,
        accounts: of.places,
        controls: of.controls,
        non_compliant_resources: of.failing,
    }
}

fn ranked(of: &ResourceRank) -> RankedV1<'_> {
    RankedV1 { resource: resource(&of.resource), checks: of.checks }
}

fn exception<'a>(report: &Report<'a>, of: &'a ExceptionUse) -> ExceptionV1<'a> {
    ExceptionV1 {
        check: &of.check,
        path: report.paths.show(report.checked.sources.get(of.exception.file).path()),
        until: &of.exception.until,
        reason: &of.exception.reason,
        approver: of.approver.as_deref(),
        accounts: of.places,
    }
}

fn changes(of: &Changes) -> ChangesV1<'_> {
    ChangesV1 {
        since: &of.since,
        new: of.new.iter().map(subject).collect(),
        resolved: of.resolved.iter().map(subject).collect(),
        excepted: of.excepted.iter().map(subject).collect(),
        unproven: of.unproven.iter().map(subject).collect(),
        open: of.open,
    }
}

fn subject(of: &Subject) -> SubjectV1<'_> {
    SubjectV1 { place: place(&of.place), control: &of.control, keyword: &of.check }
}

//! The evidence as JSON. The types here are the wire format.

use serde::Serialize;
use time::format_description::well_known::Rfc3339;

use crate::check::Checked;
use crate::evidence::facts::{Place, Seconds};
use crate::evidence::{ControlEvidence, Evidence, LastEvidence, PlaceReport, Problem, Setup, SourceReport, day};
use crate::report::Paths;
use crate::report::json::{DiagnosticV1, TOOL, Tool, VERSION, one, print};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EvidenceV1<'a> {
    version: u32,
    tool: Tool,
    /// Account and Region of Audit Manager.
    target: PlaceV1<'a>,
    read_at: String,
    summary: SummaryV1,
    accounts: Vec<AccountV1<'a>>,
    controls: Vec<ControlV1<'a>>,
    unknown: Vec<UnknownV1<'a>>,
    notes: &'a [String],
    diagnostics: Vec<DiagnosticV1>,
}

#[derive(Serialize)]
pub(crate) struct PlaceV1<'a> {
    account: Option<&'a str>,
    region: &'a str,
}

/// The number of controls with each setup.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SummaryV1 {
    not_ready: usize,
    unknown: usize,
    waiting: usize,
    ready: usize,
    excepted: usize,
    manual: usize,
    aws_managed: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccountV1<'a> {
    #[serde(flatten)]
    place: PlaceV1<'a>,
    read: bool,
    read_at: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ControlV1<'a> {
    name: &'a str,
    path: String,
    setup: &'static str,
    frameworks: &'a [String],
    assessments: &'a [String],
    evidence: CollectedV1,
    problems: Vec<ProblemV1<'a>>,
    unknown: Vec<String>,
    sources: Vec<SourceV1<'a>>,
}

#[derive(Serialize)]
struct CollectedV1 {
    items: Option<i64>,
    newest: Option<String>,
    services: Option<Vec<ServiceV1>>,
}

#[derive(Serialize)]
struct ServiceV1 {
    name: &'static str,
    newest: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SourceV1<'a> {
    name: &'a str,
    source_type: &'a str,
    keyword: Option<&'a str>,
    setup: &'static str,
    evidence: SourceEvidenceV1,
    problems: Vec<ProblemV1<'a>>,
    unknown: Vec<String>,
    accounts: Vec<SetupV1<'a>>,
}

#[derive(Serialize)]
struct SourceEvidenceV1 {
    state: &'static str,
    newest: Option<String>,
}

#[derive(Serialize)]
struct SetupV1<'a> {
    #[serde(flatten)]
    place: PlaceV1<'a>,
    setup: &'static str,
    problems: Vec<ProblemV1<'a>>,
    unknown: Vec<String>,
    exception: Option<ExceptionV1<'a>>,
}

#[derive(Serialize)]
struct ExceptionV1<'a> {
    path: String,
    until: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct ProblemV1<'a> {
    rule: &'static str,
    level: &'static str,
    message: &'a str,
    help: &'a str,
}

#[derive(Serialize)]
struct UnknownV1<'a> {
    reason: String,
    sources: usize,
    accounts: Vec<PlaceV1<'a>>,
}

impl SummaryV1 {
    pub(crate) fn of(evidence: &Evidence) -> Self {
        Self {
            not_ready: evidence.count(Setup::NotReady),
            unknown: evidence.count(Setup::Unknown),
            waiting: evidence.count(Setup::Waiting),
            ready: evidence.count(Setup::Ready),
            excepted: evidence.count(Setup::Excepted),
            manual: evidence.count(Setup::Manual),
            aws_managed: evidence.count(Setup::AwsManaged),
        }
    }
}

/// Returns the evidence.
pub fn json(evidence: &Evidence, checked: &Checked, paths: &Paths) -> String {
    print(&EvidenceV1 {
        version: VERSION,
        tool: TOOL,
        target: place(&evidence.home),
        read_at: instant(evidence.read_at),
        summary: SummaryV1::of(evidence),
        accounts: evidence.accounts.iter().map(|(of, read_at)| account(of, *read_at)).collect(),
        controls: evidence.controls.iter().map(|of| control(of, checked, paths)).collect(),
        unknown: evidence
            .unknown()
            .into_iter()
            .map(|(why, affected)| UnknownV1 {
                reason: why.to_string(),
                sources: affected.sources,
                accounts: affected.places.iter().map(|of| place(of)).collect(),
            })
            .collect(),
        notes: &evidence.notes,
        diagnostics: evidence.diagnostics.iter().map(|found| one(&checked.sources, found, paths)).collect(),
    })
}

/// Returns a time, RFC 3339 in UTC.
pub(crate) fn instant(at: Seconds) -> String {
    let instant = time::OffsetDateTime::from_unix_timestamp(at).ok();
    instant.and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default()
}

pub(crate) fn place(place: &Place) -> PlaceV1<'_> {
    PlaceV1 { account: Some(place.account.as_str()).filter(|id| !id.is_empty()), region: &place.region }
}

fn control<'a>(control: &'a ControlEvidence, checked: &Checked, paths: &Paths) -> ControlV1<'a> {
    let by_service = control.collected.by_service.as_ref();
    ControlV1 {
        name: &control.name,
        path: paths.show(checked.sources.get(control.file).path()),
        setup: control.setup.name(),
        frameworks: &control.frameworks,
        assessments: &control.assessments,
        evidence: CollectedV1 {
            items: control.collected.items,
            newest: control.collected.newest.map(day),
            services: by_service.map(|all| {
                all.iter().map(|(service, at)| ServiceV1 { name: service.name(), newest: day(*at) }).collect()
            }),
        },
        problems: control.problems.iter().map(problem).collect(),
        unknown: control.unknown.iter().map(ToString::to_string).collect(),
        sources: control.sources.iter().map(|of| source(of, checked, paths)).collect(),
    }
}

fn source<'a>(source: &'a SourceReport, checked: &Checked, paths: &Paths) -> SourceV1<'a> {
    let (state, newest) = match source.last {
        LastEvidence::NotKnown => ("not-known", None),
        LastEvidence::Never => ("none", None),
        LastEvidence::On(at) if source.setup == Setup::Ready => ("collecting", Some(at)),
        LastEvidence::On(at) => ("collected", Some(at)),
        LastEvidence::OfService(at) => ("this-or-another-source", Some(at)),
    };
    SourceV1 {
        name: &source.name,
        source_type: source.source_type,
        keyword: source.keyword.as_deref(),
        setup: source.setup.name(),
        evidence: SourceEvidenceV1 { state, newest: newest.map(day) },
        problems: source.problems.iter().map(problem).collect(),
        unknown: source.unknown.iter().map(ToString::to_string).collect(),
        accounts: source.places.iter().map(|of| setup(of, checked, paths)).collect(),
    }
}

fn account(of: &Place, read_at: Option<Seconds>) -> AccountV1<'_> {
    AccountV1 { place: place(of), read: read_at.is_some(), read_at: read_at.map(instant) }
}

fn setup<'a>(of: &'a PlaceReport, checked: &Checked, paths: &Paths) -> SetupV1<'a> {
    SetupV1 {
        place: place(&of.place),
        setup: of.setup.name(),
        problems: of.problems.iter().map(problem).collect(),
        unknown: of.unknown.iter().map(ToString::to_string).collect(),
        exception: of.exception.as_ref().map(|exception| ExceptionV1 {
            path: paths.show(checked.sources.get(exception.file).path()),
            until: &exception.until,
            reason: &exception.reason,
        }),
    }
}

fn problem(problem: &Problem) -> ProblemV1<'_> {
    ProblemV1 { rule: problem.rule.id, level: problem.level.name(), message: &problem.message, help: &problem.help }
}

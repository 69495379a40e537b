//! The JSON document about a run. The types here are the wire format, documented in docs/lambda.md.

use std::collections::BTreeMap;

use serde::Serialize;

use super::notice::Status;
use super::{NotPlanned, RunReport};
use crate::plan::ChangeKind;
use crate::report::Paths;
use crate::report::json::{self, DiagnosticV1, TOOL, Tool, VERSION};
use crate::report::plan_json::{self, ChangeV1, TargetV1};

/// Maximum length of a document in bytes; a message with its attributes has at most 256 KiB
/// (<https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>).
pub(crate) const MAX_BYTES: usize = 240 * 1024;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RunReportV1<'a> {
    version: u32,
    tool: Tool,
    trigger: &'static str,
    mode: &'static str,
    target: TargetV1<'a>,
    catalog: &'a str,
    outcome: &'static str,
    summary: BTreeMap<&'static str, usize>,
    uploads: Vec<UploadV1<'a>>,
    not_planned: Option<NotPlannedV1<'a>>,
    changes: Vec<ChangeV1<'a>>,
    interrupted: Vec<InterruptedChangeV1<'a>>,
    notices: Vec<NoticeV1<'a>>,
    /// Seconds until the retry; `null` if there is none.
    retry_after_seconds: Option<u32>,
    omitted: OmittedV1,
}

#[derive(Serialize)]
struct UploadV1<'a> {
    path: &'a str,
    removed: bool,
    commit: Option<&'a str>,
    author: Option<&'a str>,
}

#[derive(Serialize)]
struct NotPlannedV1<'a> {
    /// The operation that failed; empty if the input is invalid.
    operation: &'static str,
    code: Option<&'a str>,
    message: &'a str,
    transient: bool,
}

#[derive(Serialize)]
struct InterruptedChangeV1<'a> {
    kind: &'static str,
    r#type: &'static str,
    name: &'a str,
    done: bool,
}

#[derive(Serialize)]
struct NoticeV1<'a> {
    status: &'static str,
    kind: &'static str,
    level: &'static str,
    location: Option<&'a str>,
    message: &'a str,
    finding: Option<DiagnosticV1>,
}

/// What was omitted to keep the limit.
#[derive(Clone, Copy, Default, Serialize)]
struct OmittedV1 {
    /// Whether old and new values of fields are omitted.
    values: bool,
    changes: usize,
    notices: usize,
    uploads: usize,
}

/// Returns the document about a run, at most 240 KiB long: if it is longer, values of fields are omitted first, then
/// the ends of the lists.
pub fn document(run: &RunReport<'_>) -> String {
    let mut document = complete(run);
    let mut text = compact(&document);
    if text.len() > MAX_BYTES {
        document.omitted.values = true;
        for field in document.changes.iter_mut().flat_map(|change| &mut change.fields) {
            (field.old, field.new) = (None, None);
        }
        text = compact(&document);
    }
    while text.len() > MAX_BYTES {
        let RunReportV1 { changes, notices, uploads, omitted, .. } = &mut document;
        let longest = changes.len().max(notices.len()).max(uploads.len());
        omitted.changes += halve(changes, longest);
        omitted.notices += halve(notices, longest);
        omitted.uploads += halve(uploads, longest);
        if longest == 0 {
            break;
        }
        text = compact(&document);
    }
    text
}

/// Cuts a list in half if it is the longest; returns the number of removed items.
pub(crate) fn halve<T>(items: &mut Vec<T>, longest: usize) -> usize {
    let all = items.len();
    if all == longest {
        items.truncate(all / 2);
    }
    all - items.len()
}

pub(crate) fn compact(document: &impl Serialize) -> String {
    #[expect(clippy::expect_used, reason = "maps have string keys and numbers are finite: serializing cannot fail")]
    serde_json::to_string(document).expect("plain data")
}

fn complete<'a>(run: &RunReport<'a>) -> RunReportV1<'a> {
    let paths = Paths::default();
    let counts = match (run.plan, run.results) {
        (Some(plan), None) => plan.counts(),
        _ => run.counts(),
    };
    let changes = run.plan.into_iter().flat_map(|plan| plan.changes.iter().enumerate());
    let reported = changes.filter(|(_, change)| change.kind != ChangeKind::Unchanged || !change.blocked_by.is_empty());
    let result = |index: usize| run.results.and_then(|results| results.get(index));
    RunReportV1 {
        version: VERSION,
        tool: TOOL,
        trigger: run.triggers.name(),
        mode: run.mode.name(),
        target: TargetV1 { account: run.target.account.as_deref(), region: &run.target.region },
        catalog: run.catalog,
        outcome: run.outcome().name(),
        summary: counts.into_iter().map(|(kind, count)| (kind.name(), count)).collect(),
        uploads: run
            .uploads
            .iter()
            .map(|upload| UploadV1 {
                path: &upload.path,
                removed: upload.removed,
                commit: upload.commit.as_deref(),
                author: upload.author.as_deref(),
            })
            .collect(),
        not_planned: run.not_planned.map(not_planned),
        changes: run
            .checked
            .into_iter()
            .flat_map(|checked| {
                reported.clone().map(|(index, change)| plan_json::change(change, result(index), checked, &paths))
            })
            .collect(),
        interrupted: run
            .interrupted
            .iter()
            .map(|(started, done)| InterruptedChangeV1 {
                kind: started.kind.name(),
                r#type: started.object.noun(),
                name: &started.name,
                done: *done,
            })
            .collect(),
        notices: notices(run, &paths),
        retry_after_seconds: run.retry.filter(|_| run.is_transient()).and_then(|retry| retry.seconds),
        omitted: OmittedV1::default(),
    }
}

fn not_planned(not_planned: &NotPlanned) -> NotPlannedV1<'_> {
    let of_input = |message| NotPlannedV1 { operation: "", code: None, message, transient: false };
    match not_planned {
        NotPlanned::Failed { failure, .. } => NotPlannedV1 {
            operation: failure.operation,
            code: failure.code.as_deref(),
            message: &failure.message,
            transient: failure.transient,
        },
        NotPlanned::Empty => of_input("there are no definitions yet"),
        NotPlanned::NoDefinitions => of_input("no definitions found"),
        NotPlanned::NoName { .. } => of_input("the catalog no longer has a name"),
        NotPlanned::Configuration => of_input("the configuration has errors"),
    }
}

fn notices<'a>(run: &RunReport<'a>, paths: &Paths) -> Vec<NoticeV1<'a>> {
    let finding = |finding| run.checked.map(|checked| json::one(&checked.sources, finding, paths));
    let notices = run.news.notices.iter().map(|(status, notice)| NoticeV1 {
        status: status.name(),
        kind: notice.kind.name(),
        level: notice.level.name(),
        location: notice.location.as_deref(),
        message: &notice.line,
        finding: notice.finding.filter(|_| *status != Status::Known).and_then(finding),
    });
    let resolved = run.news.resolved.iter().map(|known| NoticeV1 {
        status: "resolved",
        kind: known.kind.name(),
        level: known.level().name(),
        location: known.location.as_deref(),
        message: &known.line,
        finding: None,
    });
    notices.chain(resolved).collect()
}

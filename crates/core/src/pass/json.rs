//! What programs are told of a pass. The types here are the wire format, documented in docs/lambda.md.

use std::collections::BTreeMap;

use serde::Serialize;

use super::notice::Status;
use super::{Pass, Stop};
use crate::plan::Kind;
use crate::report::Paths;
use crate::report::json::{self, DiagnosticV1, TOOL, Tool, VERSION};
use crate::report::plan_json::{self, ChangeV1, TargetV1};

/// The longest document in bytes; a message has at most 256 KiB with its attributes
/// (<https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>).
const MAX_BYTES: usize = 240 * 1024;

#[derive(Serialize)]
struct PassV1<'a> {
    version: u32,
    tool: Tool,
    trigger: &'static str,
    mode: &'static str,
    target: TargetV1<'a>,
    catalog: &'a str,
    outcome: &'static str,
    summary: BTreeMap<&'static str, usize>,
    uploads: Vec<UploadV1<'a>>,
    stop: Option<StopV1<'a>>,
    changes: Vec<ChangeV1<'a>>,
    earlier: Vec<EarlierV1<'a>>,
    notices: Vec<NoticeV1<'a>>,
    /// Seconds until what failed is tried again; null where it is not.
    again: Option<u32>,
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
struct StopV1<'a> {
    /// The operation that failed; empty where the input stands in the way.
    operation: &'static str,
    code: Option<&'a str>,
    message: &'a str,
    transient: bool,
}

#[derive(Serialize)]
struct EarlierV1<'a> {
    kind: &'static str,
    r#type: &'static str,
    name: &'a str,
    done: bool,
}

#[derive(Serialize)]
struct NoticeV1<'a> {
    status: &'static str,
    kind: &'static str,
    severity: &'static str,
    place: Option<&'a str>,
    line: &'a str,
    finding: Option<DiagnosticV1>,
}

/// What did not fit.
#[derive(Clone, Copy, Default, Serialize)]
struct OmittedV1 {
    /// Old and new values of fields.
    values: bool,
    changes: usize,
    notices: usize,
    uploads: usize,
}

/// A document about a pass, at most 240 KiB long: values of fields go first where it is longer, then changes.
pub fn document(pass: &Pass<'_>) -> String {
    let mut document = whole(pass);
    let mut text = compact(&document);
    if text.len() > MAX_BYTES {
        document.omitted.values = true;
        for field in document.changes.iter_mut().flat_map(|change| &mut change.fields) {
            (field.old, field.new) = (None, None);
        }
        text = compact(&document);
    }
    while text.len() > MAX_BYTES {
        let PassV1 { changes, notices, uploads, omitted, .. } = &mut document;
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

/// Cuts a list in half if it is the longest; gives the number of items that go.
fn halve<T>(items: &mut Vec<T>, longest: usize) -> usize {
    let all = items.len();
    if all == longest {
        items.truncate(all / 2);
    }
    all - items.len()
}

fn compact(document: &PassV1<'_>) -> String {
    #[expect(clippy::expect_used, reason = "maps have string keys and numbers are finite: serialising cannot fail")]
    serde_json::to_string(document).expect("plain data")
}

fn whole<'a>(pass: &Pass<'a>) -> PassV1<'a> {
    let paths = Paths::default();
    let counts = match (pass.plan, pass.results) {
        (Some(plan), None) => plan.counts(),
        _ => pass.counts(),
    };
    let changes = pass.plan.into_iter().flat_map(|plan| plan.changes.iter().enumerate());
    let told = changes.filter(|(_, change)| change.kind != Kind::Unchanged || !change.blocked_by.is_empty());
    let result = |index: usize| pass.results.and_then(|results| results.get(index));
    PassV1 {
        version: VERSION,
        tool: TOOL,
        trigger: pass.wake.name(),
        mode: pass.mode.name(),
        target: TargetV1 { account: pass.target.account.as_deref(), region: &pass.target.region },
        catalog: pass.catalog,
        outcome: pass.outcome().name(),
        summary: counts.into_iter().map(|(kind, count)| (kind.name(), count)).collect(),
        uploads: pass
            .uploads
            .iter()
            .map(|upload| UploadV1 {
                path: &upload.path,
                removed: upload.removed,
                commit: upload.commit.as_deref(),
                author: upload.author.as_deref(),
            })
            .collect(),
        stop: pass.stop.map(stop),
        changes: pass
            .checked
            .into_iter()
            .flat_map(|checked| {
                told.clone().map(|(index, change)| plan_json::change(change, result(index), checked, &paths))
            })
            .collect(),
        earlier: pass
            .earlier
            .iter()
            .map(|(begun, done)| EarlierV1 {
                kind: begun.kind.name(),
                r#type: begun.object.noun(),
                name: &begun.name,
                done: *done,
            })
            .collect(),
        notices: notices(pass, &paths),
        again: pass.again.filter(|_| pass.is_transient()).and_then(|again| again.seconds),
        omitted: OmittedV1::default(),
    }
}

fn stop(stop: &Stop) -> StopV1<'_> {
    let of_input = |message| StopV1 { operation: "", code: None, message, transient: false };
    match stop {
        Stop::Failed { failure, .. } => StopV1 {
            operation: failure.operation,
            code: failure.code.as_deref(),
            message: &failure.message,
            transient: failure.transient,
        },
        Stop::NoDefinitions => of_input("there is no definition"),
        Stop::NoName { .. } => of_input("the catalog has lost its name"),
        Stop::Configuration => of_input("the configuration has errors"),
    }
}

fn notices<'a>(pass: &Pass<'a>, paths: &Paths) -> Vec<NoticeV1<'a>> {
    let finding = |finding| pass.checked.map(|checked| json::one(&checked.sources, finding, paths));
    let told = pass.news.told.iter().map(|(status, notice)| NoticeV1 {
        status: status.name(),
        kind: notice.kind.name(),
        severity: notice.severity.name(),
        place: notice.place.as_deref(),
        line: &notice.line,
        finding: notice.finding.filter(|_| *status != Status::Known).and_then(finding),
    });
    let cured = pass.news.cured.iter().map(|known| NoticeV1 {
        status: "cured",
        kind: known.kind.name(),
        severity: known.severity().name(),
        place: known.place.as_deref(),
        line: &known.line,
        finding: None,
    });
    told.chain(cured).collect()
}

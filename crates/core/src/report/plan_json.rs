//! Plans and the results of applying them, as JSON.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use super::Paths;
use super::json::{self, DiagnosticV1, SpanV1, VERSION, one, print};
use crate::change_result::{ChangeResult, Failure, location_of_field};
use crate::check::Checked;
use crate::diagnostic::Diagnostic;
use crate::plan::{Change, ChangedBy, Impact, ImpactedObject, Orphan, Outcome, Plan, Reason};
use crate::source::Sources;

#[derive(Serialize)]
struct PlanV1<'a> {
    version: u32,
    target: Option<TargetV1<'a>>,
    catalog: &'a str,
    outcome: OutcomeV1,
    summary: BTreeMap<&'static str, usize>,
    /// Why requested deletions are blocked.
    refused: Option<String>,
    changes: Vec<ChangeV1<'a>>,
    /// Objects without a file that the plan does not change.
    orphans: Vec<OrphanV1<'a>>,
    diagnostics: Vec<DiagnosticV1>,
}

#[derive(Serialize)]
struct OrphanV1<'a> {
    r#type: &'static str,
    name: &'a str,
    id: &'a str,
    source: &'a str,
}

#[derive(Serialize)]
pub(crate) struct TargetV1<'a> {
    pub(crate) account: Option<&'a str>,
    pub(crate) region: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum OutcomeV1 {
    InSync,
    Changes,
    Conflict,
    Invalid,
}

impl From<Outcome> for OutcomeV1 {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::InSync => Self::InSync,
            Outcome::Changes => Self::Changes,
            Outcome::Conflict => Self::Conflict,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChangeV1<'a> {
    kind: &'static str,
    r#type: &'static str,
    name: &'a str,
    id: Option<&'a str>,
    source: &'a str,
    changed_by: Option<&'static str>,
    pub(crate) fields: Vec<FieldV1<'a>>,
    tags: TagsV1<'a>,
    /// What uses the object; null if that was not read.
    impact: Option<ImpactV1<'a>>,
    blocked_by: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_concurrently: Option<CreatedConcurrentlyV1<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<FailureV1<'a>>,
}

/// Another writer created an object with the same name at the same time.
#[derive(Serialize)]
struct CreatedConcurrentlyV1<'a> {
    kept: &'a str,
    removed: Option<&'a str>,
    same: bool,
}

/// Null if unknown.
#[derive(Serialize)]
struct ImpactV1<'a> {
    frameworks: Option<Vec<ImpactedObjectV1<'a>>>,
    assessments: Option<Vec<ImpactedObjectV1<'a>>>,
}

#[derive(Serialize)]
struct ImpactedObjectV1<'a> {
    name: &'a str,
    id: &'a str,
}

#[derive(Serialize)]
struct FailureV1<'a> {
    operation: &'static str,
    kind: &'static str,
    code: Option<&'a str>,
    message: &'a str,
    fields: Vec<FieldFailureV1<'a>>,
    help: Option<&'a str>,
    unclear: bool,
}

#[derive(Serialize)]
struct FieldFailureV1<'a> {
    name: &'a str,
    message: &'a str,
    path: Option<String>,
    pointer: Option<String>,
    span: Option<SpanV1>,
}

#[derive(Serialize)]
pub(crate) struct FieldV1<'a> {
    pointer: &'a str,
    pub(crate) old: Option<&'a Json>,
    pub(crate) new: Option<&'a Json>,
}

#[derive(Serialize)]
struct TagsV1<'a> {
    set: BTreeMap<&'a str, &'a str>,
    remove: Vec<&'a str>,
}

/// Returns a plan, with its results if it was applied.
pub fn plan(plan: &Plan, results: Option<&[ChangeResult]>, checked: &Checked, paths: &Paths) -> String {
    let (sources, findings) = (&checked.sources, checked.findings_to_show_with_plan());
    let result = |index: usize| results.and_then(|results| results.get(index));
    let document = PlanV1 {
        version: VERSION,
        target: Some(TargetV1 { account: plan.target.account.as_deref(), region: &plan.target.region }),
        catalog: &plan.catalog,
        outcome: plan.outcome().into(),
        summary: plan.counts().into_iter().map(|(kind, count)| (kind.name(), count)).collect(),
        refused: plan.refused.as_ref().map(ToString::to_string),
        changes: plan
            .changes
            .iter()
            .enumerate()
            .map(|(index, change)| self::change(change, result(index), checked, paths))
            .collect(),
        orphans: plan.left_behind().map(orphan).collect(),
        diagnostics: findings
            .iter()
            .copied()
            .chain(&plan.diagnostics)
            .map(|finding| one(sources, finding, paths))
            .collect(),
    };
    print(&document)
}

/// Returns the document for a catalog with errors, for which no plan is made.
pub fn invalid(catalog: &str, sources: &Sources, findings: &[&Diagnostic], paths: &Paths) -> String {
    let document = PlanV1 {
        version: VERSION,
        target: None,
        catalog,
        outcome: OutcomeV1::Invalid,
        summary: BTreeMap::new(),
        refused: None,
        changes: Vec::new(),
        orphans: Vec::new(),
        diagnostics: findings.iter().map(|finding| one(sources, finding, paths)).collect(),
    };
    print(&document)
}

fn orphan(orphan: &Orphan) -> OrphanV1<'_> {
    OrphanV1 { r#type: orphan.object.noun(), name: &orphan.name, id: &orphan.id, source: &orphan.source }
}

pub(crate) fn change<'a>(
    change: &'a Change,
    result: Option<&'a ChangeResult>,
    checked: &Checked,
    paths: &Paths,
) -> ChangeV1<'a> {
    let blocked_by = match result {
        Some(ChangeResult::Blocked { by }) => by,
        _ => &change.blocked_by,
    };
    let id = match result {
        Some(ChangeResult::Applied { id, .. } | ChangeResult::CreatedConcurrently { kept: id, .. }) => {
            Some(id.as_str())
        }
        _ => change.id.as_deref(),
    };
    let fields = change.fields.iter().map(|field| FieldV1 {
        pointer: &field.pointer,
        old: field.old.as_ref(),
        new: field.new.as_ref(),
    });
    ChangeV1 {
        kind: change.kind.name(),
        r#type: change.object.noun(),
        name: &change.name,
        id,
        source: &change.source,
        changed_by: change.changed_by.map(ChangedBy::name),
        fields: fields.collect(),
        tags: TagsV1 {
            set: change.tags.set.iter().map(|(key, (_, new))| (key.as_str(), new.as_str())).collect(),
            remove: change.tags.remove.keys().map(String::as_str).collect(),
        },
        impact: change.impact.as_ref().map(impact),
        blocked_by: blocked_by.iter().map(Reason::to_string).collect(),
        result: result.map(ChangeResult::name),
        created_concurrently: match result {
            Some(ChangeResult::CreatedConcurrently { kept, removed, same }) => {
                Some(CreatedConcurrentlyV1 { kept, removed: removed.as_deref(), same: *same })
            }
            _ => None,
        },
        error: match result {
            Some(ChangeResult::Failed(failure)) => Some(self::failure(failure, change, checked, paths)),
            _ => None,
        },
    }
}

fn impact(impact: &Impact) -> ImpactV1<'_> {
    fn all(users: Option<&Vec<ImpactedObject>>) -> Option<Vec<ImpactedObjectV1<'_>>> {
        Some(users?.iter().map(|user| ImpactedObjectV1 { name: &user.name, id: &user.id }).collect())
    }
    ImpactV1 { frameworks: all(impact.frameworks.as_ref()), assessments: all(impact.assessments.as_ref()) }
}

fn failure<'a>(failure: &'a Failure, change: &Change, checked: &Checked, paths: &Paths) -> FailureV1<'a> {
    let fields = failure.fields.iter().map(|field| {
        let location = location_of_field(&checked.catalog, change, &field.name);
        let source = location.as_ref().map(|(file, _)| checked.sources.get(*file));
        let span = location.as_ref().map(|(file, pointer)| {
            let span = checked.catalog.span(&checked.sources, *file, pointer);
            json::span(&checked.sources, *file, span)
        });
        FieldFailureV1 {
            name: &field.name,
            message: &field.message,
            path: source.map(|source| paths.show(source.path())),
            pointer: location.map(|(_, pointer)| pointer),
            span,
        }
    });
    FailureV1 {
        operation: failure.operation,
        kind: failure.kind.name(),
        code: failure.code.as_deref(),
        message: &failure.message,
        fields: fields.collect(),
        help: failure.help.as_deref(),
        unclear: failure.unclear,
    }
}

//! Folders of evidence, and insights. Evidence comes from a seed; the emulator collects none.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::audit_manager::assessments;
use crate::audit_manager::error::ServiceError;
use crate::audit_manager::operation::{Answer, typed};
use crate::audit_manager::options::AuditManager;
use crate::audit_manager::pages::{self, PageRequest};
use crate::audit_manager::state::{AccountState, Assessment, AssessmentStatus, DataSource, ObjectKind};
use crate::protocol::time::Time;

/// The domain of custom controls.
const UNCATEGORIZED: &str = "UNCATEGORIZED";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Folders {
    assessment_id: Uuid,
    #[serde(flatten)]
    page: PageRequest,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FoldersOfControl {
    assessment_id: Uuid,
    control_set_id: String,
    control_id: Uuid,
    #[serde(flatten)]
    page: PageRequest,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ControlInsights {
    control_domain_id: String,
    assessment_id: Uuid,
    #[serde(flatten)]
    page: PageRequest,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OneAssessment {
    assessment_id: Uuid,
}

pub(crate) fn folders(state: &AccountState, options: &AuditManager, input: Value) -> Answer {
    let Folders { assessment_id, page } = typed(input)?;
    let folders = of(state, assessment_id, |_| true)?;
    let list = format!("evidence/{assessment_id}");
    pages::page(&page, &list, "evidenceFolders", folders.into_iter(), options.switches.pages)
}

pub(crate) fn folders_of_control(state: &AccountState, options: &AuditManager, input: Value) -> Answer {
    let FoldersOfControl { assessment_id, control_set_id, control_id, page } = typed(input)?;
    assessments::check_control(state.assessment(assessment_id)?, &control_set_id, control_id)?;
    let folders = of(state, assessment_id, |control| control == control_id)?;
    let list = format!("evidence/{assessment_id}/{control_id}");
    pages::page(&page, &list, "evidenceFolders", folders.into_iter(), options.switches.pages)
}

/// The folders of an assessment, by ID: one for each control, service and day. Their order is not that of their days,
/// since that of the service is unknown.
fn of(
    state: &AccountState,
    id: Uuid,
    is_asked: impl Fn(Uuid) -> bool,
) -> Result<BTreeMap<String, Value>, ServiceError> {
    let assessment = state.assessment(id)?;
    let mut counts: BTreeMap<(Uuid, DataSource, Time), u64> = BTreeMap::new();
    for evidence in assessment.evidence.iter().filter(|evidence| is_asked(evidence.control)) {
        let key = (evidence.control, evidence.data_source, evidence.at.start_of_day());
        *counts.entry(key).or_default() += u64::from(evidence.count);
    }
    let mut folders = BTreeMap::new();
    for ((control, source, day), count) in counts {
        let Some(set) = assessment.control_sets.iter().find(|set| set.controls.contains(&control)) else { continue };
        let folder = folder_id(id, control, source, day);
        let of = |counted: &[DataSource]| if counted.contains(&source) { count } else { 0 };
        let view = json!({
            "name": day.date(),
            "date": day.seconds(false),
            "assessmentId": id,
            "controlSetId": set.name,
            "controlId": control,
            "controlName": state.control(control)?.name,
            "id": folder,
            "dataSource": source,
            "author": "",
            "totalEvidence": count,
            "assessmentReportSelectionCount": 0,
            "evidenceResourcesIncludedCount": count,
            "evidenceByTypeConfigurationDataCount": of(&[DataSource::ApiCalls]),
            "evidenceByTypeManualCount": of(&[DataSource::Manual]),
            "evidenceByTypeComplianceCheckCount": of(&[DataSource::Config, DataSource::SecurityHub]),
            "evidenceByTypeComplianceCheckIssuesCount": 0,
            "evidenceByTypeUserActivityCount": of(&[DataSource::CloudTrail]),
            "evidenceAwsServiceSourceCount": count,
        });
        folders.insert(folder.to_string(), view);
    }
    Ok(folders)
}

fn folder_id(assessment: Uuid, control: Uuid, source: DataSource, day: Time) -> Uuid {
    let number = assessment.as_u128() ^ control.as_u128().rotate_left(1);
    let number = number.wrapping_add(u128::from(day.0) * 8 + source as u128);
    // Any odd factor spreads the numbers, and keeps them different.
    Uuid::from_u128(number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
}

/// The controls that collected evidence on the day of the newest evidence.
pub(crate) fn insights_by_control(state: &AccountState, options: &AuditManager, input: Value) -> Answer {
    let ControlInsights { control_domain_id, assessment_id, page } = typed(input)?;
    let assessment = state.assessment(assessment_id)?;
    let day = assessment.evidence.iter().map(|evidence| evidence.at.start_of_day()).max();
    let mut insights = BTreeMap::new();
    for set in &assessment.control_sets {
        for id in &set.controls {
            let control = state.control(*id)?;
            let of_day = |at: Time| Some(at.start_of_day()) == day;
            let Some((counts, last)) = counts(assessment, |control, at| control == *id && of_day(at)) else { continue };
            if control.kind == ObjectKind::Custom && control_domain_id == UNCATEGORIZED {
                let view = json!({
                    "name": control.name,
                    "id": id,
                    "evidenceInsights": counts,
                    "controlSetName": set.name,
                    "lastUpdated": last.seconds(false),
                });
                insights.insert(format!("{}/{id}", set.name), view);
            }
        }
    }
    let list = format!("insights/{assessment_id}/{control_domain_id}");
    pages::page(&page, &list, "controlInsightsByAssessment", insights.into_iter(), options.switches.pages)
}

/// `EvidenceInsights` of the model, and the time of the newest evidence; `None` without evidence. Only Config and
/// Security Hub say what is compliant, and here everything is.
fn counts(assessment: &Assessment, is_counted: impl Fn(Uuid, Time) -> bool) -> Option<(Value, Time)> {
    let counted: Vec<_> = assessment.evidence.iter().filter(|of| is_counted(of.control, of.at)).collect();
    let last = counted.iter().map(|of| of.at).max()?;
    let count = |rules: bool| -> u64 {
        let of =
            counted.iter().filter(|of| matches!(of.data_source, DataSource::Config | DataSource::SecurityHub) == rules);
        of.map(|of| u64::from(of.count)).sum()
    };
    let counts = json!({
        "noncompliantEvidenceCount": 0,
        "compliantEvidenceCount": count(true),
        "inconclusiveEvidenceCount": count(false),
    });
    Some((counts, last))
}

#[expect(clippy::unnecessary_wraps, reason = "all operations have this signature")]
pub(crate) fn insights(state: &AccountState, _: &AuditManager, _: Value) -> Answer {
    let active = state.assessments.values().filter(|assessment| assessment.status == AssessmentStatus::Active);
    let active: Vec<&Assessment> = active.map(AsRef::as_ref).collect();
    let mut insights = total(&active);
    insights["activeAssessmentsCount"] = Value::from(active.len());
    Ok(Some(json!({ "insights": insights })))
}

pub(crate) fn insights_by_assessment(state: &AccountState, _: &AuditManager, input: Value) -> Answer {
    let OneAssessment { assessment_id } = typed(input)?;
    Ok(Some(json!({ "insights": total(&[state.assessment(assessment_id)?]) })))
}

/// `InsightsByAssessment` of the model for several assessments: the evidence of their newest days.
fn total(assessments: &[&Assessment]) -> Value {
    let (mut compliant, mut inconclusive, mut controls, mut last) = (0, 0, 0, None);
    for assessment in assessments {
        controls += assessment.control_sets.iter().map(|set| set.controls.len()).sum::<usize>();
        let day = assessment.evidence.iter().map(|of| of.at.start_of_day()).max();
        if let Some((counts, at)) = counts(assessment, |_, at| Some(at.start_of_day()) == day) {
            compliant += counts["compliantEvidenceCount"].as_u64().unwrap_or_default();
            inconclusive += counts["inconclusiveEvidenceCount"].as_u64().unwrap_or_default();
            last = last.max(Some(at));
        }
    }
    let mut total = json!({
        "noncompliantEvidenceCount": 0,
        "compliantEvidenceCount": compliant,
        "inconclusiveEvidenceCount": inconclusive,
        "assessmentControlsCountByNoncompliantEvidence": 0,
        "totalAssessmentControlsCount": controls,
    });
    if let Some(last) = last {
        total["lastUpdated"] = last.seconds(false);
    }
    total
}

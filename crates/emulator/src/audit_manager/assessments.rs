//! `ListAssessments` and `GetAssessment`. Assessments come from a seed; no operation here creates one.

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::audit_manager::control_sets;
use crate::audit_manager::controls::WRITER;
use crate::audit_manager::error::ServiceError;
use crate::audit_manager::operation::{Answer, typed};
use crate::audit_manager::options::AuditManager;
use crate::audit_manager::pages::{self, PageRequest};
use crate::audit_manager::state::{AccountState, Assessment, AssessmentStatus, ObjectKind};

#[derive(Deserialize)]
struct ListAssessments {
    status: Option<AssessmentStatus>,
    #[serde(flatten)]
    page: PageRequest,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OneAssessment {
    assessment_id: Uuid,
}

pub(crate) fn list(state: &AccountState, options: &AuditManager, input: Value) -> Answer {
    let input: ListAssessments = typed(input)?;
    let items = state
        .assessments
        .iter()
        .filter(|(_, assessment)| input.status.is_none_or(|status| status == assessment.status))
        .map(|(id, assessment)| (id.to_string(), common(*id, assessment)));
    pages::page(
        &input.page,
        &format!("assessments/{:?}", input.status),
        "assessmentMetadata",
        items,
        options.switches.pages,
    )
}

pub(crate) fn get(state: &AccountState, options: &AuditManager, input: Value) -> Answer {
    let OneAssessment { assessment_id: id } = typed(input)?;
    let Some(assessment) = state.assessments.get(&id) else {
        return Err(ServiceError::not_found("Assessment", id.to_string()));
    };
    let sets = control_sets_of(state, options, assessment)?;
    let mut metadata = common(id, assessment);
    if let Some(description) = &assessment.description {
        metadata["description"] = Value::from(description.as_str());
    }
    metadata["scope"] = json!({ "awsAccounts": [{ "id": state.account }], "awsServices": [] });
    let mut framework = json!({ "name": assessment.framework_name });
    if let Some(compliance_type) = &assessment.compliance_type {
        framework["complianceType"] = Value::from(compliance_type.as_str());
    }
    let role = json!({
        "roleType": "PROCESS_OWNER",
        "roleArn": format!("arn:aws:iam::{}:role/{}", state.account, WRITER),
    });
    let framework_kind =
        state.frameworks.get(&assessment.framework_id).map_or(ObjectKind::Custom, |framework| framework.kind);
    Ok(Some(json!({
        "assessment": {
            "arn": state.assessment_arn(id),
            "awsAccount": { "id": state.account },
            "metadata": metadata,
            "framework": {
                "id": assessment.framework_id,
                "arn": state.framework_arn(assessment.framework_id, framework_kind),
                "metadata": framework,
                "controlSets": sets,
            },
            "tags": assessment.tags,
        },
        "userRole": role,
    })))
}

/// The control sets of an assessment, as `AssessmentControlSet` of the model.
fn control_sets_of(
    state: &AccountState,
    options: &AuditManager,
    assessment: &Assessment,
) -> Result<Vec<Value>, ServiceError> {
    let mut sets = Vec::new();
    for (set, controls) in control_sets::in_order(&assessment.control_sets, &options.switches) {
        let controls: Vec<Value> = controls
            .into_iter()
            .map(|id| {
                let control = state.control(id)?;
                Ok(json!({
                    "id": id,
                    "name": control.name,
                    "status": "UNDER_REVIEW",
                    "comments": [],
                    "evidenceSources": [],
                    "evidenceCount": 0,
                    "assessmentReportEvidenceCount": 0,
                }))
            })
            .collect::<Result<_, ServiceError>>()?;
        // In an assessment, the ID of a control set is its name.
        sets.push(json!({
            "id": set.name,
            "status": "ACTIVE",
            "roles": [],
            "controls": controls,
            "delegations": [],
            "systemEvidenceCount": 0,
            "manualEvidenceCount": 0,
        }));
    }
    Ok(sets)
}

/// The common fields of `AssessmentMetadataItem` and `AssessmentMetadata` of the model.
fn common(id: Uuid, assessment: &Assessment) -> Value {
    let mut common = json!({
        "name": assessment.name,
        "id": id,
        "status": assessment.status,
        "roles": [],
        "delegations": [],
        "creationTime": assessment.created_at.seconds(false),
        "lastUpdated": assessment.last_updated_at.seconds(false),
    });
    if let Some(compliance_type) = &assessment.compliance_type {
        common["complianceType"] = Value::from(compliance_type.as_str());
    }
    common
}

//! Create, read and list assessments, and change their status and that of their controls.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::audit_manager::control_sets;
use crate::audit_manager::controls::WRITER;
use crate::audit_manager::error::ServiceError;
use crate::audit_manager::operation::{Answer, typed};
use crate::audit_manager::options::AuditManager;
use crate::audit_manager::pages::{self, PageRequest};
use crate::audit_manager::state::{
    AccountState, Assessment, AssessmentStatus, ControlStatus, DataSource, Evidence, ObjectKind, Tags,
};
use crate::audit_manager::texts;

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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateAssessment {
    name: String,
    description: Option<String>,
    assessment_reports_destination: Value,
    scope: Scope,
    roles: Vec<Value>,
    framework_id: Uuid,
    tags: Option<Tags>,
}

/// The services are ignored, as the service does.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Scope {
    aws_accounts: Option<Vec<Account>>,
}

#[derive(Deserialize)]
struct Account {
    id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateStatus {
    assessment_id: Uuid,
    status: AssessmentStatus,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateControl {
    assessment_id: Uuid,
    control_set_id: String,
    control_id: Uuid,
    control_status: Option<ControlStatus>,
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
    let OneAssessment { assessment_id } = typed(input)?;
    let mut answer = answer(state, options, assessment_id)?;
    if let Some(body) = &mut answer {
        let role_arn = format!("arn:aws:iam::{}:role/{}", state.account, WRITER);
        body["userRole"] = json!({ "roleType": "PROCESS_OWNER", "roleArn": role_arn });
    }
    Ok(answer)
}

/// Creates an assessment with the control sets that the framework has now.
pub(crate) fn create(state: &mut AccountState, options: &AuditManager, input: Value) -> Answer {
    let input: CreateAssessment = typed(input)?;
    let framework = state.framework(input.framework_id)?;
    if input.roles.iter().any(|role| role["roleType"] != "PROCESS_OWNER") {
        return Err(ServiceError::other("The roles of an assessment must be process owners"));
    }
    let accounts = input.scope.aws_accounts.into_iter().flatten().filter_map(|account| account.id).collect();
    let mut assessment = Assessment {
        name: input.name,
        description: input.description,
        status: AssessmentStatus::Active,
        framework_id: input.framework_id,
        framework_name: framework.name.clone(),
        compliance_type: framework.compliance_type.clone(),
        control_sets: framework.control_sets.clone(),
        created_at: state.clock,
        last_updated_at: state.clock,
        tags: input.tags.unwrap_or_default(),
        accounts,
        roles: input.roles,
        reports: Some(input.assessment_reports_destination),
        control_statuses: BTreeMap::new(),
        evidence: Vec::new(),
    };
    texts::drop_tags(&mut assessment.tags, &options.switches);
    assessment.created_at = state.now();
    assessment.last_updated_at = assessment.created_at;
    let id = Uuid::new_v4();
    state.assessments.insert(id, Arc::new(assessment));
    answer(state, options, id)
}

/// An inactive assessment stays inactive
/// (<https://docs.aws.amazon.com/audit-manager/latest/userguide/change-assessment-status-to-inactive.html>).
pub(crate) fn update_status(state: &mut AccountState, options: &AuditManager, input: Value) -> Answer {
    let UpdateStatus { assessment_id: id, status } = typed(input)?;
    let current = state.assessment(id)?.status;
    if current == AssessmentStatus::Inactive && status == AssessmentStatus::Active {
        return Err(ServiceError::other("The status of an inactive assessment cannot be changed"));
    }
    let at = state.now();
    if let Some(assessment) = state.assessments.get_mut(&id).map(Arc::make_mut) {
        assessment.status = status;
        assessment.last_updated_at = at;
    }
    answer(state, options, id)
}

pub(crate) fn update_control(state: &mut AccountState, _: &AuditManager, input: Value) -> Answer {
    let UpdateControl { assessment_id: id, control_set_id, control_id, control_status } = typed(input)?;
    check_control(state.assessment(id)?, &control_set_id, control_id)?;
    let at = state.now();
    if let Some(assessment) = state.assessments.get_mut(&id).map(Arc::make_mut) {
        if let Some(status) = control_status {
            assessment.control_statuses.insert(control_id, status);
        }
        assessment.last_updated_at = at;
    }
    let control = control(state, state.assessment(id)?, control_id)?;
    Ok(Some(json!({ "control": control })))
}

/// Checks that an assessment has a control in a set.
///
/// # Errors
///
/// `ResourceNotFoundException` for what it does not have.
pub(crate) fn check_control(assessment: &Assessment, set: &str, control: Uuid) -> Result<(), ServiceError> {
    let found = assessment.control_sets.iter().find(|known| known.name == set);
    let found = found.ok_or_else(|| ServiceError::not_found("ControlSet", set))?;
    if found.controls.contains(&control) {
        return Ok(());
    }
    Err(ServiceError::not_found("Control", control.to_string()))
}

fn answer(state: &AccountState, options: &AuditManager, id: Uuid) -> Answer {
    let assessment = state.assessment(id)?;
    let sets = control_sets_of(state, options, assessment)?;
    let mut metadata = common(id, assessment);
    if let Some(description) = &assessment.description {
        metadata["description"] = Value::from(description.as_str());
    }
    if let Some(reports) = &assessment.reports {
        metadata["assessmentReportsDestination"] = reports.clone();
    }
    let own = std::slice::from_ref(&state.account);
    let accounts = if assessment.accounts.is_empty() { own } else { &assessment.accounts };
    let accounts: Vec<Value> = accounts.iter().map(|id| json!({ "id": id })).collect();
    metadata["scope"] = json!({ "awsAccounts": accounts, "awsServices": [] });
    let mut framework = json!({ "name": assessment.framework_name });
    if let Some(compliance_type) = &assessment.compliance_type {
        framework["complianceType"] = Value::from(compliance_type.as_str());
    }
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
    })))
}

/// The control sets of an assessment, as `AssessmentControlSet` of the model.
fn control_sets_of(
    state: &AccountState,
    options: &AuditManager,
    assessment: &Assessment,
) -> Result<Vec<Value>, ServiceError> {
    let mut sets = Vec::new();
    for (set, ids) in control_sets::in_order(&assessment.control_sets, &options.switches) {
        let count = |is_counted: fn(DataSource) -> bool| -> u64 {
            let counted = |of: &&Evidence| set.controls.contains(&of.control) && is_counted(of.data_source);
            assessment.evidence.iter().filter(counted).map(|of| u64::from(of.count)).sum()
        };
        let controls: Vec<Value> =
            ids.into_iter().map(|id| control(state, assessment, id)).collect::<Result<_, ServiceError>>()?;
        // In an assessment, the ID of a control set is its name.
        sets.push(json!({
            "id": set.name,
            "status": "ACTIVE",
            "roles": [],
            "controls": controls,
            "delegations": [],
            "systemEvidenceCount": count(|source| source != DataSource::Manual),
            "manualEvidenceCount": count(|source| source == DataSource::Manual),
        }));
    }
    Ok(sets)
}

/// `AssessmentControl` of the model.
fn control(state: &AccountState, assessment: &Assessment, id: Uuid) -> Result<Value, ServiceError> {
    let control = state.control(id)?;
    let evidence = || assessment.evidence.iter().filter(|evidence| evidence.control == id);
    let sources: BTreeSet<DataSource> = evidence().map(|evidence| evidence.data_source).collect();
    Ok(json!({
        "id": id,
        "name": control.name,
        "status": assessment.control_statuses.get(&id).copied().unwrap_or_default(),
        "comments": [],
        "evidenceSources": sources,
        "evidenceCount": evidence().map(|evidence| u64::from(evidence.count)).sum::<u64>(),
        "assessmentReportEvidenceCount": 0,
    }))
}

/// The common fields of `AssessmentMetadataItem` and `AssessmentMetadata` of the model.
fn common(id: Uuid, assessment: &Assessment) -> Value {
    let mut common = json!({
        "name": assessment.name,
        "id": id,
        "status": assessment.status,
        "roles": assessment.roles,
        "delegations": [],
        "creationTime": assessment.created_at.seconds(false),
        "lastUpdated": assessment.last_updated_at.seconds(false),
    });
    if let Some(compliance_type) = &assessment.compliance_type {
        common["complianceType"] = Value::from(compliance_type.as_str());
    }
    common
}

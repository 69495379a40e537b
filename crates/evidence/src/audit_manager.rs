//! Audit Manager: custom controls, active assessments, their evidence, and the delegated administrator.

use std::collections::BTreeMap;

use aws_sdk_auditmanager::Client as Sdk;
use aws_sdk_auditmanager::types::{AssessmentStatus, ControlStatus, ControlType};
use controlsync_aws::{all_pages, first_pages};
use controlsync_core::change_result::Failure;
use controlsync_core::evidence::facts::{
    AssessedControl, Assessment, AssessmentDetail, CreatedControl, Fact, Folder, Seconds,
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::answer::{required, seconds};
use crate::services::Client;

/// Items on a page: the most that Audit Manager returns.
const PAGE: i32 = 1000;
/// Pages of evidence folders of one control. Their order is not documented.
const FOLDER_PAGES: usize = 10;
/// Assessments that are read at the same time.
const AT_ONCE: usize = 4;
/// The domain of custom controls
/// (<https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_ListAssessmentControlInsightsByControlDomain.html>).
const CUSTOM_DOMAIN: &str = "UNCATEGORIZED";

type AuditManager = Client<Sdk>;

/// Returns the custom controls by name, and the account that they show.
pub(crate) async fn controls(
    client: &AuditManager,
) -> Result<(BTreeMap<String, Vec<CreatedControl>>, Option<String>), Failure> {
    const OPERATION: &str = "ListControls";
    let request = client.sdk.list_controls().control_type(ControlType::Custom).max_results(PAGE);
    let page = |token| {
        let request = request.clone().set_next_token(token);
        async move {
            let answer = client.sender.read(OPERATION, || request.clone().send()).await?;
            Ok((required(OPERATION, "controls", answer.control_metadata_list)?, answer.next_token))
        }
    };
    let all = all_pages(OPERATION, |control| control.id.clone().unwrap_or_default(), page).await?;
    let mut controls: BTreeMap<String, Vec<CreatedControl>> = BTreeMap::new();
    let mut account = None;
    for control in all {
        account = account.or_else(|| account_of(control.arn.as_deref()));
        let name = required(OPERATION, "name of a control", control.name)?;
        let id = required(OPERATION, "ID of a control", control.id)?;
        let created_at = seconds(&required(OPERATION, "creation time of a control", control.created_at)?);
        controls.entry(name).or_default().push(CreatedControl { id, created_at });
    }
    Ok((controls, account))
}

/// Returns the account in an ARN.
fn account_of(arn: Option<&str>) -> Option<String> {
    arn?.split(':').nth(4).filter(|account| !account.is_empty()).map(str::to_owned)
}

/// Returns the active assessments with their contents, and the account that they show.
pub(crate) async fn assessments(client: &AuditManager) -> Result<(Vec<Assessment>, Option<String>), Failure> {
    const OPERATION: &str = "ListAssessments";
    let request = client.sdk.list_assessments().status(AssessmentStatus::Active).max_results(PAGE);
    let page = |token| {
        let request = request.clone().set_next_token(token);
        async move {
            let answer = client.sender.read(OPERATION, || request.clone().send()).await?;
            Ok((required(OPERATION, "assessments", answer.assessment_metadata)?, answer.next_token))
        }
    };
    let all = all_pages(OPERATION, |assessment| assessment.id.clone().unwrap_or_default(), page).await?;
    let read: Vec<(Assessment, Option<String>)> = stream::iter(all)
        .map(|item| async move {
            let id = required(OPERATION, "ID of an assessment", item.id)?;
            let name = required(OPERATION, "name of an assessment", item.name)?;
            let created_at = seconds(&required(OPERATION, "creation time of an assessment", item.creation_time)?);
            let (detail, account) = match detail(client, &id).await {
                Ok((detail, account)) => (Fact::Known(detail), account),
                Err(failure) => (client.of.fact(Err(failure)), None),
            };
            let collected = client.of.fact(collected(client, &id).await);
            Ok::<_, Failure>((Assessment { id, name, created_at, detail, collected }, account))
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    let account = read.iter().find_map(|(_, account)| account.clone());
    Ok((read.into_iter().map(|(assessment, _)| assessment).collect(), account))
}

async fn detail(client: &AuditManager, id: &str) -> Result<(AssessmentDetail, Option<String>), Failure> {
    const OPERATION: &str = "GetAssessment";
    let request = client.sdk.get_assessment().assessment_id(id);
    let answer = client.sender.read(OPERATION, || request.clone().send()).await?;
    let assessment = required(OPERATION, "assessment", answer.assessment)?;
    let account = assessment.aws_account.and_then(|account| account.id);
    let scope = required(OPERATION, "scope", assessment.metadata.and_then(|metadata| metadata.scope))?;
    let accounts = required(OPERATION, "accounts", scope.aws_accounts)?;
    let framework = required(OPERATION, "framework", assessment.framework)?;
    let mut detail = AssessmentDetail {
        accounts: accounts.into_iter().filter_map(|account| account.id).collect(),
        controls: Vec::new(),
    };
    for set in required(OPERATION, "control sets", framework.control_sets)? {
        let set_id = required(OPERATION, "ID of a control set", set.id)?;
        for control in required(OPERATION, "controls", set.controls)? {
            detail.controls.push(AssessedControl {
                id: required(OPERATION, "ID of a control", control.id)?,
                name: required(OPERATION, "name of a control", control.name)?,
                set: set_id.clone(),
                active: control.status != Some(ControlStatus::Inactive),
                evidence: i64::from(control.evidence_count),
            });
        }
    }
    Ok((detail, account))
}

/// Returns the controls that collected evidence on the day of the newest evidence.
async fn collected(client: &AuditManager, assessment: &str) -> Result<BTreeMap<String, Seconds>, Failure> {
    const OPERATION: &str = "ListAssessmentControlInsightsByControlDomain";
    let request = client
        .sdk
        .list_assessment_control_insights_by_control_domain()
        .control_domain_id(CUSTOM_DOMAIN)
        .assessment_id(assessment)
        .max_results(PAGE);
    let page = |token| {
        let request = request.clone().set_next_token(token);
        async move {
            let answer = client.sender.read(OPERATION, || request.clone().send()).await?;
            Ok((required(OPERATION, "insights", answer.control_insights_by_assessment)?, answer.next_token))
        }
    };
    let all = all_pages(OPERATION, |insight| insight.id.clone().unwrap_or_default(), page).await?;
    all.into_iter()
        .map(|insight| {
            let id = required(OPERATION, "ID of a control", insight.id)?;
            Ok((id, seconds(&required(OPERATION, "time", insight.last_updated)?)))
        })
        .collect()
}

/// Returns the evidence folders of a control in an assessment, as many as some pages have.
pub(crate) async fn folders(
    client: &AuditManager,
    assessment: &str,
    control: &AssessedControl,
) -> Result<Vec<Folder>, Failure> {
    const OPERATION: &str = "GetEvidenceFoldersByAssessmentControl";
    let request = client
        .sdk
        .get_evidence_folders_by_assessment_control()
        .assessment_id(assessment)
        .control_set_id(&control.set)
        .control_id(&control.id)
        .max_results(PAGE);
    let page = |token| {
        let request = request.clone().set_next_token(token);
        async move {
            let answer = client.sender.read(OPERATION, || request.clone().send()).await?;
            Ok((required(OPERATION, "evidence folders", answer.evidence_folders)?, answer.next_token))
        }
    };
    let all = first_pages(OPERATION, FOLDER_PAGES, |folder| folder.id.clone().unwrap_or_default(), page).await?;
    all.into_iter()
        .map(|folder| {
            Ok(Folder {
                assessment: assessment.to_owned(),
                date: seconds(&required(OPERATION, "date of a folder", folder.date)?),
                data_source: folder.data_source.unwrap_or_default(),
                evidence: i64::from(folder.total_evidence),
            })
        })
        .collect()
}

/// Returns the delegated administrator of the organization.
pub(crate) async fn administrator(client: &AuditManager) -> Result<Option<String>, Failure> {
    let request = client.sdk.get_organization_admin_account();
    match client.sender.read("GetOrganizationAdminAccount", || request.clone().send()).await {
        Ok(answer) => Ok(answer.admin_account_id),
        Err(failure) if failure.code.as_deref() == Some("ResourceNotFoundException") => Ok(None),
        Err(failure) => Err(failure),
    }
}

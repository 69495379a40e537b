//! AWS Security Hub CSPM: whether it is on, its standards, and the state of their controls.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_securityhub::Client as Sdk;
use aws_sdk_securityhub::types::{ControlFindingGenerator, ControlStatus, StandardsStatus};
use controlsync_aws::all_pages;
use controlsync_core::change_result::Failure;
use controlsync_core::evidence::facts::{Hub, Standard};

use crate::answer::required;
use crate::services::Client;

type SecurityHub = Client<Sdk>;

/// Items on a page, and IDs in a request.
const PAGE: usize = 100;

/// Returns whether Security Hub is on, and how it reports; `None` if it is off.
pub(crate) async fn hub(client: &SecurityHub) -> Result<Option<Hub>, Failure> {
    const OPERATION: &str = "DescribeHub";
    let request = client.sdk.describe_hub();
    match client.sender.read(OPERATION, || request.clone().send()).await {
        Ok(answer) => {
            required(OPERATION, "ARN", answer.hub_arn)?;
            let consolidated = answer.control_finding_generator == Some(ControlFindingGenerator::SecurityControl);
            Ok(Some(Hub { consolidated }))
        }
        Err(failure) if is_off(&failure) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Whether a failure means that Security Hub is off. The same code also stands for a missing permission, so the message decides
/// (<https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeHub.html>).
pub(crate) fn is_off(failure: &Failure) -> bool {
    match failure.code.as_deref() {
        Some("ResourceNotFoundException") => true,
        Some("InvalidAccessException") => failure.message.contains("not subscribed"),
        _ => false,
    }
}

/// Returns the enabled standards.
pub(crate) async fn standards(client: &SecurityHub) -> Result<Vec<Standard>, Failure> {
    const OPERATION: &str = "GetEnabledStandards";
    let page = |token| {
        let request = client.sdk.get_enabled_standards().max_results(100).set_next_token(token);
        async move {
            let answer = client.sender.read(OPERATION, || request.clone().send()).await?;
            Ok((required(OPERATION, "standards", answer.standards_subscriptions)?, answer.next_token))
        }
    };
    let all = all_pages(OPERATION, |of| of.standards_subscription_arn.clone().unwrap_or_default(), page).await?;
    all.into_iter()
        .map(|standard| {
            let status = required(OPERATION, "status of a standard", standard.standards_status)?;
            let reason = standard.standards_status_reason.and_then(|reason| reason.status_reason_code);
            Ok(Standard {
                arn: required(OPERATION, "ARN of a standard", standard.standards_arn)?,
                subscription: required(OPERATION, "ARN of a subscription", standard.standards_subscription_arn)?,
                ready: status == StandardsStatus::Ready,
                status: match reason {
                    Some(reason) => format!("{} ({})", status.as_str(), reason.as_str()),
                    None => status.as_str().to_owned(),
                },
            })
        })
        .collect()
}

/// Returns whether the controls of a standard are enabled, by their IDs in it.
pub(crate) async fn of_standard(client: &SecurityHub, subscription: &str) -> Result<BTreeMap<String, bool>, Failure> {
    const OPERATION: &str = "DescribeStandardsControls";
    let request = client.sdk.describe_standards_controls().standards_subscription_arn(subscription).max_results(100);
    let page = |token| {
        let request = request.clone().set_next_token(token);
        async move {
            let answer = client.sender.read(OPERATION, || request.clone().send()).await?;
            Ok((required(OPERATION, "controls", answer.controls)?, answer.next_token))
        }
    };
    let all = all_pages(OPERATION, |of| of.control_id.clone().unwrap_or_default(), page).await?;
    all.into_iter()
        .map(|control| {
            let id = required(OPERATION, "ID of a control", control.control_id)?;
            let status = required(OPERATION, "status of a control", control.control_status)?;
            // Security Hub writes `CIS.1.4`, Audit Manager `1.4`.
            let id = id.strip_prefix("CIS.").unwrap_or(&id).to_owned();
            Ok((id, status == ControlStatus::Enabled))
        })
        .collect()
}

/// Returns whether controls are enabled in any standard, by their consolidated IDs. One that does not exist has no entry.
pub(crate) async fn controls(client: &SecurityHub, ids: &BTreeSet<&str>) -> Result<BTreeMap<String, bool>, Failure> {
    const OPERATION: &str = "BatchGetSecurityControls";
    let ids: Vec<&str> = ids.iter().copied().collect();
    let mut all = BTreeMap::new();
    for ids in ids.chunks(PAGE) {
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        let request = client.sdk.batch_get_security_controls().set_security_control_ids(Some(ids.clone()));
        let answer = client.sender.read(OPERATION, || request.clone().send()).await?;
        let unprocessed = answer.unprocessed_ids.unwrap_or_default();
        let mut missing: BTreeSet<String> = ids.into_iter().collect();
        for id in unprocessed.iter().filter_map(|of| of.security_control_id.as_ref()) {
            missing.remove(id);
        }
        for control in required(OPERATION, "controls", answer.security_controls)? {
            let id = required(OPERATION, "ID of a control", control.security_control_id)?;
            let status = required(OPERATION, "status of a control", control.security_control_status)?;
            missing.remove(&id);
            all.insert(id, status == ControlStatus::Enabled);
        }
        // Every ID is answered, one way or the other; otherwise the answer is not complete.
        if let Some(id) = missing.first() {
            return Err(Failure::new(OPERATION, format!("the answer says nothing about {id}")));
        }
    }
    Ok(all)
}

/// Returns the administrator of the account; `None` if it has none.
pub(crate) async fn administrator(client: &SecurityHub) -> Result<Option<String>, Failure> {
    let request = client.sdk.get_administrator_account();
    let answer = client.sender.read("GetAdministratorAccount", || request.clone().send()).await?;
    Ok(answer.administrator.and_then(|administrator| administrator.account_id))
}

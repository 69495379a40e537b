//! AWS Security Hub CSPM: findings of its controls. Rows are given to a visitor; none is kept.

use aws_sdk_securityhub::types::{
    AwsSecurityFinding, AwsSecurityFindingFilters, ComplianceStatus, RecordState, StringFilter, StringFilterComparison,
    WorkflowStatus,
};
use controlsync_aws::each_item;
use controlsync_core::change_result::Failure;
use controlsync_core::compliance::facts::{FindingRow, FindingStatus, Resource};
use controlsync_core::evidence::facts::Place;

use crate::answer::required;
use crate::security_hub::is_off;
use crate::services::Client;

type SecurityHub = Client<aws_sdk_securityhub::Client>;

const OPERATION: &str = "GetFindings";
/// Values of a filter (<https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFindingFilters.html>).
const VALUES: usize = 20;
/// Findings on a page (<https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetFindings.html>).
const PAGE: i32 = 100;
/// Keys of `ProductFields` with the ARN of a standard
/// (<https://docs.aws.amazon.com/securityhub/latest/userguide/asff-changes-consolidation.html>).
const STANDARD: [&str; 2] = ["StandardsArn", "StandardsGuideArn"];

/// Reads the findings of controls, by their consolidated IDs: of one account, or of all that the administrator sees. Where Security Hub is
/// off, there are none.
pub(crate) async fn of_controls(
    client: &SecurityHub,
    controls: &[&str],
    account: Option<&str>,
    mut visit: impl FnMut(FindingRow),
) -> Result<(), Failure> {
    for controls in controls.chunks(VALUES) {
        let filters = AwsSecurityFindingFilters::builder()
            .set_compliance_security_control_id(Some(controls.iter().map(|id| equals(id)).collect()))
            .set_aws_account_id(account.map(|account| vec![equals(account)]))
            .build();
        let request = client.sdk.get_findings().filters(filters).max_results(PAGE);
        let page = |token| {
            let request = request.clone().set_next_token(token);
            Box::pin(async move {
                let answer = client.sender.read(OPERATION, || request.clone().send()).await?;
                let findings = required(OPERATION, "findings", answer.findings)?;
                let rows: Result<Vec<Vec<FindingRow>>, Failure> = findings.into_iter().map(rows).collect();
                Ok((rows?.concat(), answer.next_token))
            })
        };
        match each_item(OPERATION, |row: &FindingRow| format!("{row:?}"), page, &mut visit).await {
            Ok(()) => {}
            Err(failure) if is_off(&failure) => return Ok(()),
            Err(failure) => return Err(failure),
        }
    }
    Ok(())
}

fn equals(value: &str) -> StringFilter {
    StringFilter::builder().value(value).comparison(StringFilterComparison::Equals).build()
}

/// Returns a row for each resource of a finding; those of controls have one.
fn rows(finding: AwsSecurityFinding) -> Result<Vec<FindingRow>, Failure> {
    let compliance = required(OPERATION, "compliance of a finding", finding.compliance)?;
    let fields = finding.product_fields.unwrap_or_default();
    let associated = compliance.associated_standards.unwrap_or_default().into_iter().filter_map(|of| of.standards_id);
    let row = FindingRow {
        place: Place {
            account: required(OPERATION, "account of a finding", finding.aws_account_id)?,
            region: required(OPERATION, "Region of a finding", finding.region)?,
        },
        control: required(OPERATION, "control of a finding", compliance.security_control_id)?,
        standards: associated.chain(STANDARD.iter().filter_map(|key| fields.get(*key).cloned())).collect(),
        status: match required(OPERATION, "status of a finding", compliance.status)? {
            ComplianceStatus::Passed => FindingStatus::Passed,
            ComplianceStatus::Failed => FindingStatus::Failed,
            ComplianceStatus::Warning => FindingStatus::Warning,
            ComplianceStatus::NotAvailable => FindingStatus::NotAvailable,
            other => return Err(Failure::new(OPERATION, format!("unknown status `{}`", other.as_str()))),
        },
        reasons: compliance.status_reasons.unwrap_or_default().into_iter().filter_map(|of| of.reason_code).collect(),
        suppressed: finding.workflow.and_then(|of| of.status) == Some(WorkflowStatus::Suppressed),
        archived: finding.record_state == Some(RecordState::Archived),
        resource: Resource::default(),
    };
    let resources = required(OPERATION, "resources of a finding", finding.resources)?;
    let resource = |of: aws_sdk_securityhub::types::Resource| {
        let kind = required(OPERATION, "type of a resource", of.r#type)?;
        let id = required(OPERATION, "ID of a resource", of.id)?;
        Ok(FindingRow { resource: Resource { kind, id }, ..row.clone() })
    };
    resources.into_iter().map(resource).collect()
}

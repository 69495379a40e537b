//! Findings of controls: what they are about, and their form in one standard or in all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::protocol::time::Time;
use crate::protocol::token;
use crate::security_hub::standards::{Standard, StandardControl};

/// The product in the fields of findings.
const PRODUCT: &str = "Security Hub CSPM";

/// `ComplianceStatus` of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum FindingStatus {
    Failed,
    Warning,
    NotAvailable,
    Passed,
}

/// `WorkflowStatus` of the model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Workflow {
    #[default]
    New,
    Notified,
    Resolved,
    Suppressed,
}

/// `RecordState` of the model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum RecordState {
    #[default]
    Active,
    Archived,
}

/// What a control found about a resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Finding {
    /// As on the wire, an ARN or another ID.
    pub(crate) resource: String,
    pub(crate) resource_type: String,
    pub(crate) status: FindingStatus,
    /// `ReasonCode` of `StatusReasons`.
    pub(crate) reasons: Vec<String>,
    pub(crate) workflow: Workflow,
    pub(crate) record_state: RecordState,
    pub(crate) updated: Time,
}

/// The findings of a control.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ControlFindings {
    pub(crate) single: Vec<Finding>,
    pub(crate) counted: Option<CountedFindings>,
}

/// Findings that are made up when they are read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CountedFindings {
    pub(crate) failed: u64,
    pub(crate) passed: u64,
    pub(crate) resource_type: String,
    pub(crate) updated: Time,
}

/// Where a finding was made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin<'a> {
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    /// The enabled standards that have the control.
    pub(crate) standards: &'a [Standard],
    /// The standard that the finding is for; `None` if it is for all of them.
    pub(crate) standard: Option<StandardControl>,
}

impl ControlFindings {
    /// The findings with their numbers, from a number on.
    pub(crate) fn from(&self, first: u64) -> impl Iterator<Item = (u64, Finding)> {
        let single = (0..).zip(self.single.iter().cloned());
        let start = u64::try_from(self.single.len()).unwrap_or(u64::MAX);
        let counted = self.counted.iter().flat_map(move |counted| {
            let count = counted.failed.saturating_add(counted.passed);
            let numbers = first.saturating_sub(start).min(count)..count;
            numbers.map(move |number| (start + number, counted.finding(number)))
        });
        single.skip_while(move |(number, _)| *number < first).chain(counted)
    }

    /// Makes all times this many milliseconds older.
    pub(crate) fn age(&mut self, millis: u64) {
        for finding in &mut self.single {
            finding.updated.age(millis);
        }
        if let Some(counted) = &mut self.counted {
            counted.updated.age(millis);
        }
    }
}

impl CountedFindings {
    fn finding(&self, number: u64) -> Finding {
        Finding {
            resource: format!("resource-{number:08}"),
            resource_type: self.resource_type.clone(),
            status: if number < self.failed { FindingStatus::Failed } else { FindingStatus::Passed },
            reasons: Vec::new(),
            workflow: Workflow::default(),
            record_state: RecordState::default(),
            updated: self.updated,
        }
    }
}

impl Finding {
    /// The finding on the wire. Its form depends on whether it is for one standard or for all
    /// (<https://docs.aws.amazon.com/securityhub/latest/userguide/asff-changes-consolidation.html>).
    pub(crate) fn on_wire(&self, origin: &Origin, control: &str, severity: &str) -> Value {
        let Origin { account, region, standards, standard } = *origin;
        let label = if self.status == FindingStatus::Passed { "INFORMATIONAL" } else { severity };
        let title = format!("Security Hub control {control}");
        let standards = standard.map_or(standards, |of| standards_of(standards, of.standard));
        let associated: Vec<Value> = standards.iter().map(|of| json!({ "StandardsId": of.id() })).collect();
        let mut compliance =
            json!({ "Status": self.status, "SecurityControlId": control, "AssociatedStandards": associated });
        if !self.reasons.is_empty() {
            let reasons = self.reasons.iter().map(|code| json!({ "ReasonCode": code, "Description": code }));
            compliance["StatusReasons"] = reasons.collect();
        }
        json!({
            "SchemaVersion": "2018-10-08",
            "Id": self.id(origin, control),
            "ProductArn": format!("arn:aws:securityhub:{region}::product/aws/securityhub"),
            "ProductName": PRODUCT,
            "CompanyName": "AWS",
            "Region": region,
            "GeneratorId": standard.map_or_else(|| format!("security-control/{control}"), |of| generator(&of)),
            "AwsAccountId": account,
            "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
            "FirstObservedAt": self.updated.rfc3339(),
            "LastObservedAt": self.updated.rfc3339(),
            "CreatedAt": self.updated.rfc3339(),
            "UpdatedAt": self.updated.rfc3339(),
            "Severity": { "Label": label, "Original": label },
            "Title": standard.map_or_else(|| title.clone(), |of| format!("{} {title}", of.local)),
            "Description": title,
            "ProductFields": self.product_fields(origin),
            "Resources": [{ "Type": self.resource_type, "Id": self.resource, "Partition": "aws", "Region": region }],
            "Compliance": compliance,
            "WorkflowState": "NEW",
            "Workflow": { "Status": self.workflow },
            "RecordState": self.record_state,
        })
    }

    fn id(&self, origin: &Origin, control: &str) -> String {
        let Origin { account, region, standard, .. } = *origin;
        let of = standard.map_or_else(
            || format!("security-control/{control}"),
            |of| format!("subscription/{}/{}", of.standard.path(), of.local),
        );
        let place = format!("arn:aws:securityhub:{region}:{account}:{of}/finding");
        let of_part = |part: u32| u128::from(token::checksum(&format!("{part}/{place}/{}", self.resource)));
        let id = (0..4).fold(0, |id, part| id << 32 | of_part(part));
        format!("{place}/{}", Uuid::from_u128(id))
    }

    fn product_fields(&self, origin: &Origin) -> BTreeMap<&'static str, String> {
        let Origin { account, region, standard, .. } = *origin;
        let mut fields = BTreeMap::from([
            ("aws/securityhub/ProductName", PRODUCT.to_owned()),
            ("aws/securityhub/CompanyName", "AWS".to_owned()),
            ("Resources:0/Id", self.resource.clone()),
        ]);
        if let Some(of) = standard {
            let arn = |kind: &str| format!("arn:aws:securityhub:{region}:{account}:{kind}/{}", of.standard.path());
            let [guide, subscription, rule] = match of.standard {
                Standard::Cis => ["StandardsGuideArn", "StandardsGuideSubscriptionArn", "RuleId"],
                _ => ["StandardsArn", "StandardsSubscriptionArn", "ControlId"],
            };
            fields.insert(guide, of.standard.arn(region));
            fields.insert(subscription, arn("subscription"));
            fields.insert(rule, of.local.to_owned());
            fields.insert("StandardsControlArn", format!("{}/{}", arn("control"), of.local));
        }
        fields
    }
}

/// `GeneratorId` of a finding for one standard.
fn generator(control: &StandardControl) -> String {
    match control.standard {
        Standard::Cis => format!("{}/rule/{}", control.standard.arn(""), control.local),
        _ => format!("{}/{}", control.standard.path(), control.local),
    }
}

/// The one standard, as a part of all.
fn standards_of(all: &[Standard], one: Standard) -> &[Standard] {
    all.iter().position(|standard| *standard == one).map_or(&[], |at| &all[at..=at])
}

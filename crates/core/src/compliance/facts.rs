//! What was read about compliance: rows of the answers of AWS Config and Security Hub CSPM, one at a time, and whether they were read
//! to the end.

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::facts::{Fact, Place, Unread};

/// What AWS Config says of a rule or a resource; the worst first
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_Compliance.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleResult {
    /// `NON_COMPLIANT`.
    NonCompliant,
    /// `INSUFFICIENT_DATA`: there are no results.
    InsufficientData,
    /// `NOT_APPLICABLE`.
    NotApplicable,
    /// `COMPLIANT`.
    Compliant,
}

/// The result of a rule in an account: a row of `DescribeComplianceByConfigRule` or `DescribeAggregateComplianceByConfigRules`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRow {
    /// The account and Region.
    pub place: Place,
    /// Name of the rule, as it is deployed.
    pub rule: String,
    /// Its result.
    pub result: RuleResult,
    /// `ComplianceContributorCount.CappedCount`: how many resources are not compliant, at least; 0 if the row does not say.
    pub resources: u32,
}

/// A resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Resource {
    /// Its type: `AWS::EC2::Volume`.
    pub kind: String,
    /// Its ID or ARN.
    pub id: String,
}

/// A resource that a rule found not compliant: a row of `GetComplianceDetailsByConfigRule` or `GetAggregateComplianceDetailsByConfigRule`
/// for `NON_COMPLIANT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceRow {
    /// The account and Region.
    pub place: Place,
    /// Name of the rule, as it is deployed.
    pub rule: String,
    /// The resource.
    pub resource: Resource,
}

/// The end of the resources that a rule found not compliant in an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DetailsRead {
    /// The account and Region.
    pub place: Place,
    /// Name of the rule, as it is deployed.
    pub rule: String,
    /// Whether all of them were read.
    pub read: Fact<()>,
}

/// `Compliance.Status` of a finding
/// (<https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_Compliance.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingStatus {
    /// `FAILED`.
    Failed,
    /// `WARNING`.
    Warning,
    /// `NOT_AVAILABLE`.
    NotAvailable,
    /// `PASSED`.
    Passed,
}

/// A finding of a control of Security Hub CSPM: a row of `GetFindings`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingRow {
    /// `AwsAccountId` and `Region`.
    pub place: Place,
    /// `Compliance.SecurityControlId`: the consolidated ID.
    pub control: String,
    /// The standards: `Compliance.AssociatedStandards` or the ARN in `ProductFields`.
    pub standards: Vec<String>,
    /// `Compliance.Status`.
    pub status: FindingStatus,
    /// `ReasonCode` of each of `Compliance.StatusReasons`.
    pub reasons: Vec<String>,
    /// Whether `Workflow.Status` is `SUPPRESSED`.
    pub suppressed: bool,
    /// Whether `RecordState` is `ARCHIVED`.
    pub archived: bool,
    /// The resource.
    pub resource: Resource,
}

/// An aggregator of AWS Config.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aggregator {
    /// Its name.
    pub name: String,
    /// The Regions that it collects from.
    pub regions: BTreeSet<String>,
    /// The accounts and Regions that it has, each with the error of its last update if that failed: the rows of
    /// `DescribeConfigurationAggregatorSourcesStatus`.
    pub sources: Fact<BTreeMap<Place, Option<String>>>,
}

/// Whether the rows were read to the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The results of rules.
    pub rules: Reached,
    /// The findings.
    pub findings: Reached,
}

/// Where rows were read to the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reached {
    /// One list has the rows of all accounts: that of an aggregator, or of the administrator of Security Hub.
    Together(Fact<()>),
    /// Each account has its own list.
    Each(BTreeMap<Place, Fact<()>>),
}

impl Default for Reached {
    fn default() -> Self {
        Self::Each(BTreeMap::new())
    }
}

impl Reached {
    /// Returns why the rows of an account are not complete; `None` if they are.
    pub(super) fn missing(&self, place: &Place, service: &str) -> Option<Unread> {
        let read = match self {
            Self::Together(read) => Some(read),
            Self::Each(each) => each.get(place),
        };
        let not_asked = || Some(Unread { service: service.to_owned(), ..Unread::default() });
        read.map_or_else(not_asked, |read| read.unread().cloned())
    }
}

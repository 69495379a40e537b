//! What the delegated administrator of an organization decides for its accounts: central configuration
//! (<https://docs.aws.amazon.com/securityhub/latest/userguide/central-configuration-intro.html>).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::protocol::account;
use crate::protocol::time::Time;
use crate::security_hub::standards::Standard;

/// The policy of an account that configures itself.
pub(crate) const SELF_MANAGED: &str = "SELF_MANAGED_SECURITY_HUB";

/// The organization, in the account of its delegated administrator.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Organization {
    /// `None` if every account configures itself.
    pub(crate) central: Option<CentralConfiguration>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CentralConfiguration {
    pub(crate) status: CentralStatus,
    pub(crate) status_message: Option<String>,
    /// By ID.
    pub(crate) policies: BTreeMap<String, Policy>,
    /// By the ID of an account, an organizational unit or the root.
    pub(crate) associations: BTreeMap<String, Association>,
}

/// `OrganizationConfigurationStatus` of the model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum CentralStatus {
    Pending,
    #[default]
    Enabled,
    Failed,
    Disabled,
}

/// A configuration policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Policy {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    /// Whether Security Hub is on.
    pub(crate) enabled: bool,
    pub(crate) standards: BTreeSet<Standard>,
    pub(crate) controls: PolicyControls,
    /// `Parameters` of controls, as on the wire, by consolidated ID.
    pub(crate) parameters: BTreeMap<String, Value>,
    pub(crate) updated: Time,
}

/// The controls of a policy's standards that are on, by consolidated ID.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum PolicyControls {
    /// All but these.
    AllBut(BTreeSet<String>),
    /// Only these.
    Only(BTreeSet<String>),
}

/// What applies to an account, an organizational unit or the root.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Association {
    /// The ID of a policy, or [`SELF_MANAGED`].
    pub(crate) policy: String,
    pub(crate) kind: AssociationType,
    pub(crate) status: AssociationStatus,
    pub(crate) message: Option<String>,
    pub(crate) updated: Time,
}

/// `AssociationType` of the model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum AssociationType {
    #[default]
    Applied,
    Inherited,
}

/// `ConfigurationPolicyAssociationStatus` of the model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum AssociationStatus {
    Pending,
    #[default]
    Success,
    Failed,
    Disabled,
}

impl PolicyControls {
    /// Whether a control of an enabled standard is on.
    pub(crate) fn enables(&self, id: &str) -> bool {
        match self {
            Self::AllBut(off) => !off.contains(id),
            Self::Only(on) => on.contains(id),
        }
    }
}

impl CentralConfiguration {
    /// The policy that an account has: none if it configures itself, or if its policy could not be applied yet.
    pub(crate) fn applied_to(&self, account: &str) -> Option<&Policy> {
        let association = self.associations.get(account)?;
        self.policies.get(&association.policy).filter(|_| association.status == AssociationStatus::Success)
    }
}

impl Organization {
    /// Makes all times this many milliseconds older.
    pub(crate) fn age(&mut self, millis: u64) {
        let Some(central) = &mut self.central else { return };
        for policy in central.policies.values_mut() {
            policy.updated.age(millis);
        }
        for association in central.associations.values_mut() {
            association.updated.age(millis);
        }
    }
}

/// `TargetType` of the model; `None` if the ID is not that of an account, an organizational unit or a root.
pub(crate) fn target_type(id: &str) -> Option<&'static str> {
    let has = |prefix: &str| id.strip_prefix(prefix).is_some_and(|rest| rest.len() >= 4);
    if account::is_id(id) {
        Some("ACCOUNT")
    } else if has("ou-") {
        Some("ORGANIZATIONAL_UNIT")
    } else {
        has("r-").then_some("ROOT")
    }
}

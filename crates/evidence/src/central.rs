//! Central configuration of Security Hub CSPM: what the policies of the administrator say about member accounts, so that these need
//! fewer requests.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_securityhub::Client as Sdk;
use aws_sdk_securityhub::types::{
    ConfigurationPolicyAssociationStatus, ConfigurationPolicyAssociationSummary,
    OrganizationConfigurationConfigurationType, OrganizationConfigurationStatus, Policy as SdkPolicy, TargetType,
};
use controlsync_aws::all_pages;
use controlsync_core::change_result::Failure;

use crate::answer::required;
use crate::services::Client;

type SecurityHub = Client<Sdk>;

/// Items on a page.
const PAGE: i32 = 100;
/// In place of a policy: the account decides by itself
/// (<https://docs.aws.amazon.com/securityhub/latest/userguide/central-configuration-management-type.html>).
const SELF_MANAGED: &str = "SELF_MANAGED_SECURITY_HUB";

/// The policies that are in effect in accounts.
#[derive(Debug, Default)]
pub(crate) struct Central {
    policies: BTreeMap<String, Policy>,
    /// The policy of each account in which one is in effect.
    accounts: BTreeMap<String, String>,
    /// The controls of standards, by ARN: consolidated IDs.
    standards: BTreeMap<String, BTreeSet<String>>,
}

/// A policy.
#[derive(Debug)]
struct Policy {
    enabled: bool,
    standards: Vec<String>,
    controls: Controls,
}

/// Which controls of its standards a policy enables.
#[derive(Debug)]
enum Controls {
    AllBut(BTreeSet<String>),
    Only(BTreeSet<String>),
}

/// What the policy of an account says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OfAccount<'a> {
    policy: &'a Policy,
    central: &'a Central,
}

impl Central {
    /// Returns what is in effect in an account; `None` if it decides by itself, or a policy is not in effect there yet.
    pub(crate) fn of(&self, account: &str) -> Option<OfAccount<'_>> {
        let policy = self.policies.get(self.accounts.get(account)?)?;
        Some(OfAccount { policy, central: self })
    }
}

impl OfAccount<'_> {
    /// Whether Security Hub is on.
    pub(crate) const fn is_on(&self) -> bool {
        self.policy.enabled
    }

    /// Whether a control is enabled; `None` if no standard of the policy has it, which says nothing about an ID that does not exist.
    pub(crate) fn runs(&self, id: &str) -> Option<bool> {
        let standards = self.policy.standards.iter().filter_map(|arn| self.central.standards.get(arn));
        standards.into_iter().any(|controls| controls.contains(id)).then(|| match &self.policy.controls {
            Controls::AllBut(disabled) => !disabled.contains(id),
            Controls::Only(enabled) => enabled.contains(id),
        })
    }
}

/// Reads the policies that are in effect; `None` if accounts are not configured centrally.
pub(crate) async fn read(client: &SecurityHub) -> Result<Option<Central>, Failure> {
    if !is_central(client).await? {
        return Ok(None);
    }
    let mut central = Central::default();
    for association in associations(client).await? {
        let in_effect = association.association_status == Some(ConfigurationPolicyAssociationStatus::Success)
            && association.target_type == Some(TargetType::Account);
        if let (true, Some(account), Some(policy)) =
            (in_effect, association.target_id, association.configuration_policy_id)
            && policy != SELF_MANAGED
        {
            central.accounts.insert(account, policy);
        }
    }
    let ids: BTreeSet<&String> = central.accounts.values().collect();
    for id in ids {
        central.policies.insert(id.clone(), policy(client, id).await?);
    }
    let standards: BTreeSet<&String> = central.policies.values().flat_map(|policy| &policy.standards).collect();
    for arn in standards {
        central.standards.insert(arn.clone(), definitions(client, arn).await?);
    }
    Ok(Some(central))
}

async fn is_central(client: &SecurityHub) -> Result<bool, Failure> {
    let request = client.sdk.describe_organization_configuration();
    let answer = client.sender.read("DescribeOrganizationConfiguration", || request.clone().send()).await?;
    Ok(answer.organization_configuration.is_some_and(|of| {
        of.configuration_type == Some(OrganizationConfigurationConfigurationType::Central)
            && of.status == Some(OrganizationConfigurationStatus::Enabled)
    }))
}

async fn associations(client: &SecurityHub) -> Result<Vec<ConfigurationPolicyAssociationSummary>, Failure> {
    const OPERATION: &str = "ListConfigurationPolicyAssociations";
    let page = |token| {
        let request = client.sdk.list_configuration_policy_associations().max_results(PAGE).set_next_token(token);
        async move {
            let answer = client.sender.read(OPERATION, || request.clone().send()).await?;
            let found = required(OPERATION, "associations", answer.configuration_policy_association_summaries)?;
            Ok((found, answer.next_token))
        }
    };
    all_pages(OPERATION, |of| of.target_id.clone().unwrap_or_default(), page).await
}

async fn policy(client: &SecurityHub, id: &str) -> Result<Policy, Failure> {
    const OPERATION: &str = "GetConfigurationPolicy";
    let request = client.sdk.get_configuration_policy().identifier(id);
    let answer = client.sender.read(OPERATION, || request.clone().send()).await?;
    let policy = required(OPERATION, "policy", answer.configuration_policy)?;
    let SdkPolicy::SecurityHub(policy) = policy else {
        return Err(Failure::new(OPERATION, "the policy is not one of Security Hub"));
    };
    let set = |ids: Option<Vec<String>>| ids.map(|ids| ids.into_iter().collect::<BTreeSet<_>>());
    let controls = policy.security_controls_configuration;
    let (enabled, disabled) = controls.map_or((None, None), |of| {
        (set(of.enabled_security_control_identifiers), set(of.disabled_security_control_identifiers))
    });
    Ok(Policy {
        enabled: required(OPERATION, "state of Security Hub", policy.service_enabled)?,
        standards: policy.enabled_standard_identifiers.unwrap_or_default(),
        controls: enabled.map_or_else(|| Controls::AllBut(disabled.unwrap_or_default()), Controls::Only),
    })
}

/// Returns the consolidated IDs of the controls of a standard.
async fn definitions(client: &SecurityHub, standard: &str) -> Result<BTreeSet<String>, Failure> {
    const OPERATION: &str = "ListSecurityControlDefinitions";
    let page = |token| {
        let request = client.sdk.list_security_control_definitions().standards_arn(standard);
        let request = request.max_results(PAGE).set_next_token(token);
        async move {
            let answer = client.sender.read(OPERATION, || request.clone().send()).await?;
            Ok((required(OPERATION, "definitions", answer.security_control_definitions)?, answer.next_token))
        }
    };
    let all = all_pages(OPERATION, |of| of.security_control_id.clone().unwrap_or_default(), page).await?;
    all.into_iter().map(|of| required(OPERATION, "ID of a control", of.security_control_id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_says_which_controls_of_its_standards_run() {
        let set = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<_>>();
        let policy = |controls| Policy { enabled: true, standards: vec!["fsbp".to_owned()], controls };
        let central = Central {
            policies: BTreeMap::from([
                ("most".to_owned(), policy(Controls::AllBut(set(&["IAM.6"])))),
                ("few".to_owned(), policy(Controls::Only(set(&["IAM.3"])))),
            ]),
            accounts: BTreeMap::from([("1".to_owned(), "most".to_owned()), ("2".to_owned(), "few".to_owned())]),
            standards: BTreeMap::from([("fsbp".to_owned(), set(&["IAM.3", "IAM.6", "S3.1"]))]),
        };
        let runs = |account, id| central.of(account).and_then(|of| of.runs(id));
        assert_eq!((runs("1", "IAM.3"), runs("1", "IAM.6"), runs("1", "CIS.1")), (Some(true), Some(false), None));
        assert_eq!((runs("2", "IAM.3"), runs("2", "S3.1")), (Some(true), Some(false)));
        assert!(central.of("3").is_none());
    }
}

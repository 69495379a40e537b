//! Central configuration of a seed.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::protocol::time::Time;
use crate::security_hub::organization::{
    self, Association, AssociationStatus, AssociationType, CentralConfiguration, CentralStatus, Organization, Policy,
    PolicyControls, SELF_MANAGED,
};
use crate::security_hub::standards::{self, Standard};

/// `centralConfiguration` of a seed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct CentralSeed {
    status: CentralStatus,
    status_message: Option<String>,
    policies: BTreeMap<String, SeedPolicy>,
    associations: BTreeMap<String, SeedAssociation>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SeedPolicy {
    name: Option<String>,
    description: Option<String>,
    #[serde(default = "yes")]
    enabled: bool,
    #[serde(default)]
    standards: BTreeSet<Standard>,
    disabled_controls: Option<BTreeSet<String>>,
    enabled_controls: Option<BTreeSet<String>>,
    #[serde(default)]
    parameters: BTreeMap<String, Value>,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SeedAssociation {
    policy: String,
    #[serde(rename = "type", default)]
    kind: AssociationType,
    #[serde(default)]
    status: AssociationStatus,
    message: Option<String>,
}

impl CentralSeed {
    /// The accounts that it says something about.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = &str> {
        self.associations.keys().map(String::as_str).filter(|id| organization::target_type(id) == Some("ACCOUNT"))
    }

    /// Adds everything to an organization.
    ///
    /// # Errors
    ///
    /// A part cannot be used; the error is a message.
    pub(crate) fn add_to(self, organization: &mut Organization, now: Time) -> Result<(), String> {
        let (status, status_message) = (self.status, self.status_message);
        let central = organization.central.get_or_insert_with(|| CentralConfiguration {
            status,
            status_message: None,
            policies: BTreeMap::new(),
            associations: BTreeMap::new(),
        });
        (central.status, central.status_message) = (status, status_message);
        for (id, seed) in self.policies {
            let policy = policy_of(&id, seed, now).map_err(|message| format!("policy \"{id}\": {message}"))?;
            central.policies.insert(id, policy);
        }
        for (target, seed) in self.associations {
            if organization::target_type(&target).is_none() {
                return Err(format!(
                    "\"{target}\" is not the ID of an account, an organizational unit (\"ou-…\") or a root (\"r-…\")"
                ));
            }
            if seed.policy != SELF_MANAGED && !central.policies.contains_key(&seed.policy) {
                let policy = seed.policy;
                return Err(format!(
                    "the policy \"{policy}\" of {target} does not exist; add it to `policies`, or use \"{SELF_MANAGED}\""
                ));
            }
            let SeedAssociation { policy, kind, status, message } = seed;
            central.associations.insert(target, Association { policy, kind, status, message, updated: now });
        }
        Ok(())
    }
}

fn policy_of(id: &str, seed: SeedPolicy, now: Time) -> Result<Policy, String> {
    if Uuid::try_parse(id).is_err() {
        return Err("the ID is not a UUID".to_owned());
    }
    let controls = match (seed.disabled_controls, seed.enabled_controls) {
        (Some(_), Some(_)) => return Err("use either `disabledControls` or `enabledControls`".to_owned()),
        (off, None) => PolicyControls::AllBut(off.unwrap_or_default()),
        (None, Some(on)) => PolicyControls::Only(on),
    };
    let (PolicyControls::AllBut(ids) | PolicyControls::Only(ids)) = &controls;
    let known: BTreeSet<&str> = standards::controls().map(|control| control.id).collect();
    if let Some(unknown) = ids.iter().chain(seed.parameters.keys()).find(|id| !known.contains(id.as_str())) {
        return Err(format!("no standard has the control \"{unknown}\"; use a consolidated ID"));
    }
    let SeedPolicy { name, description, enabled, standards, parameters, .. } = seed;
    let name = name.unwrap_or_else(|| format!("policy-{}", id.get(..8).unwrap_or(id)));
    Ok(Policy { name, description, enabled, standards, controls, parameters, updated: now })
}

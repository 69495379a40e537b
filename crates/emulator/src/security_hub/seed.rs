//! What requests cannot create: an administrator, central configuration, standards that are not ready, parameters and
//! findings of controls.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::protocol::operation::Context;
use crate::protocol::service_options::ServiceOptions;
use crate::security_hub::finding_seed::SeedFindings;
use crate::security_hub::organization::Organization;
use crate::security_hub::policy_seed::CentralSeed;
use crate::security_hub::standards::{self, Standard};
use crate::security_hub::state::{Disabled, Hub, SecurityHubState, Subscription};

/// The part of a seed for Security Hub.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct SecurityHubSeed {
    enabled: bool,
    administrator: Option<String>,
    control_finding_generator: Option<String>,
    auto_enable_controls: Option<bool>,
    standards: Vec<SeedStandard>,
    parameters: BTreeMap<String, Value>,
    delegated_administrator: bool,
    central_configuration: Option<CentralSeed>,
    findings: BTreeMap<String, SeedFindings>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SeedStandard {
    standard: Standard,
    status: Option<String>,
    status_reason: Option<String>,
    controls_updatable: Option<String>,
    #[serde(default)]
    disabled_controls: Vec<String>,
}

impl SecurityHubSeed {
    /// Whether the account is to administer the organization.
    pub(crate) fn is_administrator(&self) -> bool {
        self.delegated_administrator || self.central_configuration.is_some()
    }

    /// The accounts that its central configuration says something about.
    pub(crate) fn configured(&self) -> impl Iterator<Item = &str> {
        self.central_configuration.iter().flat_map(CentralSeed::accounts)
    }

    /// Adds everything to a state.
    ///
    /// # Errors
    ///
    /// A part cannot be used; the error is a message.
    pub(crate) fn add_to(self, state: &mut SecurityHubState, context: &Context<ServiceOptions>) -> Result<(), String> {
        if self.enabled || !self.standards.is_empty() || self.is_administrator() {
            let hub = state.hub.get_or_insert_with(|| Hub::new(context.now));
            if let Some(generator) = self.control_finding_generator {
                hub.control_finding_generator = generator;
            }
            if let Some(auto) = self.auto_enable_controls {
                hub.auto_enable_controls = auto;
            }
        }
        if self.delegated_administrator || self.central_configuration.is_some() {
            let organization = state.organization.get_or_insert_with(Organization::default);
            if let Some(central) = self.central_configuration {
                central.add_to(organization, context.now)?;
            }
        }
        if self.administrator.is_some() {
            state.administrator = self.administrator;
        }
        for seed in self.standards {
            let mut subscription = Subscription::new(context.now);
            subscription.status = seed.status.unwrap_or(subscription.status);
            subscription.updatable = seed.controls_updatable.unwrap_or(subscription.updatable);
            subscription.reason = seed.status_reason;
            for id in seed.disabled_controls {
                if !seed.standard.controls().any(|control| control.id == id) {
                    return Err(format!("the standard has no control \"{id}\"; use a consolidated ID"));
                }
                subscription.disabled.insert(id, Disabled { at: context.now, reason: Some("Seed".to_owned()) });
            }
            state.subscriptions.insert(seed.standard, subscription);
        }
        let named = self.parameters.keys().chain(self.findings.keys());
        if let Some(unknown) = named.into_iter().find(|id| !standards::controls().any(|of| of.id == id.as_str())) {
            return Err(format!("no standard has the control \"{unknown}\"; use a consolidated ID"));
        }
        state.parameters.extend(self.parameters);
        for (control, findings) in self.findings {
            let findings =
                findings.findings(context.now).map_err(|error| format!("findings of \"{control}\": {error}"))?;
            state.findings.insert(control, findings);
        }
        Ok(())
    }
}

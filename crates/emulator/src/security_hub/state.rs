//! The hub and the enabled standards.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::protocol::reply::Rejection;
use crate::protocol::time::Time;
use crate::security_hub::findings::ControlFindings;
use crate::security_hub::organization::{Organization, Policy};
use crate::security_hub::standards::Standard;

/// The state of Security Hub.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecurityHubState {
    /// `None` if Security Hub is not enabled.
    pub(crate) hub: Option<Hub>,
    /// The account that administers this one.
    pub(crate) administrator: Option<String>,
    pub(crate) subscriptions: BTreeMap<Standard, Subscription>,
    /// `Parameters` of controls, as on the wire, by consolidated ID.
    pub(crate) parameters: BTreeMap<String, Value>,
    /// `None` if the account is not a delegated administrator.
    #[serde(default)]
    pub(crate) organization: Option<Organization>,
    /// By the consolidated ID of their control.
    #[serde(default)]
    pub(crate) findings: BTreeMap<String, ControlFindings>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Hub {
    pub(crate) subscribed: Time,
    pub(crate) auto_enable_controls: bool,
    /// As on the wire.
    pub(crate) control_finding_generator: String,
}

/// An enabled standard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Subscription {
    /// `StandardsStatus`, as on the wire.
    pub(crate) status: String,
    /// `StandardsControlsUpdatable`, as on the wire.
    pub(crate) updatable: String,
    /// `StatusReasonCode`, as on the wire.
    pub(crate) reason: Option<String>,
    pub(crate) enabled: Time,
    /// By consolidated ID.
    pub(crate) disabled: BTreeMap<String, Disabled>,
}

/// A disabled control.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Disabled {
    pub(crate) at: Time,
    pub(crate) reason: Option<String>,
}

impl Subscription {
    /// A standard that is ready, with all of its controls enabled.
    pub(crate) fn new(now: Time) -> Self {
        Self {
            status: "READY".to_owned(),
            updatable: "READY_FOR_UPDATES".to_owned(),
            reason: None,
            enabled: now,
            disabled: BTreeMap::new(),
        }
    }
}

impl Hub {
    /// A hub as `EnableSecurityHub` creates it.
    pub(crate) fn new(now: Time) -> Self {
        let control_finding_generator = "SECURITY_CONTROL".to_owned();
        Self { subscribed: now, auto_enable_controls: true, control_finding_generator }
    }
}

impl SecurityHubState {
    /// Turns Security Hub off.
    pub(crate) fn disable(&mut self) {
        self.hub = None;
        self.subscriptions.clear();
        self.parameters.clear();
        self.findings.clear();
    }

    /// Makes hub, standards and controls as a configuration policy says. What was so before keeps its times.
    pub(crate) fn apply(&mut self, policy: &Policy, now: Time) {
        if !policy.enabled {
            self.disable();
            return;
        }
        self.hub.get_or_insert_with(|| Hub::new(now));
        self.parameters.clone_from(&policy.parameters);
        self.subscriptions.retain(|standard, _| policy.standards.contains(standard));
        for standard in &policy.standards {
            let subscription = self.subscriptions.entry(*standard).or_insert_with(|| Subscription::new(now));
            for control in standard.controls() {
                if policy.controls.enables(control.id) {
                    subscription.disabled.remove(control.id);
                } else {
                    let disabled = Disabled { at: now, reason: None };
                    subscription.disabled.entry(control.id.to_owned()).or_insert(disabled);
                }
            }
        }
    }

    /// Returns the hub.
    ///
    /// # Errors
    ///
    /// `InvalidAccessException` if Security Hub is not enabled.
    pub(crate) fn hub(&self, account: &str) -> Result<&Hub, Rejection> {
        self.hub.as_ref().ok_or_else(|| not_enabled(account))
    }

    /// Makes all times this many milliseconds older.
    pub(crate) fn age(&mut self, millis: u64) {
        if let Some(hub) = &mut self.hub {
            hub.subscribed.age(millis);
        }
        if let Some(organization) = &mut self.organization {
            organization.age(millis);
        }
        for findings in self.findings.values_mut() {
            findings.age(millis);
        }
        for subscription in self.subscriptions.values_mut() {
            subscription.enabled.age(millis);
            for disabled in subscription.disabled.values_mut() {
                disabled.at.age(millis);
            }
        }
    }
}

fn not_enabled(account: &str) -> Rejection {
    let message = format!("Account {account} is not subscribed to AWS Security Hub");
    Rejection::with_status("InvalidAccessException", 401, message)
}

/// A request that cannot be processed.
pub(crate) fn invalid(message: impl Into<String>) -> Rejection {
    Rejection::new("InvalidInputException", message)
}

/// A resource that does not exist.
pub(crate) fn not_found(message: impl Into<String>) -> Rejection {
    Rejection::with_status("ResourceNotFoundException", 404, message)
}

//! The hub and the enabled standards.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::protocol::reply::Rejection;
use crate::protocol::time::Time;
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

impl SecurityHubState {
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

//! The rules of the default event bus.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The rule that Audit Manager creates when it is set up: it receives the findings of Security Hub.
const RECEIVER: &str = "AuditManagerSecurityHubFindingsReceiver";

/// The state of EventBridge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventBridgeState {
    /// By name, as on the wire, without what follows from account and Region.
    pub(crate) rules: BTreeMap<String, Value>,
}

impl Default for EventBridgeState {
    fn default() -> Self {
        let pattern = r#"{"detail-type":["Security Hub Findings - Imported"],"source":["aws.securityhub"]}"#;
        let rule = json!({ "Name": RECEIVER, "EventPattern": pattern, "State": "ENABLED", "EventBusName": "default" });
        Self { rules: BTreeMap::from([(RECEIVER.to_owned(), rule)]) }
    }
}

impl EventBridgeState {
    /// The state of an account in which Audit Manager is not set up.
    pub(crate) fn without_rules() -> Self {
        Self { rules: BTreeMap::new() }
    }
}

//! The trails of the account.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::protocol::time::{self, Time};

/// The state of CloudTrail.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CloudTrailState {
    /// By name.
    pub(crate) trails: BTreeMap<String, Trail>,
}

/// A trail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Trail {
    /// As on the wire.
    pub(crate) wire: Value,
    pub(crate) is_logging: bool,
    pub(crate) started: Option<Time>,
    pub(crate) stopped: Option<Time>,
    pub(crate) delivered: Option<Time>,
    pub(crate) delivery_error: Option<String>,
    /// As on the wire; `None` for the default, all management events.
    pub(crate) event_selectors: Option<Value>,
    pub(crate) advanced_event_selectors: Option<Value>,
}

impl CloudTrailState {
    /// Makes all times this many milliseconds older.
    pub(crate) fn age(&mut self, millis: u64) {
        for trail in self.trails.values_mut() {
            time::age(&mut trail.started, millis);
            time::age(&mut trail.stopped, millis);
            time::age(&mut trail.delivered, millis);
        }
    }
}

//! The roles of all accounts, and the clock that their sessions expire by.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::protocol::caller::Session;
use crate::protocol::time::Time;

/// The state of STS, for all accounts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct StsState {
    /// By account, then by path and name.
    pub(crate) roles: BTreeMap<String, BTreeMap<String, Role>>,
    /// Milliseconds that the test API has let pass.
    pub(crate) passed: u64,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Role {
    pub(crate) external_id: Option<String>,
    /// The principals that may assume it; `None` for all.
    pub(crate) trusted: Option<Vec<String>>,
    /// The actions that it may not do: `config:DescribeConfigRules` or `config:*`.
    pub(crate) denied: Vec<String>,
    /// Seconds.
    pub(crate) max_session_duration: u32,
}

impl Role {
    /// Whether it may do an action.
    pub(crate) fn allows(&self, action: &str) -> bool {
        let service = action.split(':').next().unwrap_or_default();
        !self.denied.iter().any(|denied| denied == action || denied.strip_suffix(":*") == Some(service))
    }
}

impl StsState {
    /// The role of an account, by path and name.
    pub(crate) fn role(&self, account: &str, path: &str) -> Option<&Role> {
        self.roles.get(account)?.get(path)
    }

    /// The clock by which sessions expire.
    pub(crate) fn clock(&self, now: Time) -> Time {
        now.plus(self.passed)
    }

    /// Whether a session has expired.
    pub(crate) fn is_expired(&self, session: &Session, now: Time) -> bool {
        self.clock(now) >= session.expires
    }

    /// Lets this many milliseconds pass.
    pub(crate) fn age(&mut self, millis: u64) {
        self.passed = self.passed.saturating_add(millis);
    }
}

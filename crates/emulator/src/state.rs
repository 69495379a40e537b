//! The state of all services, in one account and Region.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::audit_manager::library;
use crate::audit_manager::state::AccountState;
use crate::cloud_trail::state::CloudTrailState;
use crate::config::state::ConfigState;
use crate::event_bridge::state::EventBridgeState;
use crate::security_hub::state::SecurityHubState;

/// The state of all services, in one account and Region. Cheap to clone, as that of each service is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct State {
    pub(crate) audit_manager: AccountState,
    #[serde(default)]
    pub(crate) config: Arc<ConfigState>,
    #[serde(default)]
    pub(crate) security_hub: Arc<SecurityHubState>,
    #[serde(default)]
    pub(crate) event_bridge: Arc<EventBridgeState>,
    #[serde(default)]
    pub(crate) cloud_trail: Arc<CloudTrailState>,
}

impl State {
    /// Returns the state of a new account.
    pub(crate) fn new(account: &str, region: &str) -> Self {
        Self::with(library::new_account(account, region))
    }

    /// Returns a state in which all services but Audit Manager are as in a new account.
    pub(crate) fn with(audit_manager: AccountState) -> Self {
        Self {
            audit_manager,
            config: Arc::default(),
            security_hub: Arc::default(),
            event_bridge: Arc::default(),
            cloud_trail: Arc::default(),
        }
    }

    /// The account and the Region.
    pub(crate) fn place(&self) -> (&str, &str) {
        (&self.audit_manager.account, &self.audit_manager.region)
    }

    /// Adds or updates the resources that AWS provides to those of this version.
    pub(crate) fn update_library(&mut self) {
        library::add(&mut self.audit_manager);
    }

    /// Makes all times this many milliseconds older.
    pub(crate) fn age(&mut self, millis: u64) {
        self.audit_manager.age(millis);
        Arc::make_mut(&mut self.config).age(millis);
        Arc::make_mut(&mut self.security_hub).age(millis);
        Arc::make_mut(&mut self.cloud_trail).age(millis);
    }

    /// Returns a description of the first inconsistency.
    pub(crate) fn inconsistency(&self) -> Option<String> {
        self.audit_manager.inconsistency()
    }
}

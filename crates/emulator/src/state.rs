//! The state of all services, in one account and Region.

use serde::{Deserialize, Serialize};

use crate::audit_manager::library;
use crate::audit_manager::state::AccountState;

/// The state of all services, in one account and Region. Cheap to clone, as that of each service is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct State {
    pub(crate) audit_manager: AccountState,
}

impl State {
    /// Returns the state of a new account.
    pub(crate) fn new(account: &str, region: &str) -> Self {
        Self { audit_manager: library::new_account(account, region) }
    }

    /// The account and the Region.
    pub(crate) fn place(&self) -> (&str, &str) {
        (&self.audit_manager.account, &self.audit_manager.region)
    }

    /// Adds or updates the resources that AWS provides to those of this version.
    pub(crate) fn update_library(&mut self) {
        library::add(&mut self.audit_manager);
    }

    /// Returns a description of the first inconsistency.
    pub(crate) fn inconsistency(&self) -> Option<String> {
        self.audit_manager.inconsistency()
    }
}

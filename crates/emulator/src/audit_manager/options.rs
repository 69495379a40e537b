//! The options of Audit Manager, at the start and while the emulator runs.

use serde::{Deserialize, Serialize};

use crate::audit_manager::switches::Switches;

/// The options of Audit Manager.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuditManager {
    /// Maximum requests per second of the account; `None` for no limit. The service allows 20
    /// (<https://docs.aws.amazon.com/audit-manager/latest/userguide/service-quotas.html>).
    pub rate: Option<u32>,
    /// Maximum numbers of resources in the account.
    pub quotas: Quotas,
    /// Whether Audit Manager is set up in the account.
    pub account_status: AccountStatus,
    /// Behavior where that of the service is unknown.
    pub switches: Switches,
}

impl Default for AuditManager {
    fn default() -> Self {
        Self {
            rate: None,
            quotas: Quotas::default(),
            account_status: AccountStatus::Active,
            switches: Switches::default(),
        }
    }
}

/// Maximum numbers of custom resources of an account in a Region
/// (<https://docs.aws.amazon.com/audit-manager/latest/userguide/service-quotas.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Quotas {
    /// Custom controls.
    pub custom_controls: usize,
    /// Custom frameworks.
    pub custom_frameworks: usize,
}

impl Default for Quotas {
    fn default() -> Self {
        Self { custom_controls: 500, custom_frameworks: 100 }
    }
}

/// `AccountStatus` of the model. Unless it is `Active`, every operation but `GetAccountStatus` is denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountStatus {
    /// Set up.
    Active,
    /// Not set up.
    Inactive,
    /// Being set up.
    PendingActivation,
}

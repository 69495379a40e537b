//! What an emulator is started with, and what may change while it runs.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::switches::Switches;

/// How an emulator is set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    /// The account whose resources it holds: twelve digits.
    pub account: String,
    /// The Region in the ARNs of its resources.
    pub region: String,
    /// The file that holds the state; none keeps it in memory.
    pub state: Option<PathBuf>,
    /// Requests that the whole account may make in any second; none is without limit. The service allows 20
    /// (<https://docs.aws.amazon.com/audit-manager/latest/userguide/service-quotas.html>).
    pub rate: Option<u32>,
    /// How many resources the account may hold.
    pub quotas: Quotas,
    /// Whether Audit Manager is set up in the account.
    pub account_status: AccountStatus,
    /// How it behaves where the real behaviour is unknown.
    pub switches: Switches,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            account: "000000000000".to_owned(),
            region: "us-east-1".to_owned(),
            state: None,
            rate: None,
            quotas: Quotas::default(),
            account_status: AccountStatus::Active,
            switches: Switches::default(),
        }
    }
}

/// How many resources of one's own an account may hold in a Region
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

//! The options of an emulator, at the start and while it runs.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::audit_manager::options::AuditManager;
use crate::protocol::service_options::ServiceOptions;

/// The options of an emulator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    /// The AWS account: twelve digits.
    pub account: String,
    /// The Region, in the ARNs of resources.
    pub region: String,
    /// Path of the state file; `None` keeps the state in memory.
    pub state: Option<PathBuf>,
    /// The options of Audit Manager.
    pub audit_manager: AuditManager,
    /// The options of AWS Config.
    pub config: ServiceOptions,
    /// The options of Security Hub.
    pub security_hub: ServiceOptions,
    /// The options of EventBridge.
    pub event_bridge: ServiceOptions,
    /// The options of CloudTrail.
    pub cloud_trail: ServiceOptions,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            account: "000000000000".to_owned(),
            region: "us-east-1".to_owned(),
            state: None,
            audit_manager: AuditManager::default(),
            config: ServiceOptions::default(),
            security_hub: ServiceOptions::default(),
            event_bridge: ServiceOptions::default(),
            cloud_trail: ServiceOptions::default(),
        }
    }
}

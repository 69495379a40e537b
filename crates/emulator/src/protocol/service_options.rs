//! The options that several services have.

use serde::{Deserialize, Serialize};

use crate::protocol::pages::Pages;

/// The options of AWS Config, Security Hub, EventBridge or CloudTrail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ServiceOptions {
    /// Maximum requests per second of the account; `None` for no limit.
    pub rate: Option<u32>,
    /// What is wrong with the pages of lists.
    pub pages: Pages,
}

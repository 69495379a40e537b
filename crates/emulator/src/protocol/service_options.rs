//! The options that several services have.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::protocol::pages::Pages;

/// The options of AWS Config, Security Hub, EventBridge or CloudTrail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ServiceOptions {
    /// Maximum requests per second of the account; `None` for no limit.
    pub rate: Option<u32>,
    /// The rates of single operations, by name: beside `rate`, for operations that a service limits on their own.
    pub rates: BTreeMap<String, OperationRate>,
    /// What is wrong with the pages of lists.
    pub pages: Pages,
}

/// The rate of an operation: a bucket of `burst` requests that fills again at `per_second`.
///
/// Of `GetFindings` it is 3 a second and a burst of 6
/// (<https://docs.aws.amazon.com/securityhub/1.0/APIReference/Welcome.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OperationRate {
    /// Requests per second of the account.
    pub per_second: u32,
    /// Requests at once.
    pub burst: u32,
}

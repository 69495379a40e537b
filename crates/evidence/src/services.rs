//! A client for each service, with its own rate.

use controlsync_aws::{Connection, Sender};

use crate::answer::Of;

/// Requests per second to a service, and whether AWS documents how many it allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Name of the service.
    pub service: &'static str,
    /// Prefix of its IAM actions.
    pub actions: &'static str,
    /// Requests per second.
    pub per_second: u32,
    /// Where the limit of the service is documented; `None` if it is assumed.
    pub documented: Option<&'static str>,
}

/// Audit Manager: a quarter of what the account allows all of its users.
pub const AUDIT_MANAGER: Rate = Rate {
    service: "AWS Audit Manager",
    actions: "auditmanager",
    per_second: 5,
    documented: Some("https://docs.aws.amazon.com/audit-manager/latest/userguide/service-quotas.html"),
};
/// AWS Config.
pub const CONFIG: Rate = Rate { service: "AWS Config", actions: "config", per_second: 5, documented: None };
/// Security Hub: half of what most of its operations allow.
pub const SECURITY_HUB: Rate = Rate {
    service: "AWS Security Hub CSPM",
    actions: "securityhub",
    per_second: 5,
    documented: Some("https://docs.aws.amazon.com/securityhub/1.0/APIReference/Welcome.html"),
};
/// EventBridge: one request.
pub const EVENT_BRIDGE: Rate =
    Rate { service: "Amazon EventBridge", actions: "events", per_second: 5, documented: None };
/// CloudTrail: half of what its operations allow.
pub const CLOUD_TRAIL: Rate = Rate {
    service: "AWS CloudTrail",
    actions: "cloudtrail",
    per_second: 5,
    documented: Some("https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html"),
};

/// The rates of all services.
pub const RATES: [Rate; 5] = [AUDIT_MANAGER, CONFIG, SECURITY_HUB, EVENT_BRIDGE, CLOUD_TRAIL];

/// A client of one service.
#[derive(Clone, Debug)]
pub(crate) struct Client<T> {
    pub(crate) sdk: T,
    pub(crate) sender: Sender,
    pub(crate) of: Of,
}

impl<T> Client<T> {
    fn new(sdk: T, rate: Rate, connection: &Connection, unlimited: bool) -> Self {
        let sender = connection.sender_at((!unlimited).then(|| f64::from(rate.per_second)));
        Self { sdk, sender, of: Of { name: rate.service, actions: rate.actions } }
    }
}

/// Clients of all services in one account and Region.
#[derive(Clone, Debug)]
pub struct Services {
    endpoint: String,
    pub(crate) region: String,
    pub(crate) audit_manager: Client<aws_sdk_auditmanager::Client>,
    pub(crate) config: Client<aws_sdk_config::Client>,
    pub(crate) security_hub: Client<aws_sdk_securityhub::Client>,
    pub(crate) event_bridge: Client<aws_sdk_eventbridge::Client>,
    pub(crate) cloud_trail: Client<aws_sdk_cloudtrail::Client>,
}

impl Services {
    /// Creates the clients. `unlimited` is for emulators, which need no rate.
    pub fn new(connection: &Connection, unlimited: bool) -> Self {
        let shared = connection.sdk_config();
        let audit_manager = aws_sdk_auditmanager::Client::from_conf(connection.audit_manager_config());
        Self {
            endpoint: connection.endpoint_url().unwrap_or("aws").to_owned(),
            region: connection.region().to_owned(),
            audit_manager: Client::new(audit_manager, AUDIT_MANAGER, connection, unlimited),
            config: Client::new(aws_sdk_config::Client::new(shared), CONFIG, connection, unlimited),
            security_hub: Client::new(aws_sdk_securityhub::Client::new(shared), SECURITY_HUB, connection, unlimited),
            event_bridge: Client::new(aws_sdk_eventbridge::Client::new(shared), EVENT_BRIDGE, connection, unlimited),
            cloud_trail: Client::new(aws_sdk_cloudtrail::Client::new(shared), CLOUD_TRAIL, connection, unlimited),
        }
    }

    /// Returns what tells these services from others with the same account and Region: their endpoint.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns the number of requests sent so far, including retries.
    pub fn sent(&self) -> usize {
        self.audit_manager.sender.sent()
            + self.config.sender.sent()
            + self.security_hub.sender.sent()
            + self.event_bridge.sender.sent()
            + self.cloud_trail.sender.sent()
    }
}

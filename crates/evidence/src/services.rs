//! A client for each service, with its own rate.

use controlsync_aws::{Connection, Sender};

use crate::answer::Of;

/// Requests per second to a service, and whether AWS documents how many it allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Name of the service.
    pub service: &'static str,
    /// Requests per second.
    pub per_second: u32,
    /// Where the limit of the service is documented; `None` if it is assumed.
    pub documented: Option<&'static str>,
}

/// Audit Manager: a quarter of what the account allows all of its users.
pub const AUDIT_MANAGER: Rate = Rate {
    service: "AWS Audit Manager",
    per_second: 5,
    documented: Some("https://docs.aws.amazon.com/audit-manager/latest/userguide/service-quotas.html"),
};
/// AWS Config.
pub const CONFIG: Rate = Rate { service: "AWS Config", per_second: 5, documented: None };
/// Security Hub: half of what most of its operations allow.
pub const SECURITY_HUB: Rate = Rate {
    service: "AWS Security Hub CSPM",
    per_second: 5,
    documented: Some("https://docs.aws.amazon.com/securityhub/1.0/APIReference/Welcome.html"),
};
/// EventBridge: one request.
pub const EVENT_BRIDGE: Rate = Rate { service: "Amazon EventBridge", per_second: 5, documented: None };
/// CloudTrail: half of what its operations allow.
pub const CLOUD_TRAIL: Rate = Rate {
    service: "AWS CloudTrail",
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

/// Clients of all services in one account and Region.
#[derive(Clone, Debug)]
pub struct Services {
    endpoint: String,
    pub(crate) region: String,
    pub(crate) account: Option<String>,
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
        let sender = |rate: Rate| connection.sender_at((!unlimited).then(|| f64::from(rate.per_second)));
        let mut audit_manager = aws_sdk_auditmanager::config::Builder::from(shared)
            .retry_config(aws_sdk_auditmanager::config::retry::RetryConfig::disabled());
        if let Some(endpoint) = connection.endpoint_url() {
            audit_manager = audit_manager.endpoint_url(endpoint);
        }
        let config = aws_sdk_config::config::Builder::from(shared)
            .retry_config(aws_sdk_config::config::retry::RetryConfig::disabled());
        let security_hub = aws_sdk_securityhub::config::Builder::from(shared)
            .retry_config(aws_sdk_securityhub::config::retry::RetryConfig::disabled());
        let event_bridge = aws_sdk_eventbridge::config::Builder::from(shared)
            .retry_config(aws_sdk_eventbridge::config::retry::RetryConfig::disabled());
        let cloud_trail = aws_sdk_cloudtrail::config::Builder::from(shared)
            .retry_config(aws_sdk_cloudtrail::config::retry::RetryConfig::disabled());
        Self {
            endpoint: connection.endpoint_url().unwrap_or("aws").to_owned(),
            region: connection.region().to_owned(),
            account: connection.account().map(str::to_owned),
            audit_manager: Client {
                sdk: aws_sdk_auditmanager::Client::from_conf(audit_manager.build()),
                sender: sender(AUDIT_MANAGER),
                of: Of { name: AUDIT_MANAGER.service, actions: "auditmanager" },
            },
            config: Client {
                sdk: aws_sdk_config::Client::from_conf(config.build()),
                sender: sender(CONFIG),
                of: Of { name: CONFIG.service, actions: "config" },
            },
            security_hub: Client {
                sdk: aws_sdk_securityhub::Client::from_conf(security_hub.build()),
                sender: sender(SECURITY_HUB),
                of: Of { name: SECURITY_HUB.service, actions: "securityhub" },
            },
            event_bridge: Client {
                sdk: aws_sdk_eventbridge::Client::from_conf(event_bridge.build()),
                sender: sender(EVENT_BRIDGE),
                of: Of { name: EVENT_BRIDGE.service, actions: "events" },
            },
            cloud_trail: Client {
                sdk: aws_sdk_cloudtrail::Client::from_conf(cloud_trail.build()),
                sender: sender(CLOUD_TRAIL),
                of: Of { name: CLOUD_TRAIL.service, actions: "cloudtrail" },
            },
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

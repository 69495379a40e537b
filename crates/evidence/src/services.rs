//! A client for each service, with its own rate.

use aws_sdk_sts::config::{Credentials, SharedCredentialsProvider};
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
/// `GetFindings` of Security Hub: what it allows, which is less than other operations.
pub const FINDINGS: Rate = Rate { per_second: 3, ..SECURITY_HUB };
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
/// STS: one request for each account, far fewer than it allows.
pub const STS: Rate = Rate {
    service: "AWS STS",
    actions: "sts",
    per_second: 20,
    documented: Some("https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"),
};

/// The rates of all services, without that of findings.
pub const RATES: [Rate; 6] = [AUDIT_MANAGER, CONFIG, SECURITY_HUB, EVENT_BRIDGE, CLOUD_TRAIL, STS];

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

    /// Returns a client of the same service in another account.
    fn of_other_account(&self, sdk: T) -> Self {
        Self { sdk, sender: self.sender.for_other_account(), of: self.of }
    }
}

/// Clients of all services in one account and Region.
#[derive(Clone, Debug)]
pub struct Services {
    connection: Connection,
    pub(crate) region: String,
    pub(crate) sts: Client<aws_sdk_sts::Client>,
    pub(crate) audit_manager: Client<aws_sdk_auditmanager::Client>,
    pub(crate) event_bridge: Client<aws_sdk_eventbridge::Client>,
    pub(crate) of_account: AccountServices,
}

/// Clients of the services that decide in every account.
#[derive(Clone, Debug)]
pub(crate) struct AccountServices {
    pub(crate) config: Client<aws_sdk_config::Client>,
    pub(crate) security_hub: Client<aws_sdk_securityhub::Client>,
    /// Security Hub at the rate of `GetFindings`.
    pub(crate) findings: Client<aws_sdk_securityhub::Client>,
    pub(crate) cloud_trail: Client<aws_sdk_cloudtrail::Client>,
}

impl Services {
    /// Creates the clients. `unlimited` is for emulators, which need no rate.
    pub fn new(connection: &Connection, unlimited: bool) -> Self {
        let shared = connection.sdk_config();
        let audit_manager = aws_sdk_auditmanager::Client::from_conf(connection.audit_manager_config());
        let security_hub = aws_sdk_securityhub::Client::new(shared);
        Self {
            connection: connection.clone(),
            region: connection.region().to_owned(),
            sts: Client::new(aws_sdk_sts::Client::new(shared), STS, connection, unlimited),
            audit_manager: Client::new(audit_manager, AUDIT_MANAGER, connection, unlimited),
            event_bridge: Client::new(aws_sdk_eventbridge::Client::new(shared), EVENT_BRIDGE, connection, unlimited),
            of_account: AccountServices {
                config: Client::new(aws_sdk_config::Client::new(shared), CONFIG, connection, unlimited),
                security_hub: Client::new(security_hub.clone(), SECURITY_HUB, connection, unlimited),
                findings: Client::new(security_hub, FINDINGS, connection, unlimited),
                cloud_trail: Client::new(aws_sdk_cloudtrail::Client::new(shared), CLOUD_TRAIL, connection, unlimited),
            },
        }
    }

    /// Returns the clients of the services that a member account has, with credentials for it.
    pub(crate) fn in_member(&self, credentials: Credentials) -> AccountServices {
        let provider = SharedCredentialsProvider::new(credentials);
        let shared = self.connection.sdk_config().to_builder().credentials_provider(provider).build();
        let security_hub = aws_sdk_securityhub::Client::new(&shared);
        AccountServices {
            config: self.of_account.config.of_other_account(aws_sdk_config::Client::new(&shared)),
            security_hub: self.of_account.security_hub.of_other_account(security_hub.clone()),
            findings: self.of_account.findings.of_other_account(security_hub),
            cloud_trail: self.of_account.cloud_trail.of_other_account(aws_sdk_cloudtrail::Client::new(&shared)),
        }
    }

    /// Returns what tells these services from others with the same account and Region: their endpoint.
    pub fn endpoint(&self) -> &str {
        self.connection.endpoint_url().unwrap_or("aws")
    }

    /// Returns the number of requests sent so far to all accounts, including retries.
    pub fn sent(&self) -> usize {
        self.sts.sender.sent()
            + self.audit_manager.sender.sent()
            + self.event_bridge.sender.sent()
            + self.of_account.config.sender.sent()
            + self.of_account.security_hub.sender.sent()
            + self.of_account.findings.sender.sent()
            + self.of_account.cloud_trail.sender.sent()
    }
}

//! The services of the emulator. A client says which one it means in the signature of its request.

use serde::{Deserialize, Serialize};

use crate::audit_manager::error::ServiceError;
use crate::audit_manager::operation;
use crate::cloud_trail;
use crate::config;
use crate::event_bridge;
use crate::options::Options;
use crate::protocol::aws_json;
use crate::protocol::reply::{Rejection, Reply};
use crate::security_hub;

/// A service of the emulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Service {
    AuditManager,
    Config,
    SecurityHub,
    EventBridge,
    CloudTrail,
}

/// An error that a service has without a look at the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    Throttled,
    Denied,
    /// A request that the service does not accept.
    Refused(String),
    /// A server error with this status.
    Server(u16, String),
}

impl Service {
    const ALL: [Self; 5] = [Self::AuditManager, Self::Config, Self::SecurityHub, Self::EventBridge, Self::CloudTrail];

    /// The name in signatures and in IAM actions.
    pub(crate) const fn signing_name(self) -> &'static str {
        match self {
            Self::AuditManager => "auditmanager",
            Self::Config => "config",
            Self::SecurityHub => "securityhub",
            Self::EventBridge => "events",
            Self::CloudTrail => "cloudtrail",
        }
    }

    /// The operations, by their names in the model.
    fn operations(self) -> Vec<String> {
        let owned = |name: &&'static str| (*name).to_owned();
        match self {
            Self::AuditManager => operation::names().collect(),
            Self::Config => config::operations::OPERATIONS.iter().map(|of| owned(&of.name)).collect(),
            Self::SecurityHub => security_hub::operations::ROUTES.iter().map(|of| owned(&of.operation.name)).collect(),
            Self::EventBridge => event_bridge::operations::OPERATIONS.iter().map(|of| owned(&of.name)).collect(),
            Self::CloudTrail => cloud_trail::operations::OPERATIONS.iter().map(|of| owned(&of.name)).collect(),
        }
    }

    /// Returns the service of a request by its header `Authorization`. Without a signature it is Audit Manager, so that
    /// plain HTTP clients work.
    ///
    /// # Errors
    ///
    /// The request is signed for a service that the emulator does not have; the error is its signing name.
    pub(crate) fn of(authorization: Option<&str>) -> Result<Self, &str> {
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html: the scope of the
        // credential ends with the signing name and "aws4_request".
        let scope = authorization.and_then(|text| text.split_once("Credential=")?.1.split(',').next());
        let Some(name) = scope.and_then(|scope| scope.rsplit('/').nth(1)) else { return Ok(Self::AuditManager) };
        Self::ALL.into_iter().find(|service| service.signing_name() == name).ok_or(name)
    }

    /// The name of one of its operations for faults and the log: `auditmanager:CreateControl`.
    pub(crate) fn qualified(self, operation: &str) -> String {
        format!("{}:{operation}", self.signing_name())
    }

    /// The maximum of requests per second.
    pub(crate) fn rate(self, options: &Options) -> Option<u32> {
        match self {
            Self::AuditManager => options.audit_manager.rate,
            Self::Config => options.config.rate,
            Self::SecurityHub => options.security_hub.rate,
            Self::EventBridge => options.event_bridge.rate,
            Self::CloudTrail => options.cloud_trail.rate,
        }
    }

    /// The response for a failure.
    pub(crate) fn failure(self, failure: Failure, options: &Options) -> Reply {
        const DENIED: &str = "You are not authorized to perform this action";
        match self {
            Self::AuditManager => operation::reply(Err(match failure {
                Failure::Throttled => {
                    let status = if options.audit_manager.switches.throttle_with_429 { 429 } else { 400 };
                    ServiceError::Throttling { status }
                }
                Failure::Denied => ServiceError::AccessDenied(DENIED),
                Failure::Refused(message) => ServiceError::other(message),
                Failure::Server(status, message) => ServiceError::InternalServer { status, message },
            })),
            Self::SecurityHub => security_hub::operations::reply(Err(match failure {
                Failure::Throttled => Rejection::with_status("ThrottlingException", 429, "Rate exceeded"),
                Failure::Denied => Rejection::with_status("AccessDeniedException", 403, DENIED),
                Failure::Refused(message) => Rejection::new("InvalidInputException", message),
                Failure::Server(status, message) => Rejection::with_status("InternalException", status, message),
            })),
            Self::Config | Self::EventBridge | Self::CloudTrail => aws_json::reply(Err(match failure {
                Failure::Throttled => Rejection::new("ThrottlingException", "Rate exceeded"),
                Failure::Denied => Rejection::new("AccessDeniedException", DENIED),
                Failure::Refused(message) => Rejection::new("ValidationException", message),
                Failure::Server(503, message) => Rejection::with_status("ServiceUnavailable", 503, message),
                Failure::Server(status, message) => Rejection::with_status("InternalFailure", status, message),
            })),
        }
    }
}

/// Whether an operation has this qualified name.
///
/// # Errors
///
/// No operation has it; the error is the name that may be meant.
pub(crate) fn check_operation(name: &str) -> Result<(), Option<String>> {
    let qualified =
        || Service::ALL.into_iter().flat_map(|of| of.operations().into_iter().map(move |name| of.qualified(&name)));
    if qualified().any(|known| known == name) {
        return Ok(());
    }
    let alike = |known: &String| known.rsplit(':').next().is_some_and(|known| Some(known) == name.rsplit(':').next());
    Err(qualified().find(alike))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_names_the_service() {
        let signed = |name: &str| {
            format!(
                "AWS4-HMAC-SHA256 Credential=any/20261127/eu-west-1/{name}/aws4_request, SignedHeaders=host, Signature=0"
            )
        };
        for service in Service::ALL {
            assert_eq!(Service::of(Some(&signed(service.signing_name()))), Ok(service));
        }
        assert_eq!(Service::of(Some(&signed("s3"))), Err("s3"));
        for unsigned in [None, Some("Bearer a"), Some("Credential=any")] {
            assert_eq!(Service::of(unsigned), Ok(Service::AuditManager), "{unsigned:?}");
        }
    }

    #[test]
    fn an_operation_is_named_with_its_service() {
        for name in ["auditmanager:GetControl", "config:DescribeConfigRules", "events:DescribeRule"] {
            assert_eq!(check_operation(name), Ok(()));
        }
        for close in ["GetControl", "config:GetControl"] {
            assert_eq!(check_operation(close), Err(Some("auditmanager:GetControl".to_owned())), "{close}");
        }
        assert_eq!(check_operation("auditmanager:getControl"), Err(None));
    }
}

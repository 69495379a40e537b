//! The services of the emulator. A client says which one it means in the signature of its request.

use serde::{Deserialize, Serialize};

use crate::audit_manager::error::ServiceError;
use crate::audit_manager::operation;
use crate::cloud_trail;
use crate::config;
use crate::event_bridge;
use crate::options::Options;
use crate::protocol::aws_json;
use crate::protocol::query;
use crate::protocol::reply::{Rejection, Reply};
use crate::protocol::service_options::ServiceOptions;
use crate::security_hub;
use crate::sts;

const EXPIRED: &str = "The security token included in the request is expired";
const UNKNOWN_CALLER: &str = "The security token included in the request is invalid.";

/// A service of the emulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Service {
    AuditManager,
    Config,
    SecurityHub,
    EventBridge,
    CloudTrail,
    Sts,
}

/// An error that a service has without a look at the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    Throttled,
    /// The caller may not do this; the text is the message.
    Denied(String),
    /// The session of the caller has expired.
    Expired,
    /// The credentials of the caller are not valid.
    UnknownCaller,
    /// A request that the service does not accept.
    Refused(String),
    /// A server error with this status.
    Server(u16, String),
}

impl Service {
    const ALL: [Self; 6] =
        [Self::AuditManager, Self::Config, Self::SecurityHub, Self::EventBridge, Self::CloudTrail, Self::Sts];

    /// The name in signatures and in IAM actions.
    pub(crate) const fn signing_name(self) -> &'static str {
        match self {
            Self::AuditManager => "auditmanager",
            Self::Config => "config",
            Self::SecurityHub => "securityhub",
            Self::EventBridge => "events",
            Self::CloudTrail => "cloudtrail",
            Self::Sts => "sts",
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
            Self::Sts => sts::operations::OPERATIONS.iter().map(|of| owned(&of.name)).collect(),
        }
    }

    /// Returns the service of a request by its header `Authorization`. Without a signature it is Audit Manager, so that
    /// plain HTTP clients work.
    ///
    /// # Errors
    ///
    /// The request is signed for a service that the emulator does not have; the error is its signing name.
    pub(crate) fn of(authorization: Option<&str>) -> Result<Self, &str> {
        let Some(name) = of_scope(authorization, 1) else { return Ok(Self::AuditManager) };
        Self::ALL.into_iter().find(|service| service.signing_name() == name).ok_or(name)
    }

    /// The name of one of its operations for faults and the log: `auditmanager:CreateControl`.
    pub(crate) fn qualified(self, operation: &str) -> String {
        format!("{}:{operation}", self.signing_name())
    }

    /// The maximum of requests per second of an account.
    pub(crate) fn rate(self, options: &Options) -> Option<u32> {
        match self {
            Self::AuditManager => options.audit_manager.rate,
            _ => self.options(options).and_then(|own| own.rate),
        }
    }

    /// The options of the service, if they are those that several services have.
    pub(crate) fn options(self, options: &Options) -> Option<&ServiceOptions> {
        match self {
            Self::AuditManager => None,
            Self::Config => Some(&options.config),
            Self::SecurityHub => Some(&options.security_hub),
            Self::EventBridge => Some(&options.event_bridge),
            Self::CloudTrail => Some(&options.cloud_trail),
            Self::Sts => Some(&options.sts),
        }
    }

    /// The body of a response without any member.
    pub(crate) fn empty(self, operation: &str) -> String {
        if self == Self::Sts {
            return query::reply(&sts::operations::API, operation, Ok(None)).body;
        }
        "{}".to_owned()
    }

    /// The response for a failure.
    pub(crate) fn failure(self, failure: Failure, options: &Options) -> Reply {
        match self {
            Self::AuditManager => operation::reply(Err(match failure {
                Failure::Throttled => {
                    let status = if options.audit_manager.switches.throttle_with_429 { 429 } else { 400 };
                    ServiceError::Throttling { status }
                }
                Failure::Denied(message) => ServiceError::AccessDenied(message.into()),
                Failure::Expired => ServiceError::Credentials { name: "ExpiredTokenException", message: EXPIRED },
                Failure::UnknownCaller => {
                    ServiceError::Credentials { name: "UnrecognizedClientException", message: UNKNOWN_CALLER }
                }
                Failure::Refused(message) => ServiceError::other(message),
                Failure::Server(status, message) => ServiceError::InternalServer { status, message },
            })),
            Self::SecurityHub => security_hub::operations::reply(Err(match failure {
                Failure::Throttled => Rejection::with_status("ThrottlingException", 429, "Rate exceeded"),
                Failure::Denied(message) => Rejection::with_status("AccessDeniedException", 403, message),
                Failure::Expired => Rejection::with_status("ExpiredTokenException", 403, EXPIRED),
                Failure::UnknownCaller => Rejection::with_status("UnrecognizedClientException", 403, UNKNOWN_CALLER),
                Failure::Refused(message) => Rejection::new("InvalidInputException", message),
                Failure::Server(status, message) => Rejection::with_status("InternalException", status, message),
            })),
            Self::Config | Self::EventBridge | Self::CloudTrail => aws_json::reply(Err(match failure {
                Failure::Throttled => Rejection::new("ThrottlingException", "Rate exceeded"),
                Failure::Denied(message) => Rejection::new("AccessDeniedException", message),
                Failure::Expired => Rejection::new("ExpiredTokenException", EXPIRED),
                Failure::UnknownCaller => Rejection::new("UnrecognizedClientException", UNKNOWN_CALLER),
                Failure::Refused(message) => Rejection::new("ValidationException", message),
                Failure::Server(503, message) => Rejection::with_status("ServiceUnavailable", 503, message),
                Failure::Server(status, message) => Rejection::with_status("InternalFailure", status, message),
            })),
            Self::Sts => sts_failure(failure),
        }
    }
}

/// The Region that a request is signed for; `None` without a signature.
pub(crate) fn region_of(authorization: Option<&str>) -> Option<&str> {
    of_scope(authorization, 2)
}

/// A part of the scope of a credential, counted from its end: `…/REGION/SERVICE/aws4_request`
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>).
fn of_scope(authorization: Option<&str>, part: usize) -> Option<&str> {
    authorization?.split_once("Credential=")?.1.split(',').next()?.rsplit('/').nth(part)
}

/// Checks that the rates in options are those of operations.
///
/// # Errors
///
/// One is not; the error is a message.
pub(crate) fn check_rates(options: &Options) -> Result<(), String> {
    let mut all = vec![options.clone()];
    all.extend(options.accounts.keys().map(|account| options.clone().of_account(account)));
    for options in all {
        for service in Service::ALL {
            for name in service.options(&options).into_iter().flat_map(|own| own.rates.keys()) {
                check_operation(&service.qualified(name))
                    .map_err(|alike| format!("unknown operation \"{name}\" in rates; {}", meant(alike.as_deref())))?;
            }
        }
    }
    Ok(())
}

fn sts_failure(failure: Failure) -> Reply {
    let error = match failure {
        Failure::Throttled => Rejection::new("Throttling", "Rate exceeded"),
        Failure::Denied(message) => Rejection::with_status("AccessDenied", 403, message),
        Failure::Expired => Rejection::with_status("ExpiredToken", 403, EXPIRED),
        Failure::UnknownCaller => Rejection::with_status("InvalidClientTokenId", 403, UNKNOWN_CALLER),
        Failure::Refused(message) => Rejection::new("ValidationError", message),
        Failure::Server(503, message) => Rejection::with_status("ServiceUnavailable", 503, message),
        Failure::Server(status, message) => Rejection::with_status("InternalFailure", status, message),
    };
    query::reply(&sts::operations::API, "", Err(error))
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

/// What to do about an unknown name of an operation.
pub(crate) fn meant(alike: Option<&str>) -> String {
    match alike {
        Some(alike) => format!("did you mean \"{alike}\"?"),
        None => "use the service and the name in its model, for example \"auditmanager:UpdateControl\"".to_owned(),
    }
}

/// Whether an action is the qualified name of an operation, or that of a service with `*`.
///
/// # Errors
///
/// It is neither; the error is a message.
pub(crate) fn check_action(action: &str) -> Result<(), String> {
    if action.strip_suffix(":*").is_some_and(|name| Service::ALL.iter().any(|service| service.signing_name() == name)) {
        return Ok(());
    }
    check_operation(action).map_err(|alike| format!("unknown action \"{action}\"; {}", meant(alike.as_deref())))
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
            assert_eq!(region_of(Some(&signed(service.signing_name()))), Some("eu-west-1"));
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

    #[test]
    fn an_action_is_an_operation_or_all_of_a_service() {
        for action in ["config:DescribeConfigRules", "config:*", "sts:AssumeRole"] {
            assert_eq!(check_action(action), Ok(()));
        }
        assert_eq!(
            check_action("DescribeConfigRules"),
            Err("unknown action \"DescribeConfigRules\"; did you mean \"config:DescribeConfigRules\"?".to_owned())
        );
        for unknown in ["*", "conf:*", "config:Describe*"] {
            assert!(check_action(unknown).is_err(), "{unknown}");
        }
    }
}

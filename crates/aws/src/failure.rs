//! Failed requests, with the service's message and help.

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_auditmanager::Error;
use aws_sdk_auditmanager::error::{ProvideErrorMetadata, SdkError};
use controlsync_core::change_result::{Failure, FailureKind, FieldFailure};
use controlsync_core::plan::Needs;

/// Whether a failed request can be retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Not processed: too many requests.
    Throttled,
    /// No clear response: it may have been processed.
    Unclear,
    /// Not sent: no connection was made.
    NotSent,
    /// Refused by the service; a retry would be refused too.
    Refused,
}

/// Converts an error of the SDK for Audit Manager.
pub(crate) fn read<E>(operation: &'static str, error: SdkError<E>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    Error: From<SdkError<E>>,
{
    let failure = of_service(operation, &error);
    let help = help(operation, failure.code.as_deref(), &failure.message, classify(&error));
    Failure { fields: fields(error.into()), help, ..failure }
}

/// Converts an error of any service, with the service's message.
pub(crate) fn of_service<E>(operation: &'static str, error: &SdkError<E>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let class = classify(error);
    let message = error.message().map_or_else(|| unanswered(error), str::to_owned);
    Failure {
        operation,
        kind: kind(error, error.code()),
        code: error.code().map(str::to_owned),
        message,
        fields: Vec::new(),
        help: None,
        unclear: class == Class::Unclear,
        transient: class != Class::Refused,
    }
}

/// The words of rustls for a certificate that it does not accept; the SDK does not show its error types.
const INVALID_CERTIFICATE: &str = "invalid peer certificate";

/// The codes of expired and unknown credentials, of all services.
const CREDENTIAL_CODES: [&str; 8] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "InvalidToken",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

/// What a request failed at. Credentials are loaded with requests of their own, so they come before the network.
fn kind<E, R>(error: &SdkError<E, R>, code: Option<&str>) -> FailureKind
where
    E: std::error::Error + 'static,
    R: std::fmt::Debug,
{
    let caused_by = |is: &dyn Fn(&(dyn std::error::Error + 'static)) -> bool| {
        std::iter::successors(std::error::Error::source(error), |error| error.source()).any(is)
    };
    if caused_by(&|cause| cause.is::<CredentialsError>()) || code.is_some_and(|code| CREDENTIAL_CODES.contains(&code)) {
        return FailureKind::Credentials;
    }
    match error {
        SdkError::DispatchFailure(_) if caused_by(&|cause| cause.to_string().contains(INVALID_CERTIFICATE)) => {
            FailureKind::Certificate
        }
        SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) => FailureKind::Network,
        SdkError::ConstructionFailure(_) => FailureKind::Internal,
        _ => FailureKind::Service,
    }
}

/// What a failed request means for a repetition.
pub(crate) fn classify<E: ProvideErrorMetadata>(error: &SdkError<E>) -> Class {
    match error {
        SdkError::ConstructionFailure(_) => Class::NotSent,
        SdkError::DispatchFailure(failure) if failure.is_user() => Class::NotSent,
        SdkError::DispatchFailure(failure) => {
            // Without an address or a connection, no request was sent.
            let source = failure.as_connector_error().and_then(|error| std::error::Error::source(error));
            let refused = std::iter::successors(source, |error| error.source()).any(|error| {
                if error.is::<CredentialsError>() {
                    return true;
                }
                let io = error.downcast_ref::<std::io::Error>();
                io.is_some_and(|error| error.kind() == std::io::ErrorKind::ConnectionRefused)
                    || error.to_string().starts_with("dns error")
            });
            if refused { Class::NotSent } else { Class::Unclear }
        }
        SdkError::ServiceError(service) => {
            let status = service.raw().status().as_u16();
            let throttled = matches!(
                error.code(),
                Some(
                    "ThrottlingException"
                        | "TooManyRequestsException"
                        | "Throttling"
                        | "ThrottledException"
                        | "RequestThrottled"
                        | "SlowDown"
                )
            );
            if status == 429 || throttled {
                Class::Throttled
            } else if status >= 500 {
                Class::Unclear
            } else {
                Class::Refused
            }
        }
        _ => Class::Unclear,
    }
}

/// The failure of a round of reading that would read the same again.
pub(crate) fn learned_nothing(needs: &Needs) -> Failure {
    let objects = [&needs.controls, &needs.frameworks, &needs.fresh].into_iter().flatten().cloned();
    let objects: Vec<String> = objects.take(3).collect();
    let what = if objects.is_empty() { "a list".to_owned() } else { objects.join(", ") };
    let help = "Run the command again. If that does not help, please report it: it is an error in controlsync, or the service \
                answers inconsistently.";
    let message = format!("the account was read again without learning anything new about {what}");
    let kind = FailureKind::Internal;
    Failure { kind, help: Some(help.to_owned()), ..Failure::new("reading the account", message) }
}

/// Describes a failure without a message of the service.
fn unanswered<E: std::error::Error + Send + Sync + 'static>(error: &SdkError<E>) -> String {
    match error {
        SdkError::TimeoutError(_) => "the request timed out".to_owned(),
        SdkError::ServiceError(service) => {
            format!("the response has status {} and no message", service.raw().status().as_u16())
        }
        other => reasons(other),
    }
}

/// Returns the messages of an error and its causes, each once.
pub fn reasons(error: &dyn std::error::Error) -> String {
    let mut messages: Vec<String> = Vec::new();
    for cause in std::iter::successors(Some(error), |error| error.source()) {
        let message = cause.to_string();
        if messages.iter().all(|before| !before.contains(&message)) {
            messages.push(message);
        }
    }
    messages.join(": ")
}

fn fields(error: Error) -> Vec<FieldFailure> {
    let Error::ValidationException(exception) = error else { return Vec::new() };
    let field = |field: &aws_sdk_auditmanager::types::ValidationExceptionField| FieldFailure {
        name: field.name().to_owned(),
        message: field.message().to_owned(),
    };
    exception.fields().iter().map(field).collect()
}

/// The text that distinguishes an account without Audit Manager from a missing permission
/// (<https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-auditmanager>).
const NOT_SET_UP: &str = "complete AWS Audit Manager setup";

/// The text of the service when it accepts no new accounts
/// (<https://docs.aws.amazon.com/audit-manager/latest/userguide/audit-manager-availability-change.html>).
const MAINTENANCE: &str = "in maintenance mode";

const SET_UP_ELSEWHERE: &str = "Audit Manager is not set up in this account and Region: select the account with --profile and \
     the Region with --region. Since 2026-04-30, it cannot be set up in new accounts.";

/// Returns the failure for an account without Audit Manager.
pub(crate) fn not_set_up(status: &str, region: &str) -> Failure {
    let (message, help) = if status == "PENDING_ACTIVATION" {
        (format!("Audit Manager is being set up in {region}"), "Run the command again in a few minutes.")
    } else {
        (format!("the status of Audit Manager in {region} is {status}"), SET_UP_ELSEWHERE)
    };
    let transient = status == "PENDING_ACTIVATION";
    Failure { help: Some(help.to_owned()), transient, ..Failure::new("GetAccountStatus", message) }
}

/// Returns the failure for a run that was stopped while reading.
pub(crate) fn stopped() -> Failure {
    Failure::transient("GetControl", "the run was stopped before everything was read")
}

fn help(operation: &str, code: Option<&str>, message: &str, class: Class) -> Option<String> {
    let help = match code {
        Some("AccessDeniedException") if message.contains(NOT_SET_UP) => SET_UP_ELSEWHERE,
        _ if message.contains(MAINTENANCE) => {
            "Audit Manager is in maintenance mode: it is available only in accounts and Regions that already use it. \
             Select the account with --profile and the Region with --region."
        }
        Some("AccessDeniedException") => {
            "The credentials lack a permission: allow the auditmanager action named above."
        }
        Some("ExpiredTokenException" | "ExpiredToken") => "The credentials have expired: sign in again.",
        Some("UnrecognizedClientException" | "InvalidSignatureException" | "InvalidClientTokenId") => {
            "The credentials are not valid in this Region: check the profile, and that the Region is enabled."
        }
        Some("ServiceQuotaExceededException") => "Delete objects that are no longer needed, then apply again.",
        Some("ResourceNotFoundException") => "An object was deleted from the account in the meantime: plan again.",
        _ if class == Class::NotSent => "Check the network, the Region and --endpoint-url.",
        _ if class == Class::Refused => return None,
        _ if ["List", "Get"].iter().any(|verb| operation.starts_with(verb)) => "Run the command again.",
        _ => "Apply again: completed changes are not repeated.",
    };
    Some(help.to_owned())
}

#[cfg(test)]
mod tests {
    use std::io;

    use aws_sdk_auditmanager::error::{BuildError, ConnectorError, ErrorMetadata};
    use aws_sdk_auditmanager::operation::get_control::GetControlError;

    use super::*;

    #[test]
    fn every_failure_has_a_kind() {
        use FailureKind::{Certificate, Credentials, Internal, Network, Service};
        type GetError = SdkError<GetControlError, ()>;
        let kind = |error: &GetError| kind(error, error.code());
        let connector = |error: ConnectorError| kind(&SdkError::dispatch_failure(error));
        let io = |kind, message: &str| connector(ConnectorError::io(io::Error::new(kind, message).into()));
        assert_eq!(io(io::ErrorKind::ConnectionRefused, "Connection refused (os error 111)"), Network);
        assert_eq!(io(io::ErrorKind::Other, "dns error: failed to lookup address information"), Network);
        assert_eq!(
            io(io::ErrorKind::Other, "TLS handshake failed: invalid peer certificate: UnknownIssuer"),
            Certificate
        );
        assert_eq!(io(io::ErrorKind::InvalidData, "received fatal alert: ProtocolVersion"), Network);
        assert_eq!(connector(ConnectorError::timeout("connect timeout".into())), Network);
        let credentials = || CredentialsError::provider_error(io::Error::other("invalid peer certificate: Expired"));
        assert_eq!(connector(ConnectorError::other(credentials().into(), None)), Credentials);
        assert_eq!(kind(&SdkError::construction_failure(credentials())), Credentials);
        assert_eq!(kind(&SdkError::construction_failure(BuildError::missing_field("id", "is required"))), Internal);
        assert_eq!(kind(&SdkError::timeout_error("operation attempt timeout")), Network);
        assert_eq!(kind(&SdkError::response_error("invalid JSON", ())), Service);
        let service = |code: &str| {
            kind(&SdkError::service_error(GetControlError::generic(ErrorMetadata::builder().code(code).build()), ()))
        };
        for code in CREDENTIAL_CODES {
            assert_eq!(service(code), Credentials, "{code}");
        }
        for code in ["AccessDeniedException", "ThrottlingException", "ValidationException", "InternalServerException"] {
            assert_eq!(service(code), Service, "{code}");
        }
        assert_eq!(not_set_up("INACTIVE", "eu-west-1").kind, Service);
        assert_eq!(learned_nothing(&Needs::default()).kind, Internal);
    }

    #[test]
    fn an_account_without_audit_manager_has_help() {
        let denied = "Please complete AWS Audit Manager setup from home page to enable this action in this account.";
        let maintenance =
            "AWS Audit Manager is now in maintenance mode. As of April 30, 2026, you cannot enable Audit Manager";
        let help = |code, message| help("ListControls", Some(code), message, Class::Refused).unwrap_or_default();
        assert_eq!(help("AccessDeniedException", denied), SET_UP_ELSEWHERE);
        assert!(help("ValidationException", maintenance).contains("already use it"));
        assert!(help("AccessDeniedException", "not authorized").contains("permission"));
        assert!(not_set_up("PENDING_ACTIVATION", "eu-west-1").help.is_some_and(|help| help.contains("few minutes")));
        let inactive = not_set_up("INACTIVE", "eu-west-1");
        assert_eq!(
            (inactive.message.as_str(), inactive.help.as_deref()),
            ("the status of Audit Manager in eu-west-1 is INACTIVE", Some(SET_UP_ELSEWHERE))
        );
    }

    #[test]
    fn every_failure_has_help() {
        let help = |operation, code, class| help(operation, code, "no", class).unwrap_or_default();
        let refused = |code| help("UpdateControl", Some(code), Class::Refused);
        assert_eq!(refused("ExpiredTokenException"), "The credentials have expired: sign in again.");
        assert_eq!(
            refused("UnrecognizedClientException"),
            "The credentials are not valid in this Region: check the profile, and that the Region is enabled."
        );
        assert_eq!(
            refused("ServiceQuotaExceededException"),
            "Delete objects that are no longer needed, then apply again."
        );
        assert_eq!(
            refused("ResourceNotFoundException"),
            "An object was deleted from the account in the meantime: plan again."
        );
        assert_eq!(refused("ValidationException"), "", "the message of the service is enough");
        let unclear = |operation| help(operation, None, Class::Unclear);
        assert_eq!(unclear("GetControl"), "Run the command again.");
        assert_eq!(unclear("CreateControl"), "Apply again: completed changes are not repeated.");
        assert_eq!(help("GetControl", None, Class::NotSent), "Check the network, the Region and --endpoint-url.");
        let pending = not_set_up("PENDING_ACTIVATION", "eu-west-1");
        assert_eq!(pending.message, "Audit Manager is being set up in eu-west-1");
        assert_eq!(pending.help.as_deref(), Some("Run the command again in a few minutes."));
        assert!(pending.transient && stopped().transient);
        assert_eq!(stopped().message, "the run was stopped before everything was read");
    }
}

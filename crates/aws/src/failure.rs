//! Failed requests, with the service's message and help.

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_auditmanager::error::{ProvideErrorMetadata, SdkError};
use controlsync_core::change_result::{Failure, FailureKind};

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
    }
}

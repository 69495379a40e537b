//! Failed requests, with the service's message and help.

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_auditmanager::error::{ProvideErrorMetadata, SdkError};
use controlsync_core::change_result::{Failure, FailureKind};
use controlsync_core::characters::printable;

use crate::causes::{causes, reasons};
use crate::connector::{NotConnected, Origin};

/// Whether a failed request can be retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Not processed: too many requests.
    Throttled,
    /// No clear response: it may have been processed.
    Unclear,
    /// Not sent: no connection was made, and none would be made by trying again.
    NotSent,
    /// Not sent: no connection was made this time.
    NotConnected,
    /// Refused by the service; a retry would be refused too.
    Refused,
}

/// Converts an error of any service, with the service's message.
pub(crate) fn of_service<E>(operation: &'static str, error: &SdkError<E>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let class = classify(error);
    let stranger = stranger(error);
    let kind = if stranger.is_some() { FailureKind::Network } else { kind(error, error.code()) };
    let message = match &stranger {
        Some(stranger) => stranger.to_string(),
        None => error.message().map_or_else(|| unanswered(error), str::to_owned),
    };
    Failure {
        operation,
        kind,
        code: error.code().map(str::to_owned),
        message,
        fields: Vec::new(),
        help: stranger
            .map(|_| ANSWERED_BY_OTHERS)
            .or_else(|| (kind == FailureKind::Certificate).then_some(UNTRUSTED))
            .map(str::to_owned),
        unclear: class == Class::Unclear,
        transient: class != Class::Refused && kind != FailureKind::Certificate,
    }
}

const ANSWERED_BY_OTHERS: &str = "A proxy, the sign-in page of a network or another server answered instead of AWS: check the network, \
     HTTPS_PROXY, and the endpoint URL.";

const UNTRUSTED: &str =
    "If a proxy in your network inspects TLS, set AWS_CA_BUNDLE to a file with its CA certificates, in PEM.";

/// A response that AWS did not send.
struct Stranger {
    status: u16,
    content_type: Option<String>,
    origin: Option<String>,
}

impl std::fmt::Display for Stranger {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "the response did not come from AWS: status {}", self.status)?;
        if let Some(content_type) = &self.content_type {
            write!(formatter, ", {content_type}")?;
        }
        self.origin.as_ref().map_or(Ok(()), |origin| write!(formatter, ", from {origin}"))
    }
}

/// The headers with which services of AWS identify a response.
const OF_AWS: [&str; 4] = ["x-amzn-requestid", "x-amz-request-id", "x-amz-id-2", "x-amzn-errortype"];

/// Returns the response of a failure if AWS did not send it: it has none of AWS's headers, and is a page or cannot be read.
fn stranger<E: ProvideErrorMetadata + std::error::Error + 'static>(error: &SdkError<E>) -> Option<Stranger> {
    let (raw, readable) = match error {
        SdkError::ServiceError(service) => (service.raw(), error.code().is_some()),
        SdkError::ResponseError(response) => (response.raw(), false),
        _ => return None,
    };
    let content_type = raw.headers().get("content-type").map(|text| text.split(';').next().unwrap_or(text).trim());
    let page = content_type.is_some_and(|text| text.eq_ignore_ascii_case("text/html"));
    if OF_AWS.iter().any(|header| raw.headers().get(*header).is_some()) || (readable && !page) {
        return None;
    }
    Some(Stranger {
        status: raw.status().as_u16(),
        content_type: content_type.map(|text| printable(text).into_owned()),
        origin: raw.extension::<Origin>().map(|origin| origin.0.clone()),
    })
}

/// Returns the cause that says that no connection was made.
pub(crate) fn not_connected<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a NotConnected> {
    causes(error).find_map(|cause| cause.downcast_ref::<NotConnected>())
}

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
    R: std::fmt::Debug + 'static,
{
    let caused_by = |is: &dyn Fn(&(dyn std::error::Error + 'static)) -> bool| {
        std::iter::successors(std::error::Error::source(error), |error| error.source()).any(is)
    };
    if caused_by(&|cause| cause.is::<CredentialsError>()) || code.is_some_and(|code| CREDENTIAL_CODES.contains(&code)) {
        return FailureKind::Credentials;
    }
    match error {
        SdkError::DispatchFailure(_) if not_connected(error).is_some_and(|cause| cause.untrusted) => {
            FailureKind::Certificate
        }
        SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) => FailureKind::Network,
        SdkError::ConstructionFailure(_) => FailureKind::Internal,
        _ => FailureKind::Service,
    }
}

/// What a failed request means for a repetition.
pub(crate) fn classify<E: ProvideErrorMetadata + std::error::Error + 'static>(error: &SdkError<E>) -> Class {
    match error {
        SdkError::ConstructionFailure(_) => Class::NotSent,
        SdkError::DispatchFailure(_) => {
            let causes = || causes(error);
            if let Some(NotConnected { untrusted, .. }) = not_connected(error) {
                let for_good = *untrusted
                    || causes().any(|cause| {
                        let io = cause.downcast_ref::<std::io::Error>();
                        let text = cause.to_string();
                        io.is_some_and(|error| error.kind() == std::io::ErrorKind::ConnectionRefused)
                            || text.starts_with("dns error")
                            || text.contains("proxy authorization required")
                    });
                if for_good { Class::NotSent } else { Class::NotConnected }
            } else if causes().any(<dyn std::error::Error>::is::<CredentialsError>) {
                Class::NotSent
            } else {
                Class::Unclear
            }
        }
        SdkError::ServiceError(_) | SdkError::ResponseError(_)
            if stranger(error).is_some_and(|from| from.status < 500) =>
        {
            Class::Refused
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
    if let Some(not_connected) = not_connected(error) {
        return not_connected.message();
    }
    match error {
        SdkError::TimeoutError(_) => "the request timed out".to_owned(),
        SdkError::ServiceError(service) => {
            format!("the response has status {} and no message", service.raw().status().as_u16())
        }
        other => reasons(other),
    }
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
        let unconnected = |untrusted| {
            let source = io::Error::other("TLS handshake failed").into();
            connector(ConnectorError::io(NotConnected { host: "a".to_owned(), untrusted, source }.into()))
        };
        assert_eq!((unconnected(true), unconnected(false)), (Certificate, Network));
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

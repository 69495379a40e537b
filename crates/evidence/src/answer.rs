//! From the result of requests to a fact.

use controlsync_core::change_result::{Failure, FailureKind};
use controlsync_core::evidence::facts::{Fact, Seconds, Unread, UnreadReason};

/// A service, for facts that were not read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Of {
    /// Its name.
    pub(crate) name: &'static str,
    /// The prefix of its IAM actions.
    pub(crate) actions: &'static str,
}

/// The codes of requests without permission, of all services.
const DENIED: [&str; 5] =
    ["AccessDenied", "AccessDeniedException", "AuthorizationError", "NotAuthorized", "UnauthorizedOperation"];

/// The codes of throttled requests, of all services.
const THROTTLED: [&str; 5] =
    ["LimitExceededException", "RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException"];

/// Part of the message where Audit Manager is not set up, which has the code of a missing permission
/// (<https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-auditmanager>).
const NOT_SET_UP: &str = "complete AWS Audit Manager setup";

impl Of {
    /// Returns what was read, or why it was not.
    pub(crate) fn fact<T>(self, result: Result<T, Failure>) -> Fact<T> {
        match result {
            Ok(value) => Fact::Known(value),
            Err(failure) => Fact::Unread(self.unread(&failure)),
        }
    }

    /// Returns why something was not read.
    pub(crate) fn unread(self, failure: &Failure) -> Unread {
        let code = failure.code.as_deref().unwrap_or_default();
        let reason = if is_denied(failure) {
            UnreadReason::Denied
        } else if THROTTLED.contains(&code) {
            UnreadReason::Throttled
        } else {
            UnreadReason::Failed
        };
        Unread {
            service: self.name.to_owned(),
            action: format!("{}:{}", self.actions, failure.operation),
            reason,
            message: failure.message.clone(),
        }
    }
}

/// Whether the permission for a request is missing.
pub(crate) fn is_denied(failure: &Failure) -> bool {
    let code = failure.code.as_deref().unwrap_or_default();
    DENIED.contains(&code) && !failure.message.contains(NOT_SET_UP)
}

/// Returns a member that every answer of the operation has.
///
/// # Errors
///
/// The answer does not have it: it is not from the service, or cut short.
pub(crate) fn required<T>(operation: &'static str, member: &'static str, value: Option<T>) -> Result<T, Failure> {
    value.ok_or_else(|| Failure::new(operation, format!("the answer has no {member}")))
}

/// Whether a failure is about the credentials or the network, so that no other request would succeed.
pub(crate) const fn is_general(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Credentials | FailureKind::Network | FailureKind::Certificate)
}

/// Seconds since 1970.
pub(crate) fn seconds(at: &aws_sdk_auditmanager::primitives::DateTime) -> Seconds {
    at.secs()
}

//! The errors of the service, and their form on the wire.

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::protocol::validate::{self, Violation};

/// An error of the service: one variant per error of the model, and the two that are common to all of AWS.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ServiceError {
    Validation {
        reason: Reason,
        message: String,
        fields: Vec<Violation>,
    },
    ResourceNotFound {
        resource_type: &'static str,
        resource_id: String,
    },
    AccessDenied(Cow<'static, str>),
    /// The credentials of the request are not valid.
    Credentials {
        name: &'static str,
        message: &'static str,
    },
    ServiceQuotaExceeded(String),
    Throttling {
        status: u16,
    },
    InternalServer {
        status: u16,
        message: String,
    },
    UnknownOperation,
    /// The request is signed for this service, which the emulator does not have.
    UnknownService(String),
}

/// `ValidationExceptionReason` of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    UnknownOperation,
    CannotParse,
    FieldValidationFailed,
    Other,
}

/// Maximum length of a message in the model, in code points (shape `String`).
const MAX_MESSAGE: usize = 2048;

/// The only message for a missing resource that is attested for this service.
const NOT_FOUND: &str = "The operation tried to access a nonexistent resource. The resource might not be specified \
    correctly, or its status might not be active. Check and try again.";

/// The message for an account in which Audit Manager is not set up, as existing clients recognize it.
pub(crate) const NOT_SET_UP: &str =
    "Please complete AWS Audit Manager setup from home page to enable this action in this account.";

impl ServiceError {
    /// A request with members that violate constraints.
    pub(crate) fn fields(fields: Vec<Violation>) -> Self {
        let message = validate::message(&fields);
        Self::Validation { reason: Reason::FieldValidationFailed, message, fields }
    }

    /// A request with one invalid member.
    pub(crate) fn field(name: impl Into<String>, message: impl Into<String>) -> Self {
        let (name, message) = (name.into(), message.into());
        Self::fields(vec![Violation { name, message }])
    }

    /// A well-formed request that cannot be processed.
    pub(crate) fn other(message: impl Into<String>) -> Self {
        Self::rejected(Reason::Other, message)
    }

    /// A request that cannot be parsed.
    pub(crate) fn cannot_parse(message: impl Into<String>) -> Self {
        Self::rejected(Reason::CannotParse, message)
    }

    /// A `ValidationException` without a member.
    pub(crate) fn rejected(reason: Reason, message: impl Into<String>) -> Self {
        Self::Validation { reason, message: message.into(), fields: Vec::new() }
    }

    /// A resource that does not exist.
    pub(crate) fn not_found(resource_type: &'static str, resource_id: impl Into<String>) -> Self {
        Self::ResourceNotFound { resource_type, resource_id: resource_id.into() }
    }

    /// The HTTP status.
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Validation { .. } => 400,
            Self::ServiceQuotaExceeded(_) => 402,
            Self::AccessDenied(_) | Self::Credentials { .. } => 403,
            Self::ResourceNotFound { .. } | Self::UnknownOperation | Self::UnknownService(_) => 404,
            Self::Throttling { status } | Self::InternalServer { status, .. } => *status,
        }
    }

    /// The value of `x-amzn-ErrorType`.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Validation { .. } => "ValidationException",
            Self::ResourceNotFound { .. } => "ResourceNotFoundException",
            Self::AccessDenied(_) => "AccessDeniedException",
            Self::Credentials { name, .. } => name,
            Self::ServiceQuotaExceeded(_) => "ServiceQuotaExceededException",
            Self::Throttling { .. } => "ThrottlingException",
            Self::InternalServer { status: 503, .. } => "ServiceUnavailable",
            Self::InternalServer { .. } => "InternalServerException",
            Self::UnknownOperation | Self::UnknownService(_) => "UnknownOperationException",
        }
    }

    /// The body.
    pub(crate) fn body(&self) -> Value {
        match self {
            Self::Validation { reason, message, fields } => {
                let mut body = json!({ "message": shortened(message), "reason": reason.text() });
                if !fields.is_empty() {
                    body["fields"] = fields
                        .iter()
                        .map(|field| json!({ "name": shortened(&field.name), "message": shortened(&field.message) }))
                        .collect();
                }
                body
            }
            Self::ResourceNotFound { resource_type, resource_id } => json!({
                "message": NOT_FOUND,
                "resourceId": shortened(resource_id),
                "resourceType": resource_type,
            }),
            Self::AccessDenied(message) => json!({ "message": message }),
            Self::Credentials { message, .. } => json!({ "message": message }),
            Self::ServiceQuotaExceeded(message) | Self::InternalServer { message, .. } => {
                json!({ "message": shortened(message) })
            }
            Self::Throttling { .. } => json!({ "message": "Rate exceeded" }),
            Self::UnknownOperation => json!({ "message": "The emulator has no operation with this path" }),
            Self::UnknownService(name) => {
                json!({ "message": shortened(&format!("The emulator has no service with the signing name {name}")) })
            }
        }
    }
}

impl Reason {
    fn text(self) -> &'static str {
        match self {
            Self::UnknownOperation => "unknownOperation",
            Self::CannotParse => "cannotParse",
            Self::FieldValidationFailed => "fieldValidationFailed",
            Self::Other => "other",
        }
    }
}

/// A text on one line, cut to the maximum length of the shape `String`.
fn shortened(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_MESSAGE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_violations_are_in_the_message_and_in_the_fields() {
        let error = ServiceError::fields(vec![
            Violation { name: "name".into(), message: "Member must not be null".into() },
            Violation { name: "tags.a b".into(), message: "x".into() },
        ]);
        assert_eq!(error.status(), 400);
        assert_eq!(
            error.body(),
            json!({
                "message": "2 validation errors detected: Value at 'name' failed to satisfy constraint: \
                    Member must not be null; Value at 'tags.a b' failed to satisfy constraint: x",
                "reason": "fieldValidationFailed",
                "fields": [
                    { "name": "name", "message": "Member must not be null" },
                    { "name": "tags.a b", "message": "x" },
                ],
            })
        );
    }

    #[test]
    fn messages_are_cut_to_the_maximum_of_the_model() {
        let body = ServiceError::other("é\n".repeat(5000)).body();
        let message = body["message"].as_str().unwrap();
        assert_eq!(message.chars().count(), MAX_MESSAGE);
        assert!(!message.contains('\n'));
    }
}

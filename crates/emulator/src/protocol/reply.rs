//! A response before HTTP, and an error of a service that has only a name, a status and a message.

use serde_json::Value;
use uuid::Uuid;

/// A response.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    /// The header `x-amzn-ErrorType`, in the protocol that has it.
    pub(crate) error_type: Option<&'static str>,
    pub(crate) body: String,
    /// The header `x-amzn-RequestId`.
    pub(crate) request_id: Uuid,
}

impl Reply {
    /// A response with a JSON body, or without a body.
    pub(crate) fn json(
        status: u16,
        content_type: &'static str,
        error_type: Option<&'static str>,
        body: Option<Value>,
    ) -> Self {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        Self { status, content_type, error_type, body, request_id: Uuid::new_v4() }
    }
}

/// An error of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rejection {
    /// Its name in the model.
    pub(crate) name: &'static str,
    pub(crate) status: u16,
    pub(crate) message: String,
}

impl Rejection {
    /// An error of the client with status 400.
    pub(crate) fn new(name: &'static str, message: impl Into<String>) -> Self {
        Self::with_status(name, 400, message)
    }

    /// An error with another status.
    pub(crate) fn with_status(name: &'static str, status: u16, message: impl Into<String>) -> Self {
        Self { name, status, message: message.into() }
    }
}

//! A response before HTTP, and an error of a service that has only a name, a status and a message.

use serde_json::Value;

/// A response.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    /// The header `x-amzn-ErrorType`, in the protocol that has it.
    pub(crate) error_type: Option<&'static str>,
    /// The body; `None` for an empty one.
    pub(crate) body: Option<Value>,
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

//! The protocol `awsJson1.1`: the operation is in the header `X-Amz-Target`, its input in the body.

use serde_json::{Value, json};

use crate::protocol::operation::{Operation, Outcome};
use crate::protocol::reply::{Rejection, Reply};
use crate::protocol::rest;
use crate::protocol::shape::Member;
use crate::protocol::validate;

const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// Returns the operation that a target names. Clients send it with one of several prefixes.
///
/// # Errors
///
/// `UnknownOperationException`.
pub(crate) fn find<S, O>(
    operations: &'static [Operation<S, O>],
    prefixes: &[&str],
    method: &str,
    target: &str,
) -> Result<&'static Operation<S, O>, Rejection> {
    let name = target.rsplit_once('.').filter(|(prefix, _)| prefixes.contains(prefix)).map(|(_, name)| name);
    let found = operations.iter().find(|operation| Some(operation.name) == name && method == "POST");
    found.ok_or_else(|| {
        Rejection::new("UnknownOperationException", format!("The emulator has no operation with the target {target:?}"))
    })
}

/// Returns the validated input.
///
/// # Errors
///
/// `SerializationException` for a body that is not a JSON object, `ValidationException` with every violated constraint.
pub(crate) fn input(members: &[Member], body: &[u8]) -> Result<Value, Rejection> {
    let parsed = rest::parse(body).map_err(|message| Rejection::new("SerializationException", message))?;
    rest::valid(members, parsed)
        .map_err(|violations| Rejection::new("ValidationException", validate::message(&violations)))
}

/// The response for an outcome.
pub(crate) fn reply(outcome: Outcome) -> Reply {
    let (status, body) = match outcome {
        Ok(body) => (200, body),
        Err(error) => (error.status, Some(json!({ "__type": error.name, "message": error.message }))),
    };
    Reply::json(status, CONTENT_TYPE, None, body)
}

//! Whether the sender of a request may do what it asks for.

use crate::protocol::caller::{Caller, Identity};
use crate::protocol::time::Time;
use crate::service::Failure;
use crate::state::State;

/// The operation that is allowed whatever policies say.
const ALWAYS_ALLOWED: &str = "sts:GetCallerIdentity";

/// Checks the credentials of a request, and what the role of a session may do. `operation` has its service.
///
/// # Errors
///
/// The credentials have expired or are nobody's, or the role may not do this.
pub(crate) fn check(state: &State, caller: &Caller, operation: &str) -> Result<(), Failure> {
    let session = match &caller.identity {
        Identity::User => return Ok(()),
        Identity::Unknown => return Err(Failure::UnknownCaller),
        Identity::Session(session) => session,
    };
    if state.sts.is_expired(session, Time::now()) {
        return Err(Failure::Expired);
    }
    let role = state.sts.role(&session.account, &session.role).ok_or(Failure::UnknownCaller)?;
    if role.allows(operation) || operation == ALWAYS_ALLOWED {
        return Ok(());
    }
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    let reason = format!("because no identity-based policy allows the {operation} action");
    let message = format!("User: {} is not authorized to perform: {operation} {reason}", caller.arn());
    Err(Failure::Denied(message))
}

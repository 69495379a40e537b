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
/// The credentials have expired or are not valid, or the role may not do this.
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::protocol::caller::Session;
    use crate::sts::state::Role;

    const RULES: &str = "config:DescribeConfigRules";

    fn caller(expires: Time) -> Caller {
        let [account, role, name] = ["222222222222", "reader", "nightly"].map(str::to_owned);
        let session = Session { account: account.clone(), role, name, expires };
        Caller { account, identity: Identity::Session(session) }
    }

    fn state(denied: &[&str]) -> State {
        let denied = denied.iter().map(|action| (*action).to_owned()).collect();
        let role = Role { external_id: None, trusted: None, denied, max_session_duration: 3600 };
        let mut state = State::new("000000000000", "us-east-1");
        let roles = &mut Arc::make_mut(&mut state.sts).roles;
        roles.entry("222222222222".to_owned()).or_default().insert("reader".to_owned(), role);
        state
    }

    #[test]
    fn a_session_may_do_what_its_role_may() {
        let caller = caller(Time::now().plus(60_000));
        assert_eq!(check(&state(&[]), &caller, RULES), Ok(()));
        for denied in [RULES, "config:*"] {
            let expected = "User: arn:aws:sts::222222222222:assumed-role/reader/nightly is not authorized to perform: \
                config:DescribeConfigRules because no identity-based policy allows the config:DescribeConfigRules action";
            assert_eq!(check(&state(&[denied]), &caller, RULES), Err(Failure::Denied(expected.to_owned())));
        }
        assert_eq!(check(&state(&["config:PutConfigRule", "events:*", "sts:*"]), &caller, RULES), Ok(()));
        assert_eq!(check(&state(&["sts:*"]), &caller, ALWAYS_ALLOWED), Ok(()));
    }

    #[test]
    fn credentials_must_be_valid() {
        let unknown = Caller { account: "222222222222".to_owned(), identity: Identity::Unknown };
        assert_eq!(check(&state(&[]), &unknown, ALWAYS_ALLOWED), Err(Failure::UnknownCaller));
        let session = caller(Time::now().plus(60_000));
        let without_role = State::new("000000000000", "us-east-1");
        assert_eq!(check(&without_role, &session, RULES), Err(Failure::UnknownCaller));
        assert_eq!(check(&state(&[]), &caller(Time::now()), ALWAYS_ALLOWED), Err(Failure::Expired));
        assert_eq!(check(&without_role, &Caller::home("000000000000"), RULES), Ok(()));
    }
}

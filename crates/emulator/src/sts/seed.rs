//! Roles, which no request creates.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::protocol::account;
use crate::sts::state::{Role, StsState};

/// The longest sessions that a role of IAM has unless it says more, in seconds.
const DEFAULT_MAX_SESSION_DURATION: u32 = 3600;

/// The longest sessions that a role can have, in seconds.
const MAX_SESSION_DURATION: u32 = 43_200;

/// A role of a seed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct SeedRole {
    external_id: Option<String>,
    trusted: Option<Vec<String>>,
    denied: Vec<String>,
    max_session_duration: Option<u32>,
}

/// Adds roles to an account, by path and name. `check_action` says why an action does not exist.
///
/// # Errors
///
/// A role cannot be used; the error is a message.
pub(crate) fn add(
    roles: BTreeMap<String, SeedRole>,
    state: &mut StsState,
    account: &str,
    check_action: impl Fn(&str) -> Result<(), String>,
) -> Result<(), String> {
    for (path, seed) in roles {
        let invalid = |message: String| format!("role \"{path}\": {message}");
        if !path.split('/').all(is_name) {
            return Err(invalid("a path and a name have only letters, digits and _+=,.@-".to_owned()));
        }
        for principal in seed.trusted.iter().flatten() {
            check_principal(principal).map_err(invalid)?;
        }
        for action in &seed.denied {
            check_action(action).map_err(invalid)?;
        }
        let max_session_duration = seed.max_session_duration.unwrap_or(DEFAULT_MAX_SESSION_DURATION);
        if !(DEFAULT_MAX_SESSION_DURATION..=MAX_SESSION_DURATION).contains(&max_session_duration) {
            return Err(invalid(format!(
                "{max_session_duration} is not a valid maxSessionDuration; use \
                 {DEFAULT_MAX_SESSION_DURATION} to {MAX_SESSION_DURATION} seconds"
            )));
        }
        let SeedRole { external_id, trusted, denied, .. } = seed;
        let role = Role { external_id, trusted, denied, max_session_duration };
        state.roles.entry(account.to_owned()).or_default().insert(path, role);
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c))
}

fn check_principal(principal: &str) -> Result<(), String> {
    let is_arn = ["iam", "sts"].iter().any(|service| {
        let rest = principal.strip_prefix(&format!("arn:aws:{service}::"));
        rest.and_then(|rest| rest.split_once(':')).is_some_and(|(account, _)| account::is_id(account))
    });
    if principal == "*" || account::is_id(principal) || is_arn {
        return Ok(());
    }
    Err(format!(
        "\"{principal}\" is not a principal; use an account ID, the ARN of a root, user, role or session, or *"
    ))
}

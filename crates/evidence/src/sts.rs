//! AWS STS: whose credentials these are, and the role in another account.

use aws_sdk_sts::Client as Sdk;
use aws_sdk_sts::config::Credentials;
use controlsync_core::change_result::Failure;

use crate::answer::required;
use crate::services::Client;

type Sts = Client<Sdk>;

/// Seconds for which credentials of a role are valid, the least that STS allows: an account is read in less.
const DURATION: i32 = 900;
/// Name of the session, which AWS CloudTrail shows in the account.
const SESSION: &str = "controlsync-evidence";

/// The role that reads accounts other than that of Audit Manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its name, after its path if it has one: the same in every account.
    pub name: String,
    /// What it requires of those who assume it, if anything.
    pub external_id: Option<String>,
}

impl Role {
    /// Whether a text is the name of a role, with or without its path
    /// (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>).
    pub fn is_name(text: &str) -> bool {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-/".contains(c);
        !text.is_empty() && text.chars().all(allowed)
    }
}

/// Returns the account of the credentials.
pub(crate) async fn account(client: &Sts) -> Result<String, Failure> {
    const OPERATION: &str = "GetCallerIdentity";
    let request = client.sdk.get_caller_identity();
    let answer = client.sender.read(OPERATION, || request.clone().send()).await?;
    required(OPERATION, "account", answer.account)
}

/// Assumes the role in an account.
pub(crate) async fn assume(client: &Sts, role: &Role, partition: &str, account: &str) -> Result<Credentials, Failure> {
    const OPERATION: &str = "AssumeRole";
    let name = role.name.trim_start_matches('/');
    let request = client
        .sdk
        .assume_role()
        .role_arn(format!("arn:{partition}:iam::{account}:role/{name}"))
        .role_session_name(SESSION)
        .duration_seconds(DURATION)
        .set_external_id(role.external_id.clone());
    let answer = client.sender.read(OPERATION, || request.clone().send()).await?;
    let given = required(OPERATION, "credentials", answer.credentials)?;
    let (key, secret, token) = (given.access_key_id, given.secret_access_key, given.session_token);
    let expires = std::time::SystemTime::try_from(given.expiration).ok();
    Ok(Credentials::new(key, secret, Some(token), expires, "AssumeRole"))
}

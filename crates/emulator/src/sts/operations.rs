//! The operations of STS.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::protocol::account;
use crate::protocol::caller::Session;
use crate::protocol::operation::{Context, Operation, Outcome, Work, copy, text};
use crate::protocol::query::Api;
use crate::protocol::reply::Rejection;
use crate::protocol::service_options::ServiceOptions;
use crate::sts::limits;
use crate::sts::state::{Role, StsState};

/// The form of requests and responses.
pub(crate) const API: Api = Api { version: "2011-06-15", namespace: "https://sts.amazonaws.com/doc/2011-06-15/" };

/// The operations served here.
pub(crate) static OPERATIONS: &[Operation<StsState, ServiceOptions>] = &[
    Operation { name: "AssumeRole", input: limits::ASSUME_ROLE, work: Work::Read(assume_role) },
    Operation { name: "GetCallerIdentity", input: limits::GET_CALLER_IDENTITY, work: Work::Read(caller_identity) },
];

/// The duration of a session that does not ask for one, and the longest of a session that another role asks for, in seconds.
const HOUR: u32 = 3600;

type Here<'a> = Context<'a, ServiceOptions>;

fn assume_role(state: &StsState, context: &Here, input: &Value) -> Outcome {
    let arn = text(input, "RoleArn");
    let (account, path) = role_of(arn).ok_or_else(|| Rejection::new("ValidationError", format!("{arn} is invalid")))?;
    let external_id = input["ExternalId"].as_str();
    let role = state.role(account, path).filter(|role| trusts(role, context, external_id));
    let Some(role) = role else { return Err(not_authorized(context, arn)) };
    let duration = duration_of(role, context, input)?;
    let session = Session {
        account: account.to_owned(),
        role: path.to_owned(),
        name: text(input, "RoleSessionName").to_owned(),
        expires: state.clock(context.now).plus(u64::from(duration) * 1000),
    };
    let secret = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    let mut answer = json!({
        "Credentials": {
            "AccessKeyId": session.access_key(),
            "SecretAccessKey": secret.get(..40),
            "SessionToken": session.token(),
            "Expiration": context.now.plus(u64::from(duration) * 1000).rfc3339_seconds(),
        },
        "AssumedRoleUser": { "AssumedRoleId": session.id(), "Arn": session.arn() },
    });
    copy(input, &mut answer, &["SourceIdentity"]);
    Ok(Some(answer))
}

/// The account, and the path and name, in the ARN of a role.
fn role_of(arn: &str) -> Option<(&str, &str)> {
    let (account, path) = arn.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
    (account::is_id(account) && !path.is_empty()).then_some((account, path))
}

/// Whether the trust policy of a role allows the caller.
fn trusts(role: &Role, context: &Here, external_id: Option<&str>) -> bool {
    let trusted = role.trusted.as_ref();
    trusted.is_none_or(|trusted| trusted.iter().any(|principal| context.caller.is_principal(principal)))
        && role.external_id.as_deref().is_none_or(|required| external_id == Some(required))
}

/// The error for a role that does not exist, or does not trust the caller: the service does not say which.
fn not_authorized(context: &Here, arn: &str) -> Rejection {
    let message =
        format!("User: {} is not authorized to perform: sts:AssumeRole on resource: {arn}", context.caller.arn());
    Rejection::with_status("AccessDenied", 403, message)
}

/// The seconds that a session lasts (<https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>).
fn duration_of(role: &Role, context: &Here, input: &Value) -> Result<u32, Rejection> {
    let asked = input["DurationSeconds"].as_u64().and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(HOUR);
    let reason = if asked > role.max_session_duration {
        "the MaxSessionDuration set for this role."
    } else if context.caller.session().is_some() && asked > HOUR {
        "the 1 hour session limit for roles assumed by role chaining."
    } else {
        return Ok(asked);
    };
    Err(Rejection::new("ValidationError", format!("The requested DurationSeconds exceeds {reason}")))
}

#[expect(clippy::unnecessary_wraps, reason = "all operations have this signature")]
fn caller_identity(_: &StsState, context: &Here, _: &Value) -> Outcome {
    let caller = context.caller;
    Ok(Some(json!({ "UserId": caller.id(), "Account": caller.account, "Arn": caller.arn() })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::caller::{Caller, Identity};
    use crate::protocol::time::Time;

    const NOW: Time = Time(1_763_689_356_007);
    const ARN: &str = "arn:aws:iam::222222222222:role/reader";

    fn state(role: Role) -> StsState {
        let mut state = StsState::default();
        state.roles.entry("222222222222".to_owned()).or_default().insert("reader".to_owned(), role);
        state
    }

    fn role() -> Role {
        Role { external_id: None, trusted: None, denied: Vec::new(), max_session_duration: HOUR }
    }

    fn assume(state: &StsState, caller: &Caller, input: &Value) -> Result<Value, Rejection> {
        let options = ServiceOptions::default();
        let context = Context {
            account: &caller.account,
            home: "000000000000",
            caller,
            region: "us-east-1",
            now: NOW,
            options: &options,
        };
        let mut sent = json!({ "RoleArn": ARN, "RoleSessionName": "nightly" });
        for (name, value) in input.as_object().unwrap() {
            sent[name] = value.clone();
        }
        assume_role(state, &context, &sent).map(Option::unwrap)
    }

    #[test]
    fn a_role_is_assumed_until_its_session_expires() {
        let mut state = state(role());
        let home = Caller::home("000000000000");
        let answer = assume(&state, &home, &json!({ "DurationSeconds": 900 })).unwrap();
        assert_eq!(answer["Credentials"]["Expiration"], "2025-11-21T01:57:36Z");
        assert_eq!(answer["Credentials"]["SecretAccessKey"].as_str().map(str::len), Some(40));
        assert_eq!(answer["AssumedRoleUser"]["Arn"], "arn:aws:sts::222222222222:assumed-role/reader/nightly");
        let signature = format!("Credential={}/x", text(&answer["Credentials"], "AccessKeyId"));
        let token = text(&answer["Credentials"], "SessionToken");
        let caller = Caller::of(Some(&signature), Some(token), "000000000000");
        let session = caller.session().unwrap();
        assert!(!state.is_expired(session, NOW) && state.is_expired(session, NOW.plus(900_000)));
        state.age(900_000);
        assert!(state.is_expired(session, NOW));
        // A session that starts later is as long.
        let answer = assume(&state, &home, &json!({})).unwrap();
        assert_eq!(answer["Credentials"]["Expiration"], "2025-11-21T02:42:36Z");
    }

    #[test]
    fn a_role_that_does_not_exist_and_one_that_does_not_trust_are_the_same() {
        let home = Caller::home("000000000000");
        let guarded = Role { external_id: Some("secret".to_owned()), ..role() };
        let of_others = Role { trusted: Some(vec!["arn:aws:iam::111111111111:root".to_owned()]), ..role() };
        for (state, input) in [
            (StsState::default(), json!({})),
            (state(guarded.clone()), json!({})),
            (state(guarded.clone()), json!({ "ExternalId": "other" })),
            (state(of_others), json!({})),
        ] {
            let error = assume(&state, &home, &input).unwrap_err();
            assert_eq!((error.name, error.status), ("AccessDenied", 403));
            assert_eq!(
                error.message,
                format!(
                    "User: arn:aws:iam::000000000000:user/emulator is not authorized to perform: sts:AssumeRole on resource: {ARN}"
                )
            );
        }
        assert!(assume(&state(guarded), &home, &json!({ "ExternalId": "secret" })).is_ok());
        assert!(assume(&state(role()), &home, &json!({ "ExternalId": "not asked for" })).is_ok());
    }

    #[test]
    fn what_is_not_the_arn_of_a_role_is_invalid() {
        let home = Caller::home("000000000000");
        for arn in [
            "arn:aws:iam::222222222222:user/reader",
            "arn:aws:iam::2222:role/reader",
            "arn:aws:iam::222222222222:role/",
        ] {
            let error = assume(&state(role()), &home, &json!({ "RoleArn": arn })).unwrap_err();
            assert_eq!((error.name, error.message), ("ValidationError", format!("{arn} is invalid")));
        }
    }

    #[test]
    fn sessions_are_as_long_as_the_role_and_the_caller_allow() {
        let home = Caller::home("000000000000");
        let long = json!({ "DurationSeconds": 3601 });
        let error = assume(&state(role()), &home, &long).unwrap_err();
        assert_eq!(error.message, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
        let lasting = state(Role { max_session_duration: 43_200, ..role() });
        assert!(assume(&lasting, &home, &json!({ "DurationSeconds": 43_200 })).is_ok());
        let [account, path, name] = ["222222222222", "reader", "nightly"].map(str::to_owned);
        let session = Session { account: account.clone(), role: path, name, expires: NOW.plus(1000) };
        let chained = Caller { account, identity: Identity::Session(session) };
        let error = assume(&lasting, &chained, &long).unwrap_err();
        assert_eq!(
            error.message,
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
        );
        assert!(assume(&lasting, &chained, &json!({})).is_ok());
    }
}

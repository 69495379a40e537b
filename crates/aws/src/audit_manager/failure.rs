//! Failed requests to Audit Manager, with help.

use aws_sdk_auditmanager::Error;
use aws_sdk_auditmanager::error::{ProvideErrorMetadata, SdkError};
use controlsync_core::change_result::{Failure, FailureKind, FieldFailure};
use controlsync_core::plan::Needs;

use crate::failure::{Class, classify, of_service};

/// Converts an error of the SDK for Audit Manager.
pub(crate) fn read<E>(operation: &'static str, error: SdkError<E>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    Error: From<SdkError<E>>,
{
    let failure = of_service(operation, &error);
    let help = || help(operation, failure.code.as_deref(), &failure.message, classify(&error)).map(str::to_owned);
    let help = failure.help.clone().or_else(help);
    Failure { fields: fields(error.into()), help, ..failure }
}

/// The failure of a round of reading that would read the same again.
pub(crate) fn learned_nothing(needs: &Needs) -> Failure {
    let objects = [&needs.controls, &needs.frameworks, &needs.fresh].into_iter().flatten().cloned();
    let objects: Vec<String> = objects.take(3).collect();
    let what = if objects.is_empty() { "a list".to_owned() } else { objects.join(", ") };
    let help = "Run the command again. If that does not help, please report it: it is an error in controlsync, or the service \
                answers inconsistently.";
    let message = format!("the account was read again without learning anything new about {what}");
    let kind = FailureKind::Internal;
    Failure { kind, help: Some(help.to_owned()), ..Failure::new("reading the account", message) }
}

fn fields(error: Error) -> Vec<FieldFailure> {
    let Error::ValidationException(exception) = error else { return Vec::new() };
    let field = |field: &aws_sdk_auditmanager::types::ValidationExceptionField| FieldFailure {
        name: field.name().to_owned(),
        message: field.message().to_owned(),
    };
    exception.fields().iter().map(field).collect()
}

/// The text that distinguishes an account without Audit Manager from a missing permission
/// (<https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-auditmanager>).
const NOT_SET_UP: &str = "complete AWS Audit Manager setup";

/// The text of the service when it accepts no new accounts
/// (<https://docs.aws.amazon.com/audit-manager/latest/userguide/audit-manager-availability-change.html>).
const MAINTENANCE: &str = "in maintenance mode";

const SET_UP_ELSEWHERE: &str = "Audit Manager is not set up in this account and Region: select the account with --profile and \
     the Region with --region. Since 2026-04-30, it cannot be set up in new accounts.";

/// Returns the failure for an account without Audit Manager.
pub(crate) fn not_set_up(status: &str, region: &str) -> Failure {
    let (message, help) = if status == "PENDING_ACTIVATION" {
        (format!("Audit Manager is being set up in {region}"), "Run the command again in a few minutes.")
    } else {
        (format!("the status of Audit Manager in {region} is {status}"), SET_UP_ELSEWHERE)
    };
    let transient = status == "PENDING_ACTIVATION";
    Failure { help: Some(help.to_owned()), transient, ..Failure::new("GetAccountStatus", message) }
}

/// Returns the failure for a run that was stopped while reading.
pub(crate) fn stopped() -> Failure {
    Failure::transient("GetControl", "the run was stopped before everything was read")
}

fn help(operation: &str, code: Option<&str>, message: &str, class: Class) -> Option<&'static str> {
    Some(match code {
        Some("AccessDeniedException") if message.contains(NOT_SET_UP) => SET_UP_ELSEWHERE,
        _ if message.contains(MAINTENANCE) => {
            "Audit Manager is in maintenance mode: it is available only in accounts and Regions that already use it. \
             Select the account with --profile and the Region with --region."
        }
        Some("AccessDeniedException") => {
            "The credentials lack a permission: allow the auditmanager action named above."
        }
        Some("ExpiredTokenException" | "ExpiredToken") => "The credentials have expired: sign in again.",
        Some("UnrecognizedClientException" | "InvalidSignatureException" | "InvalidClientTokenId") => {
            "The credentials are not valid in this Region: check the profile, and that the Region is enabled."
        }
        Some("ServiceQuotaExceededException") => "Delete objects that are no longer needed, then apply again.",
        Some("ResourceNotFoundException") => "An object was deleted from the account in the meantime: plan again.",
        _ if matches!(class, Class::NotSent | Class::NotConnected) => {
            "Check the network, the Region and --endpoint-url."
        }
        _ if class == Class::Refused => return None,
        _ if ["List", "Get"].iter().any(|verb| operation.starts_with(verb)) => "Run the command again.",
        _ => "Apply again: completed changes are not repeated.",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_of_the_account_have_a_kind() {
        assert_eq!(not_set_up("INACTIVE", "eu-west-1").kind, FailureKind::Service);
        assert_eq!(learned_nothing(&Needs::default()).kind, FailureKind::Internal);
    }

    #[test]
    fn an_account_without_audit_manager_has_help() {
        let denied = "Please complete AWS Audit Manager setup from home page to enable this action in this account.";
        let maintenance =
            "AWS Audit Manager is now in maintenance mode. As of April 30, 2026, you cannot enable Audit Manager";
        let help = |code, message| help("ListControls", Some(code), message, Class::Refused).unwrap_or_default();
        assert_eq!(help("AccessDeniedException", denied), SET_UP_ELSEWHERE);
        assert!(help("ValidationException", maintenance).contains("already use it"));
        assert!(help("AccessDeniedException", "not authorized").contains("permission"));
        assert!(not_set_up("PENDING_ACTIVATION", "eu-west-1").help.is_some_and(|help| help.contains("few minutes")));
        let inactive = not_set_up("INACTIVE", "eu-west-1");
        assert_eq!(
            (inactive.message.as_str(), inactive.help.as_deref()),
            ("the status of Audit Manager in eu-west-1 is INACTIVE", Some(SET_UP_ELSEWHERE))
        );
    }

    #[test]
    fn every_failure_has_help() {
        let help = |operation, code, class| help(operation, code, "no", class).unwrap_or_default();
        let refused = |code| help("UpdateControl", Some(code), Class::Refused);
        assert_eq!(refused("ExpiredTokenException"), "The credentials have expired: sign in again.");
        assert_eq!(
            refused("UnrecognizedClientException"),
            "The credentials are not valid in this Region: check the profile, and that the Region is enabled."
        );
        assert_eq!(
            refused("ServiceQuotaExceededException"),
            "Delete objects that are no longer needed, then apply again."
        );
        assert_eq!(
            refused("ResourceNotFoundException"),
            "An object was deleted from the account in the meantime: plan again."
        );
        assert_eq!(refused("ValidationException"), "", "the message of the service is enough");
        let unclear = |operation| help(operation, None, Class::Unclear);
        assert_eq!(unclear("GetControl"), "Run the command again.");
        assert_eq!(unclear("CreateControl"), "Apply again: completed changes are not repeated.");
        assert_eq!(help("GetControl", None, Class::NotSent), "Check the network, the Region and --endpoint-url.");
        let pending = not_set_up("PENDING_ACTIVATION", "eu-west-1");
        assert_eq!(pending.message, "Audit Manager is being set up in eu-west-1");
        assert_eq!(pending.help.as_deref(), Some("Run the command again in a few minutes."));
        assert!(pending.transient && stopped().transient);
        assert_eq!(stopped().message, "the run was stopped before everything was read");
    }
}

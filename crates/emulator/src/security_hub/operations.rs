//! The operations of Security Hub served here: their paths, and the form of errors.

use serde_json::{Value, json};

use crate::protocol::operation::{Operation, Outcome, Work};
use crate::protocol::reply::{Rejection, Reply};
use crate::protocol::rest::{self, Found, Invalid, Route};
use crate::protocol::service_options::ServiceOptions;
use crate::protocol::shape::Member;
use crate::protocol::validate;
use crate::security_hub::state::{SecurityHubState, invalid};
use crate::security_hub::{controls, finding_limits, finding_reads, hub, limits, policies, subscriptions};

/// An operation of Security Hub.
pub(crate) type HubOperation = Operation<SecurityHubState, ServiceOptions>;

/// The operations served here.
#[rustfmt::skip]
pub(crate) static ROUTES: &[Route<HubOperation>] = {
    const fn route(
        name: &'static str, method: &'static str, path: &'static str, input: &'static [Member],
        work: Work<SecurityHubState, ServiceOptions>,
    ) -> Route<HubOperation> {
        Route { operation: Operation { name, input, work }, method, path, input }
    }
    &[
        route("EnableSecurityHub", "POST", "/accounts", limits::ENABLE_SECURITY_HUB, Work::Write(hub::enable)),
        route("DisableSecurityHub", "DELETE", "/accounts", limits::DISABLE_SECURITY_HUB, Work::Write(hub::disable)),
        route("DescribeHub", "GET", "/accounts", limits::DESCRIBE_HUB, Work::Read(hub::describe)),
        route("UpdateSecurityHubConfiguration", "PATCH", "/accounts", limits::UPDATE_SECURITY_HUB_CONFIGURATION, Work::Write(hub::update)),
        route("GetAdministratorAccount", "GET", "/administrator", limits::GET_ADMINISTRATOR_ACCOUNT, Work::Read(hub::administrator)),
        route("DescribeStandards", "GET", "/standards", limits::DESCRIBE_STANDARDS, Work::Read(subscriptions::available)),
        route("GetEnabledStandards", "POST", "/standards/get", limits::GET_ENABLED_STANDARDS, Work::Read(subscriptions::enabled)),
        route("BatchEnableStandards", "POST", "/standards/register", limits::BATCH_ENABLE_STANDARDS, Work::Write(subscriptions::enable)),
        route("BatchDisableStandards", "POST", "/standards/deregister", limits::BATCH_DISABLE_STANDARDS, Work::Write(subscriptions::disable)),
        route("DescribeStandardsControls", "GET", "/standards/controls/{StandardsSubscriptionArn+}", limits::DESCRIBE_STANDARDS_CONTROLS, Work::Read(controls::in_standard)),
        route("UpdateStandardsControl", "PATCH", "/standards/control/{StandardsControlArn+}", limits::UPDATE_STANDARDS_CONTROL, Work::Write(controls::update_in_standard)),
        route("ListSecurityControlDefinitions", "GET", "/securityControls/definitions", limits::LIST_SECURITY_CONTROL_DEFINITIONS, Work::Read(controls::definitions)),
        route("BatchGetSecurityControls", "POST", "/securityControls/batchGet", limits::BATCH_GET_SECURITY_CONTROLS, Work::Read(controls::get)),
        route("ListStandardsControlAssociations", "GET", "/associations", limits::LIST_STANDARDS_CONTROL_ASSOCIATIONS, Work::Read(controls::associations)),
        route("BatchGetStandardsControlAssociations", "POST", "/associations/batchGet", limits::BATCH_GET_STANDARDS_CONTROL_ASSOCIATIONS, Work::Read(controls::get_associations)),
        route("BatchUpdateStandardsControlAssociations", "PATCH", "/associations", limits::BATCH_UPDATE_STANDARDS_CONTROL_ASSOCIATIONS, Work::Write(controls::update_associations)),
        route("GetFindings", "POST", "/findings", finding_limits::GET_FINDINGS, Work::ReadAll(finding_reads::get)),
        route("DescribeOrganizationConfiguration", "GET", "/organization/configuration", limits::DESCRIBE_ORGANIZATION_CONFIGURATION, Work::Read(policies::describe)),
        route("ListConfigurationPolicyAssociations", "POST", "/configurationPolicyAssociation/list", limits::LIST_CONFIGURATION_POLICY_ASSOCIATIONS, Work::Read(policies::associations)),
        route("GetConfigurationPolicy", "GET", "/configurationPolicy/get/{Identifier}", limits::GET_CONFIGURATION_POLICY, Work::Read(policies::get)),
    ]
};

/// Returns the route of a request.
///
/// # Errors
///
/// `UnknownOperationException`.
pub(crate) fn find<'a>(method: &str, path: &'a str) -> Result<Found<'a, HubOperation>, Rejection> {
    rest::find(ROUTES, method, path).map_err(|_| {
        Rejection::with_status("UnknownOperationException", 404, "The emulator has no operation with this path")
    })
}

/// Returns the validated input.
///
/// # Errors
///
/// `InvalidInputException` with every violated constraint.
pub(crate) fn input(found: &Found<HubOperation>, query: &str, body: &[u8]) -> Result<Value, Rejection> {
    found.input(query, body).map_err(|error| match error {
        Invalid::CannotParse(message) => invalid(message),
        Invalid::Fields(violations) => invalid(validate::message(&violations)),
    })
}

/// The response for an outcome.
pub(crate) fn reply(outcome: Outcome) -> Reply {
    let content_type = "application/json";
    match outcome {
        Ok(body) => Reply::json(200, content_type, None, body),
        Err(error) => {
            let body = Some(json!({ "Message": error.message, "Code": error.name }));
            Reply::json(error.status, content_type, Some(error.name), body)
        }
    }
}

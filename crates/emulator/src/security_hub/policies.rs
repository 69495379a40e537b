//! The operations of the delegated administrator on central configuration.

use serde_json::{Value, json};

use crate::protocol::operation::{Context, Outcome, text};
use crate::protocol::reply::Rejection;
use crate::protocol::service_options::ServiceOptions;
use crate::security_hub::organization::{self, CentralConfiguration, Organization, Policy, PolicyControls};
use crate::security_hub::state::{SecurityHubState, not_found};
use crate::security_hub::subscriptions;

type Here<'a> = Context<'a, ServiceOptions>;

pub(crate) fn describe(state: &SecurityHubState, context: &Here, _: &Value) -> Outcome {
    let organization = organization(state, context)?;
    let (kind, status) = match &organization.central {
        None => ("LOCAL", json!("ENABLED")),
        Some(central) => ("CENTRAL", json!(central.status)),
    };
    let mut configuration = json!({ "ConfigurationType": kind, "Status": status });
    if let Some(message) = organization.central.as_ref().and_then(|central| central.status_message.as_deref()) {
        configuration["StatusMessage"] = Value::from(message);
    }
    Ok(Some(json!({
        "AutoEnable": false,
        "MemberAccountLimitReached": false,
        "AutoEnableStandards": "NONE",
        "OrganizationConfiguration": configuration,
    })))
}

pub(crate) fn associations(state: &SecurityHubState, context: &Here, input: &Value) -> Outcome {
    let central = central(state, context)?;
    let filters = &input["Filters"];
    let views = central.associations.iter().map(|(target, association)| {
        let mut view = json!({
            "ConfigurationPolicyId": association.policy,
            "TargetId": target,
            "TargetType": organization::target_type(target),
            "AssociationType": association.kind,
            "UpdatedAt": association.updated.rfc3339(),
            "AssociationStatus": association.status,
        });
        if let Some(message) = &association.message {
            view["AssociationStatusMessage"] = Value::from(message.as_str());
        }
        (target.clone(), view)
    });
    let is_asked = |view: &Value| {
        ["ConfigurationPolicyId", "AssociationType", "AssociationStatus"]
            .iter()
            .all(|member| filters[*member].is_null() || filters[*member] == view[*member])
    };
    let views = views.filter(|(_, view)| is_asked(view));
    let list = format!("policyAssociations/{filters}");
    subscriptions::page(context, input, &list, "ConfigurationPolicyAssociationSummaries", views)
}

pub(crate) fn get(state: &SecurityHubState, context: &Here, input: &Value) -> Outcome {
    let central = central(state, context)?;
    let asked = text(input, "Identifier");
    let found = central.policies.iter().find(|(id, _)| *id == asked || arn(context, id) == asked);
    let (id, policy) = found.ok_or_else(|| not_found("The configuration policy does not exist"))?;
    let mut view = json!({
        "Arn": arn(context, id),
        "Id": id,
        "Name": policy.name,
        "CreatedAt": policy.updated.rfc3339(),
        "UpdatedAt": policy.updated.rfc3339(),
        "ConfigurationPolicy": { "SecurityHub": on_wire(context, policy) },
    });
    if let Some(description) = &policy.description {
        view["Description"] = Value::from(description.as_str());
    }
    Ok(Some(view))
}

fn arn(context: &Here, id: &str) -> String {
    context.arn("securityhub", &format!("configuration-policy/{id}"))
}

fn on_wire(context: &Here, policy: &Policy) -> Value {
    let mut view = json!({ "ServiceEnabled": policy.enabled });
    if !policy.enabled {
        return view;
    }
    view["EnabledStandardIdentifiers"] =
        policy.standards.iter().map(|standard| Value::from(standard.arn(context.region))).collect();
    let (member, ids) = match &policy.controls {
        PolicyControls::AllBut(off) => ("DisabledSecurityControlIdentifiers", off),
        PolicyControls::Only(on) => ("EnabledSecurityControlIdentifiers", on),
    };
    let mut controls = json!({ member: ids });
    if !policy.parameters.is_empty() {
        let parameters = policy.parameters.iter();
        controls["SecurityControlCustomParameters"] =
            parameters.map(|(id, values)| json!({ "SecurityControlId": id, "Parameters": values })).collect();
    }
    view["SecurityControlsConfiguration"] = controls;
    view
}

/// The organization that the account administers.
fn organization<'a>(state: &'a SecurityHubState, context: &Here) -> Result<&'a Organization, Rejection> {
    state.hub(context.account)?;
    state.organization.as_ref().ok_or_else(|| {
        let message = format!("Account {} is not an administrator for this organization", context.account);
        Rejection::with_status("InvalidAccessException", 401, message)
    })
}

/// The central configuration of the organization. The error without one is not documented.
fn central<'a>(state: &'a SecurityHubState, context: &Here) -> Result<&'a CentralConfiguration, Rejection> {
    organization(state, context)?.central.as_ref().ok_or_else(|| {
        let message = "Central configuration is not enabled for this organization";
        Rejection::with_status("AccessDeniedException", 403, message)
    })
}

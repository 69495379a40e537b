//! The hub, and the account that administers it.

use serde_json::{Value, json};

use crate::protocol::operation::{Context, Outcome};
use crate::protocol::reply::Rejection;
use crate::protocol::service_options::ServiceOptions;
use crate::security_hub::standards::Standard;
use crate::security_hub::state::{Hub, SecurityHubState, Subscription, not_found};

type Here<'a> = Context<'a, ServiceOptions>;

pub(crate) fn enable(state: &mut SecurityHubState, context: &Here, input: &Value) -> Outcome {
    if state.hub.is_some() {
        let message = "Account is already subscribed to Security Hub";
        return Err(Rejection::with_status("ResourceConflictException", 409, message));
    }
    let hub = state.hub.insert(Hub::new(context.now));
    if let Some(generator) = input["ControlFindingGenerator"].as_str() {
        generator.clone_into(&mut hub.control_finding_generator);
    }
    if input["EnableDefaultStandards"].as_bool().unwrap_or(true) {
        for standard in Standard::ALL.into_iter().filter(|standard| standard.is_default()) {
            state.subscriptions.insert(standard, Subscription::new(context.now));
        }
    }
    Ok(Some(json!({})))
}

pub(crate) fn disable(state: &mut SecurityHubState, context: &Here, _: &Value) -> Outcome {
    state.hub(context.account)?;
    state.disable();
    Ok(Some(json!({})))
}

fn arn(context: &Here) -> String {
    context.arn("securityhub", "hub/default")
}

pub(crate) fn describe(state: &SecurityHubState, context: &Here, input: &Value) -> Outcome {
    let hub = state.hub(context.account)?;
    if input["HubArn"].as_str().is_some_and(|asked| asked != arn(context)) {
        return Err(not_found("The hub does not exist"));
    }
    Ok(Some(json!({
        "HubArn": arn(context),
        "SubscribedAt": hub.subscribed.rfc3339(),
        "AutoEnableControls": hub.auto_enable_controls,
        "ControlFindingGenerator": hub.control_finding_generator,
    })))
}

pub(crate) fn update(state: &mut SecurityHubState, context: &Here, input: &Value) -> Outcome {
    state.hub(context.account)?;
    if let Some(hub) = &mut state.hub {
        if let Some(auto) = input["AutoEnableControls"].as_bool() {
            hub.auto_enable_controls = auto;
        }
        if let Some(generator) = input["ControlFindingGenerator"].as_str() {
            generator.clone_into(&mut hub.control_finding_generator);
        }
    }
    Ok(Some(json!({})))
}

pub(crate) fn administrator(state: &SecurityHubState, context: &Here, _: &Value) -> Outcome {
    let hub = state.hub(context.account)?;
    let mut answer = json!({});
    if let Some(account) = &state.administrator {
        answer["Administrator"] = json!({
            "AccountId": account,
            "InvitedAt": hub.subscribed.rfc3339(),
            "MemberStatus": "Enabled",
        });
    }
    Ok(Some(answer))
}

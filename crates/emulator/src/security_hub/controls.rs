//! Controls: in each standard, and consolidated.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::protocol::operation::{Context, Outcome, text, texts};
use crate::protocol::reply::Rejection;
use crate::protocol::service_options::ServiceOptions;
use crate::security_hub::standards::{self, Standard, StandardControl};
use crate::security_hub::state::{Disabled, SecurityHubState, Subscription, invalid, not_found};
use crate::security_hub::subscriptions;

/// Controls or associations in one request, as the documentation of the operations says.
const MAX_BATCH: usize = 100;

type Here<'a> = Context<'a, ServiceOptions>;

fn control_arn(context: &Here, control: &StandardControl) -> String {
    context.arn("securityhub", &format!("control/{}/{}", control.standard.path(), control.local))
}

fn security_control_arn(context: &Here, id: &str) -> String {
    context.arn("securityhub", &format!("security-control/{id}"))
}

fn title(id: &str) -> String {
    format!("Security Hub control {id}")
}

fn remediation_url(id: &str) -> String {
    format!("https://docs.aws.amazon.com/console/securityhub/{id}/remediation")
}

/// The requirements of a standard that a control is for, where its ID is one.
fn requirements(control: &StandardControl) -> Vec<String> {
    match control.standard {
        Standard::Cis => vec![format!("CIS AWS Foundations {}", control.local)],
        _ => Vec::new(),
    }
}

/// A key by which IDs with a number are in the order of the number.
fn key(id: &str) -> String {
    let (name, number) = id.rsplit_once('.').unwrap_or((id, ""));
    format!("{name}.{number:0>6}")
}

pub(crate) fn in_standard(state: &SecurityHubState, context: &Here, input: &Value) -> Outcome {
    state.hub(context.account)?;
    let asked = text(input, "StandardsSubscriptionArn");
    let (standard, subscription) = subscriptions::of_arn(state, context, asked)
        .ok_or_else(|| not_found("The standards subscription does not exist"))?;
    // Until then, the service has no controls to show.
    let is_ready = subscription.updatable == "READY_FOR_UPDATES";
    let mut controls: Vec<(String, Value)> = standard
        .controls()
        .filter(|_| is_ready)
        .map(|control| {
            let disabled = subscription.disabled.get(control.id);
            let at = disabled.map_or(subscription.enabled, |disabled| disabled.at);
            let mut view = json!({
                "StandardsControlArn": control_arn(context, &control),
                "ControlStatus": if disabled.is_some() { "DISABLED" } else { "ENABLED" },
                "ControlStatusUpdatedAt": at.rfc3339(),
                "ControlId": control.control_id(),
                "Title": title(control.id),
                "Description": title(control.id),
                "RemediationUrl": remediation_url(control.id),
                "SeverityRating": control.severity,
                "RelatedRequirements": requirements(&control),
            });
            if let Some(reason) = disabled.and_then(|disabled| disabled.reason.as_deref()) {
                view["DisabledReason"] = Value::from(reason);
            }
            (key(control.local), view)
        })
        .collect();
    controls.sort_by(|(one, _), (other, _)| one.cmp(other));
    subscriptions::page(context, input, asked, "Controls", controls.into_iter())
}

pub(crate) fn update_in_standard(state: &mut SecurityHubState, context: &Here, input: &Value) -> Outcome {
    state.hub(context.account)?;
    let asked = text(input, "StandardsControlArn");
    let control = standards::controls().find(|control| control_arn(context, control) == asked);
    let enabled = control.and_then(|control| Some((control, state.subscriptions.get_mut(&control.standard)?)));
    let (control, subscription) = enabled.ok_or_else(|| not_found("The control does not exist"))?;
    if let Some(status) = input["ControlStatus"].as_str() {
        set(subscription, context, control.id, status, input["DisabledReason"].as_str())?;
    }
    Ok(Some(json!({})))
}

/// Enables or disables a control in a standard.
fn set(
    subscription: &mut Subscription,
    context: &Here,
    id: &str,
    status: &str,
    reason: Option<&str>,
) -> Result<(), Rejection> {
    if status == "ENABLED" {
        subscription.disabled.remove(id);
        return Ok(());
    }
    let Some(reason) = reason else { return Err(invalid("A reason is required to disable a control")) };
    let disabled = Disabled { at: context.now, reason: Some(reason.to_owned()) };
    subscription.disabled.insert(id.to_owned(), disabled);
    Ok(())
}

/// The controls with their severities, by consolidated ID.
fn consolidated(standard: Option<Standard>) -> BTreeMap<&'static str, &'static str> {
    let controls = standards::controls().filter(|control| standard.is_none_or(|standard| standard == control.standard));
    controls.map(|control| (control.id, control.severity)).collect()
}

pub(crate) fn definitions(state: &SecurityHubState, context: &Here, input: &Value) -> Outcome {
    state.hub(context.account)?;
    let standard = match input["StandardsArn"].as_str() {
        None => None,
        Some(arn) => Some(Standard::of_arn(arn, context.region).ok_or_else(|| invalid("StandardsArn is not known"))?),
    };
    let mut definitions: Vec<(String, Value)> = consolidated(standard)
        .into_iter()
        .filter(|_| subscriptions::wants_aws(input))
        .map(|(id, severity)| {
            let view = json!({
                "SecurityControlId": id,
                "Title": title(id),
                "Description": title(id),
                "RemediationUrl": remediation_url(id),
                "SeverityRating": severity,
                "CurrentRegionAvailability": "AVAILABLE",
            });
            (key(id), view)
        })
        .collect();
    definitions.sort_by(|(one, _), (other, _)| one.cmp(other));
    let list = format!("definitions/{standard:?}");
    subscriptions::page(context, input, &list, "SecurityControlDefinitions", definitions.into_iter())
}

/// The association of a control with an enabled standard; `None` if there is none.
fn association(state: &SecurityHubState, context: &Here, standard: Standard, id: &str) -> Option<Value> {
    let subscription = state.subscriptions.get(&standard)?;
    let control = standard.controls().find(|control| control.id == id)?;
    let disabled = subscription.disabled.get(id);
    let mut view = json!({
        "StandardsArn": standard.arn(context.region),
        "SecurityControlId": id,
        "SecurityControlArn": security_control_arn(context, id),
        "AssociationStatus": if disabled.is_some() { "DISABLED" } else { "ENABLED" },
        "RelatedRequirements": requirements(&control),
        "UpdatedAt": disabled.map_or(subscription.enabled, |disabled| disabled.at).rfc3339(),
        "StandardsControlTitle": title(id),
        "StandardsControlDescription": title(id),
    });
    if let Some(reason) = disabled.and_then(|disabled| disabled.reason.as_deref()) {
        view["UpdatedReason"] = Value::from(reason);
    }
    Some(view)
}

/// The consolidated ID that is meant by an ID or an ARN.
fn id_of<'a>(context: &Here, asked: &'a str) -> &'a str {
    asked.strip_prefix(&security_control_arn(context, "")).unwrap_or(asked)
}

pub(crate) fn associations(state: &SecurityHubState, context: &Here, input: &Value) -> Outcome {
    state.hub(context.account)?;
    let id = id_of(context, text(input, "SecurityControlId"));
    if !standards::controls().any(|control| control.id == id) {
        return Err(invalid("SecurityControlId is not known"));
    }
    let associations = Standard::ALL.into_iter().filter_map(|standard| {
        association(state, context, standard, id).map(|view| (standard.path().to_owned(), view))
    });
    let list = format!("associations/{id}");
    subscriptions::page(context, input, &list, "StandardsControlAssociationSummaries", associations)
}

/// The items of a batch.
fn batch<'a>(input: &'a Value, member: &str) -> Result<&'a [Value], Rejection> {
    let items = input[member].as_array().map(Vec::as_slice).unwrap_or_default();
    if items.is_empty() || items.len() > MAX_BATCH {
        return Err(invalid(format!("{member} must have 1 to {MAX_BATCH} items")));
    }
    Ok(items)
}

fn standard_and_id<'a>(context: &Here, item: &'a Value) -> (Option<Standard>, &'a str) {
    (Standard::of_arn(text(item, "StandardsArn"), context.region), id_of(context, text(item, "SecurityControlId")))
}

pub(crate) fn get_associations(state: &SecurityHubState, context: &Here, input: &Value) -> Outcome {
    state.hub(context.account)?;
    let (mut found, mut unprocessed) = (Vec::new(), Vec::new());
    for item in batch(input, "StandardsControlAssociationIds")? {
        let (standard, id) = standard_and_id(context, item);
        match standard.and_then(|standard| Some((standard, association(state, context, standard, id)?))) {
            Some((standard, mut view)) => {
                let arns = standard.controls().filter(|control| control.id == id);
                view["StandardsControlArns"] = arns.map(|control| control_arn(context, &control)).collect();
                found.push(view);
            }
            None => unprocessed.push(json!({ "StandardsControlAssociationId": item, "ErrorCode": "NOT_FOUND" })),
        }
    }
    Ok(Some(json!({ "StandardsControlAssociationDetails": found, "UnprocessedAssociations": unprocessed })))
}

pub(crate) fn update_associations(state: &mut SecurityHubState, context: &Here, input: &Value) -> Outcome {
    state.hub(context.account)?;
    let mut unprocessed = Vec::new();
    for item in batch(input, "StandardsControlAssociationUpdates")? {
        let (standard, id) = standard_and_id(context, item);
        let in_standard = |standard: &Standard| standard.controls().any(|control| control.id == id);
        let subscription = standard.filter(in_standard).and_then(|standard| state.subscriptions.get_mut(&standard));
        let code = match subscription {
            None => Some("NOT_FOUND"),
            Some(subscription) => {
                let status = text(item, "AssociationStatus");
                set(subscription, context, id, status, item["UpdatedReason"].as_str()).err().map(|_| "INVALID_INPUT")
            }
        };
        if let Some(code) = code {
            unprocessed.push(json!({ "StandardsControlAssociationUpdate": item, "ErrorCode": code }));
        }
    }
    Ok(Some(json!({ "UnprocessedAssociationUpdates": unprocessed })))
}

pub(crate) fn get(state: &SecurityHubState, context: &Here, input: &Value) -> Outcome {
    state.hub(context.account)?;
    batch(input, "SecurityControlIds")?;
    let known = consolidated(None);
    let (mut found, mut unprocessed) = (Vec::new(), Vec::new());
    for asked in texts(input, "SecurityControlIds").unwrap_or_default() {
        let id = id_of(context, &asked);
        let Some(severity) = known.get(id) else {
            unprocessed.push(json!({ "SecurityControlId": asked, "ErrorCode": "NOT_FOUND" }));
            continue;
        };
        let is_enabled = state.subscriptions.iter().any(|(standard, subscription)| {
            !subscription.disabled.contains_key(id) && standard.controls().any(|control| control.id == id)
        });
        found.push(json!({
            "SecurityControlId": id,
            "SecurityControlArn": security_control_arn(context, id),
            "Title": title(id),
            "Description": title(id),
            "RemediationUrl": remediation_url(id),
            "SeverityRating": severity,
            "SecurityControlStatus": if is_enabled { "ENABLED" } else { "DISABLED" },
            "UpdateStatus": "READY",
            "Parameters": state.parameters.get(id).cloned().unwrap_or_else(|| json!({})),
        }));
    }
    Ok(Some(json!({ "SecurityControls": found, "UnprocessedIds": unprocessed })))
}

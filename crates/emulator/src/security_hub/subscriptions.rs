//! Standards, and which of them are enabled.

use serde_json::{Value, json};

use crate::protocol::operation::{Context, Outcome, text, texts};
use crate::protocol::pages;
use crate::protocol::reply::Rejection;
use crate::protocol::service_options::ServiceOptions;
use crate::security_hub::standards::Standard;
use crate::security_hub::state::{SecurityHubState, Subscription, invalid};

/// Items on a page if the request has no `MaxResults`.
const PAGE_SIZE: usize = 100;

type Here<'a> = Context<'a, ServiceOptions>;

/// The response of a list.
pub(crate) fn page(
    context: &Here,
    input: &Value,
    list: &str,
    member: &str,
    items: impl Iterator<Item = (String, Value)>,
) -> Outcome {
    page_from(context, input, list, member, |_| items)
}

/// The response of a list that can start anywhere.
pub(crate) fn page_from<I: Iterator<Item = (String, Value)>>(
    context: &Here,
    input: &Value,
    list: &str,
    member: &str,
    items: impl FnOnce(Option<&str>) -> I,
) -> Outcome {
    let size = input["MaxResults"].as_u64().and_then(|size| usize::try_from(size).ok()).unwrap_or(PAGE_SIZE);
    let page = pages::page_from(size, input["NextToken"].as_str(), list, items, context.options.pages)
        .map_err(|_| invalid("Invalid NextToken"))?;
    let mut answer = json!({ member: page.items });
    if let Some(next) = page.next {
        answer["NextToken"] = Value::from(next);
    }
    Ok(Some(answer))
}

/// Whether a request wants what AWS provides. There is nothing else here.
pub(crate) fn wants_aws(input: &Value) -> bool {
    texts(input, "Providers").is_none_or(|providers| providers.iter().any(|provider| provider == "AWS"))
}

pub(crate) fn available(state: &SecurityHubState, context: &Here, input: &Value) -> Outcome {
    state.hub(context.account)?;
    let standards = Standard::ALL.into_iter().filter(|_| wants_aws(input)).map(|standard| {
        let view = json!({
            "StandardsArn": standard.arn(context.region),
            "Name": standard.title(),
            "Description": standard.title(),
            "EnabledByDefault": standard.is_default(),
            "StandardsManagedBy": { "Company": "AWS", "Product": "Security Hub" },
        });
        (standard.path().to_owned(), view)
    });
    page(context, input, "standards", "Standards", standards)
}

/// The ARN of the subscription to a standard.
pub(crate) fn arn(context: &Here, standard: Standard) -> String {
    context.arn("securityhub", &format!("subscription/{}", standard.path()))
}

/// Returns the enabled standard with the ARN of a subscription.
pub(crate) fn of_arn<'a>(
    state: &'a SecurityHubState,
    context: &Here,
    asked: &str,
) -> Option<(Standard, &'a Subscription)> {
    let standard = Standard::ALL.into_iter().find(|standard| arn(context, *standard) == asked)?;
    state.subscriptions.get(&standard).map(|subscription| (standard, subscription))
}

fn on_wire(context: &Here, standard: Standard, subscription: &Subscription) -> Value {
    let mut view = json!({
        "StandardsSubscriptionArn": arn(context, standard),
        "StandardsArn": standard.arn(context.region),
        "StandardsInput": {},
        "StandardsStatus": subscription.status,
        "StandardsControlsUpdatable": subscription.updatable,
    });
    if let Some(reason) = &subscription.reason {
        view["StandardsStatusReason"] = json!({ "StatusReasonCode": reason });
    }
    view
}

pub(crate) fn enabled(state: &SecurityHubState, context: &Here, input: &Value) -> Outcome {
    state.hub(context.account)?;
    let asked = texts(input, "StandardsSubscriptionArns");
    let subscriptions = state
        .subscriptions
        .iter()
        .filter(|(standard, _)| asked.as_ref().is_none_or(|asked| asked.contains(&arn(context, **standard))))
        .filter(|_| wants_aws(input))
        .map(|(standard, subscription)| (standard.path().to_owned(), on_wire(context, *standard, subscription)));
    page(context, input, "subscriptions", "StandardsSubscriptions", subscriptions)
}

pub(crate) fn enable(state: &mut SecurityHubState, context: &Here, input: &Value) -> Outcome {
    state.hub(context.account)?;
    let mut standards = Vec::new();
    for request in input["StandardsSubscriptionRequests"].as_array().into_iter().flatten() {
        let arn = text(request, "StandardsArn");
        let known = Standard::of_arn(arn, context.region);
        standards.push(known.ok_or_else(|| invalid(format!("{arn} is not a standard of the emulator")))?);
    }
    let views = standards.into_iter().map(|standard| {
        let subscription = state.subscriptions.entry(standard).or_insert_with(|| Subscription::new(context.now));
        on_wire(context, standard, subscription)
    });
    Ok(Some(json!({ "StandardsSubscriptions": views.collect::<Vec<_>>() })))
}

pub(crate) fn disable(state: &mut SecurityHubState, context: &Here, input: &Value) -> Outcome {
    state.hub(context.account)?;
    let asked = texts(input, "StandardsSubscriptionArns").unwrap_or_default();
    let mut views = Vec::new();
    for asked in asked {
        let unknown = || invalid(format!("{asked} is not an enabled standard"));
        let (standard, _) = of_arn(state, context, &asked).ok_or_else(unknown)?;
        let mut subscription = state.subscriptions.remove(&standard).ok_or_else(unknown)?;
        "DELETING".clone_into(&mut subscription.status);
        views.push(on_wire(context, standard, &subscription));
    }
    Ok::<_, Rejection>(Some(json!({ "StandardsSubscriptions": views })))
}

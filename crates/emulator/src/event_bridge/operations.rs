//! The operations on rules.

use serde_json::{Value, json};

use crate::event_bridge::limits;
use crate::event_bridge::patterns;
use crate::event_bridge::state::EventBridgeState;
use crate::protocol::operation::{Context, Operation, Outcome, Work, copy, text};
use crate::protocol::pages;
use crate::protocol::reply::Rejection;
use crate::protocol::service_options::ServiceOptions;

/// Items on a page if the request has no `Limit`.
const PAGE_SIZE: usize = 100;

/// The operations served here.
pub(crate) static OPERATIONS: &[Operation<EventBridgeState, ServiceOptions>] = &[
    Operation { name: "DescribeRule", input: limits::DESCRIBE_RULE, work: Work::Read(describe) },
    Operation { name: "ListRules", input: limits::LIST_RULES, work: Work::Read(list) },
    Operation { name: "EnableRule", input: limits::ENABLE_RULE, work: Work::Write(enable) },
    Operation { name: "DisableRule", input: limits::DISABLE_RULE, work: Work::Write(disable) },
    Operation { name: "PutRule", input: limits::PUT_RULE, work: Work::Write(put) },
    Operation { name: "DeleteRule", input: limits::DELETE_RULE, work: Work::Write(delete) },
];

type Here<'a> = Context<'a, ServiceOptions>;

fn describe(state: &EventBridgeState, context: &Here, input: &Value) -> Outcome {
    check_bus(input)?;
    let rule = state.rules.get(text(input, "Name")).ok_or_else(|| unknown_rule(input))?;
    let mut view = on_wire(context, rule);
    view["CreatedBy"] = Value::from(context.account);
    Ok(Some(view))
}

fn list(state: &EventBridgeState, context: &Here, input: &Value) -> Outcome {
    check_bus(input)?;
    let prefix = text(input, "NamePrefix");
    let rules = state.rules.iter().filter(|(name, _)| name.starts_with(prefix));
    let rules = rules.map(|(name, rule)| (name.clone(), on_wire(context, rule)));
    let size = input["Limit"].as_u64().and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE_SIZE);
    let token = input["NextToken"].as_str();
    let page = pages::page(size, token, &format!("rules/{prefix}"), rules, context.options.pages)
        .map_err(|_| Rejection::new("ValidationException", "NextToken is not a token of this list."))?;
    let mut answer = json!({ "Rules": page.items });
    if let Some(next) = page.next {
        answer["NextToken"] = Value::from(next);
    }
    Ok(Some(answer))
}

fn enable(state: &mut EventBridgeState, _: &Here, input: &Value) -> Outcome {
    set_state(state, input, "ENABLED")
}

fn disable(state: &mut EventBridgeState, _: &Here, input: &Value) -> Outcome {
    set_state(state, input, "DISABLED")
}

fn set_state(state: &mut EventBridgeState, input: &Value, to: &str) -> Outcome {
    check_bus(input)?;
    let rule = state.rules.get_mut(text(input, "Name")).ok_or_else(|| unknown_rule(input))?;
    rule["State"] = Value::from(to);
    Ok(None)
}

pub(crate) fn put(state: &mut EventBridgeState, context: &Here, input: &Value) -> Outcome {
    check_bus(input)?;
    let name = text(input, "Name");
    if input["EventPattern"].is_null() && input["ScheduleExpression"].is_null() {
        let message = "Parameter(s) EventPattern or ScheduleExpression must be specified.";
        return Err(Rejection::new("ValidationException", message));
    }
    let pattern = input["EventPattern"].as_str().map(serde_json::from_str::<Value>);
    if pattern.is_some_and(|pattern| !pattern.is_ok_and(|pattern| pattern.is_object())) {
        return Err(Rejection::new(
            "InvalidEventPatternException",
            "Event pattern is not valid. Reason: not an object",
        ));
    }
    let mut rule = json!({ "Name": name, "State": "ENABLED", "EventBusName": "default" });
    copy(input, &mut rule, &["ScheduleExpression", "EventPattern", "State", "Description", "RoleArn"]);
    state.rules.insert(name.to_owned(), rule);
    Ok(Some(json!({ "RuleArn": context.arn("events", &format!("rule/{name}")) })))
}

fn delete(state: &mut EventBridgeState, _: &Here, input: &Value) -> Outcome {
    check_bus(input)?;
    state.rules.remove(text(input, "Name"));
    Ok(None)
}

fn on_wire(context: &Here, rule: &Value) -> Value {
    let mut view = rule.clone();
    view["Arn"] = Value::from(context.arn("events", &format!("rule/{}", text(rule, "Name"))));
    view
}

fn check_bus(input: &Value) -> Result<(), Rejection> {
    let bus = input["EventBusName"].as_str().unwrap_or("default");
    let name = patterns::name_in_arn(bus).unwrap_or(bus);
    if name == "default" {
        return Ok(());
    }
    Err(Rejection::new("ResourceNotFoundException", format!("Event bus {name} does not exist.")))
}

fn unknown_rule(input: &Value) -> Rejection {
    let name = text(input, "Name");
    Rejection::new("ResourceNotFoundException", format!("Rule {name} does not exist on EventBus default."))
}

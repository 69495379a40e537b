//! Which rules evaluate: periodic ones always, the others if what they evaluate is recorded.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::config::managed_rules;
use crate::config::recorders;
use crate::config::state::{ConfigState, EvaluationStatus};
use crate::protocol::operation::{text, texts};
use crate::protocol::time::Time;

/// Evaluates a rule, if it can be evaluated now.
pub(crate) fn run(state: &mut ConfigState, name: &str, now: Time) {
    if state.rules.get(name).is_some_and(|rule| can_run(state, &rule.wire)) {
        succeeded(state, name, now);
    }
}

/// Notes that a rule was evaluated.
pub(crate) fn succeeded(state: &mut ConfigState, name: &str, now: Time) {
    if let Some(rule) = state.rules.get_mut(name) {
        let status = &mut Arc::make_mut(rule).status;
        status.first_evaluation_started = true;
        status.last_successful_invocation = Some(now);
        status.last_successful_evaluation = Some(now);
        status.last_error_code = None;
        status.last_error_message = None;
    }
}

/// Evaluates every rule that can be evaluated now and has not been evaluated before.
pub(crate) fn run_waiting(state: &mut ConfigState, now: Time) {
    let waiting = |status: &EvaluationStatus| {
        status.last_successful_evaluation.is_none() && status.last_failed_evaluation.is_none()
    };
    let names: Vec<String> =
        state.rules.iter().filter(|(_, rule)| waiting(&rule.status)).map(|(name, _)| name.clone()).collect();
    for name in names {
        run(state, &name, now);
    }
}

fn can_run(state: &ConfigState, rule: &Value) -> bool {
    let modes = rule["EvaluationModes"].as_array();
    if modes.is_some_and(|modes| !modes.is_empty() && modes.iter().all(|mode| mode["Mode"] == "PROACTIVE")) {
        return false;
    }
    let source = &rule["Source"];
    let managed = match text(source, "Owner") {
        "AWS" => managed_rules::find(text(source, "SourceIdentifier")),
        _ => None,
    };
    if source["SourceIdentifier"] == managed_rules::PROCESS_CHECK {
        return false;
    }
    let details = source["SourceDetails"].as_array();
    let scheduled =
        |details: &Vec<Value>| details.iter().any(|detail| detail["MessageType"] == "ScheduledNotification");
    if managed.as_ref().map_or_else(|| details.is_some_and(scheduled), managed_rules::ManagedRule::is_periodic) {
        return true;
    }
    let scope = texts(&rule["Scope"], "ComplianceResourceTypes").filter(|types| !types.is_empty());
    let types = scope
        .unwrap_or_else(|| managed.iter().flat_map(managed_rules::ManagedRule::types).map(str::to_owned).collect());
    recorders::records_any(state, &types)
}

/// The status on the wire.
pub(crate) fn on_wire(rule: &Value, status: &EvaluationStatus) -> Value {
    let mut view = json!({
        "ConfigRuleName": rule["ConfigRuleName"],
        "ConfigRuleArn": rule["ConfigRuleArn"],
        "ConfigRuleId": rule["ConfigRuleId"],
        "FirstActivatedTime": status.first_activated.seconds(false),
        "FirstEvaluationStarted": status.first_evaluation_started,
    });
    for (member, time) in [
        ("LastSuccessfulInvocationTime", status.last_successful_invocation),
        ("LastFailedInvocationTime", status.last_failed_invocation),
        ("LastSuccessfulEvaluationTime", status.last_successful_evaluation),
        ("LastFailedEvaluationTime", status.last_failed_evaluation),
    ] {
        if let Some(time) = time {
            view[member] = time.seconds(false);
        }
    }
    for (member, text) in [("LastErrorCode", &status.last_error_code), ("LastErrorMessage", &status.last_error_message)]
    {
        if let Some(text) = text {
            view[member] = Value::from(text.as_str());
        }
    }
    view
}

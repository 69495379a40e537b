//! Rules of users.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::config::evaluation;
use crate::config::managed_rules;
use crate::config::recorders;
use crate::config::state::{ConfigState, EvaluationStatus, Rule};
use crate::protocol::operation::{Context, Outcome, text, texts};
use crate::protocol::pages::{self, Page};
use crate::protocol::reply::Rejection;
use crate::protocol::service_options::ServiceOptions;

/// Rules on a page of `DescribeConfigRules`.
const PAGE_SIZE: usize = 25;

/// Rules on a page of `DescribeConfigRuleEvaluationStatus` without a limit.
const STATUS_PAGE_SIZE: usize = 150;

/// Rules of an account in a Region (<https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html>).
const MAX_RULES: usize = 1000;

type Here<'a> = Context<'a, ServiceOptions>;

pub(crate) fn put(state: &mut ConfigState, context: &Here, input: &Value) -> Outcome {
    let sent = &input["ConfigRule"];
    if recorders::customer_managed(state).is_none() {
        let message = "Configuration Recorder is not available to put config rule.";
        return Err(Rejection::new("NoAvailableConfigurationRecorderException", message));
    }
    let identified = |rule: &&Arc<Rule>| {
        ["ConfigRuleName", "ConfigRuleArn", "ConfigRuleId"]
            .iter()
            .any(|member| sent[*member].is_string() && sent[*member] == rule.wire[*member])
    };
    let before = state.rules.values().find(identified).cloned();
    let name = match (&before, sent["ConfigRuleName"].as_str()) {
        (Some(before), _) => text(&before.wire, "ConfigRuleName").to_owned(),
        (None, Some(name)) => name.to_owned(),
        (None, None) => {
            return Err(invalid("One or more identifiers needs to be provided. Provide Name or Id or Arn"));
        }
    };
    if let Some(before) = &before {
        check_owner(&before.wire)?;
    } else if !sent["ConfigRuleArn"].is_null() || !sent["ConfigRuleId"].is_null() {
        return Err(invalid(format!(
            "ConfigRule Arn and Id cannot be specified when creating a new ConfigRule {name}."
        )));
    }
    if !sent["CreatedBy"].is_null() {
        return Err(invalid("The AWS account that created the rule cannot be specified: CreatedBy must be empty."));
    }
    if !matches!(sent["ConfigRuleState"].as_str(), None | Some("ACTIVE")) {
        return Err(invalid("The ConfigRuleState of a rule that is put must be ACTIVE."));
    }
    check(sent).map_err(invalid)?;
    if before.is_none() && state.rules.len() >= MAX_RULES {
        let message =
            format!("Failed to put config rule '{name}' because the maximum number of config rules is reached.");
        return Err(Rejection::new("MaxNumberOfConfigRulesExceededException", message));
    }
    let id = match &before {
        Some(before) => text(&before.wire, "ConfigRuleId").to_owned(),
        None => new_id(),
    };
    let arn = context.arn("config", &format!("config-rule/{id}"));
    let rule = complete(sent, &name, &arn, &id);
    let is_new = before.is_none();
    let status = before.map_or_else(
        || EvaluationStatus { first_activated: context.now, ..EvaluationStatus::default() },
        |before| before.status.clone(),
    );
    if is_new {
        state.results.remove(&name);
    }
    state.rules.insert(name.clone(), Arc::new(Rule { wire: rule, status, pack: None, controls: Vec::new() }));
    evaluation::run(state, &name, context.now);
    Ok(None)
}

/// A new `ConfigRuleId`.
pub(crate) fn new_id() -> String {
    let id = Uuid::new_v4().simple().to_string();
    format!("config-rule-{}", id.get(..6).unwrap_or_default())
}

/// A rule with what the service fills in.
pub(crate) fn complete(sent: &Value, name: &str, arn: &str, id: &str) -> Value {
    let mut rule = json!({ "ConfigRuleState": "ACTIVE", "EvaluationModes": [{ "Mode": "DETECTIVE" }] });
    if let (Value::Object(rule), Value::Object(sent)) = (&mut rule, sent) {
        rule.extend(sent.iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.clone(), value.clone())));
    }
    for (member, value) in [("ConfigRuleName", name), ("ConfigRuleArn", arn), ("ConfigRuleId", id)] {
        rule[member] = Value::from(value);
    }
    rule
}

/// Checks source and parameters of a rule; the error is a message.
pub(crate) fn check(rule: &Value) -> Result<(), String> {
    let source = &rule["Source"];
    let identifier = text(source, "SourceIdentifier");
    let has_details = source["SourceDetails"].as_array().is_some_and(|details| !details.is_empty());
    let parameters = parameters_of(rule)?;
    match text(source, "Owner") {
        "AWS" => {
            let Some(managed) = managed_rules::find(identifier) else {
                return Err(format!(
                    "The sourceIdentifier {identifier} is invalid. Please refer to the documentation for a list of valid \
                     sourceIdentifiers that can be used when AWS is the Owner."
                ));
            };
            if has_details {
                return Err("SourceDetails should be null/empty if the owner is AWS.".to_owned());
            }
            if let Some(unknown) = parameters.keys().find(|name| !managed.has_parameter(name)) {
                return Err(format!("Unknown parameters provided in the inputParameters: {unknown}."));
            }
            if let Some(missing) = managed.required().find(|name| !parameters.contains_key(*name)) {
                return Err(format!("The required parameter [{missing}] is not present in the inputParameters."));
            }
        }
        "CUSTOM_POLICY" if source["CustomPolicyDetails"].is_null() => {
            return Err("CustomPolicyDetails cannot be null when the owner is CUSTOM_POLICY.".to_owned());
        }
        "CUSTOM_LAMBDA" if !(identifier.starts_with("arn:") && identifier.contains(":lambda:")) => {
            return Err(format!("The source identifier {identifier} is not the ARN of a Lambda function."));
        }
        _ if !has_details => {
            return Err("SourceDetails should not be null/empty if the owner is not AWS.".to_owned());
        }
        _ => {}
    }
    Ok(())
}

/// The parameters in the JSON text of a rule.
fn parameters_of(rule: &Value) -> Result<BTreeMap<String, Value>, String> {
    let Some(text) = rule["InputParameters"].as_str() else { return Ok(BTreeMap::new()) };
    let parsed: Map<String, Value> =
        serde_json::from_str(text).map_err(|_| format!("Invalid json {text} passed in the inputParameters."))?;
    match parsed.iter().find(|(_, value)| !value.is_string()) {
        Some((name, _)) => Err(format!("The value of the parameter {name} in the inputParameters must be a string.")),
        None => Ok(parsed.into_iter().collect()),
    }
}

/// Checks that no service owns a rule.
pub(crate) fn check_owner(rule: &Value) -> Result<(), Rejection> {
    if rule["CreatedBy"].is_null() {
        return Ok(());
    }
    let message =
        "An AWS service owns ServiceLinkedConfigRule. You do not have permissions to take action on this rule.";
    Err(Rejection::new("AccessDeniedException", message))
}

pub(crate) fn describe(state: &ConfigState, context: &Here, input: &Value) -> Outcome {
    let filters = &input["Filters"];
    let has_mode = |rule: &Value| {
        let modes = rule["EvaluationModes"].as_array();
        filters["EvaluationMode"].as_str().is_none_or(|asked| {
            modes.map_or(asked == "DETECTIVE", |modes| modes.iter().any(|mode| mode["Mode"] == asked))
        })
    };
    let is_visible = |rule: &Value| {
        let visibility = rule["RuleEvaluationVisibility"].as_str().unwrap_or("EXTERNAL");
        filters["RuleEvaluationVisibility"].as_str().is_none_or(|asked| visibility == asked)
    };
    let rules = asked(state, input)?.into_iter();
    let rules = rules.filter(|(_, rule)| has_mode(&rule.wire) && is_visible(&rule.wire));
    let rules = rules.map(|(name, rule)| (name.clone(), rule.wire.clone()));
    let page = page(context, input, PAGE_SIZE, &format!("rules/{filters}"), rules)?;
    Ok(Some(answer("ConfigRules", page)))
}

pub(crate) fn status(state: &ConfigState, context: &Here, input: &Value) -> Outcome {
    let rules = asked(state, input)?.into_iter();
    let rules = rules.map(|(name, rule)| (name.clone(), evaluation::on_wire(&rule.wire, &rule.status)));
    let page = page(context, input, STATUS_PAGE_SIZE, "evaluations", rules)?;
    Ok(Some(answer("ConfigRulesEvaluationStatus", page)))
}

/// A page of rules or packs.
pub(crate) fn page(
    context: &Here,
    input: &Value,
    default: usize,
    list: &str,
    items: impl Iterator<Item = (String, Value)>,
) -> Result<Page, Rejection> {
    page_from(context, input, default, list, |_| items)
}

/// A page of a list that can start anywhere.
pub(crate) fn page_from<I: Iterator<Item = (String, Value)>>(
    context: &Here,
    input: &Value,
    default: usize,
    list: &str,
    items: impl FnOnce(Option<&str>) -> I,
) -> Result<Page, Rejection> {
    let limit = input["Limit"].as_u64().or(input["limit"].as_u64()).and_then(|limit| usize::try_from(limit).ok());
    let token = input["NextToken"].as_str().or(input["nextToken"].as_str());
    pages::page_from(limit.filter(|limit| *limit > 0).unwrap_or(default), token, list, items, context.options.pages)
        .map_err(|_| Rejection::new("InvalidNextTokenException", "The nextToken provided is invalid"))
}

/// The response with a page.
pub(crate) fn answer(member: &str, page: Page) -> Value {
    let mut answer = json!({ member: page.items });
    if let Some(next) = page.next {
        answer["NextToken"] = Value::from(next);
    }
    answer
}

/// The rules that a request asks for, in the order of their names.
pub(crate) fn asked<'a>(
    state: &'a ConfigState,
    input: &Value,
) -> Result<BTreeMap<&'a String, &'a Arc<Rule>>, Rejection> {
    match texts(input, "ConfigRuleNames").filter(|names| !names.is_empty()) {
        None => Ok(state.rules.iter().collect()),
        Some(names) => names.iter().map(|name| state.rules.get_key_value(name).ok_or_else(|| unknown(name))).collect(),
    }
}

pub(crate) fn evaluate(state: &mut ConfigState, context: &Here, input: &Value) -> Outcome {
    let Some(names) = texts(input, "ConfigRuleNames") else {
        return Err(invalid("Provide the names of the rules to evaluate."));
    };
    asked(state, input)?;
    for name in names {
        evaluation::run(state, &name, context.now);
    }
    Ok(Some(json!({})))
}

pub(crate) fn delete(state: &mut ConfigState, _: &Here, input: &Value) -> Outcome {
    let name = text(input, "ConfigRuleName");
    check_owner(&state.rules.get(name).ok_or_else(|| unknown(name))?.wire)?;
    state.rules.remove(name);
    state.results.remove(name);
    Ok(None)
}

pub(crate) fn unknown(name: &str) -> Rejection {
    let message =
        format!("The ConfigRule '{name}' provided in the request is invalid. Please check the configRule name");
    Rejection::new("NoSuchConfigRuleException", message)
}

pub(crate) fn invalid(message: impl Into<String>) -> Rejection {
    Rejection::new("InvalidParameterValueException", message)
}

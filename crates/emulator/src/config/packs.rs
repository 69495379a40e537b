//! Conformance packs and their rules.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::config::evaluation;
use crate::config::limits;
use crate::config::managed_rules;
use crate::config::recorders;
use crate::config::rules;
use crate::config::state::{ConfigState, EvaluationStatus, Pack, Rule};
use crate::config::template::{self, TemplateRule};
use crate::protocol::operation::{Context, Outcome, copy, text, texts};
use crate::protocol::reply::Rejection;
use crate::protocol::service_options::ServiceOptions;
use crate::protocol::validate;

/// Packs on a page without a limit.
const PAGE_SIZE: usize = 20;

/// Packs of an account in a Region (<https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html>).
const MAX_PACKS: usize = 50;

/// The service that creates the rules of packs.
const CREATOR: &str = "config-conforms.amazonaws.com";

type Here<'a> = Context<'a, ServiceOptions>;

pub(crate) fn put(state: &mut ConfigState, context: &Here, input: &Value) -> Outcome {
    let name = text(input, "ConformancePackName");
    let Some(body) = input["TemplateBody"].as_str() else {
        return Err(Rejection::new(
            "InvalidParameterValueException",
            "The emulator reads templates from TemplateBody only.",
        ));
    };
    let before = state.packs.get(name);
    if before.is_none() && state.packs.len() >= MAX_PACKS {
        let message = "The maximum number of conformance packs in the account is reached.";
        return Err(Rejection::new("MaxNumberOfConformancePacksExceededException", message));
    }
    let given = &input["ConformancePackInputParameters"];
    let parameters: BTreeMap<String, String> = given
        .as_array()
        .into_iter()
        .flatten()
        .map(|given| (text(given, "ParameterName").to_owned(), text(given, "ParameterValue").to_owned()))
        .collect();
    let invalid = |message: String| Rejection::new("ConformancePackTemplateValidationException", message);
    let sent = template::rules(body, &parameters, context.account, context.region).map_err(invalid)?;
    for rule in &sent {
        check(rule).map_err(|message| invalid(format!("Resource {}: {message}", rule.id)))?;
    }
    let is_new = before.is_none();
    let mut detail = before.map_or_else(|| new_detail(context, name), |pack| pack.detail.clone());
    copy(input, &mut detail, &["DeliveryS3Bucket", "DeliveryS3KeyPrefix", "ConformancePackInputParameters"]);
    let arn = detail["ConformancePackArn"].clone();
    let mut pack = Pack { detail, state: String::new(), reason: None, updated: context.now };
    let verb = if is_new { "CREATE" } else { "UPDATE" };
    if recorders::customer_managed(state).is_none() {
        pack.state = format!("{verb}_FAILED");
        pack.reason = Some("Configuration Recorder is not available to put config rule.".to_owned());
    } else {
        pack.state = format!("{verb}_COMPLETE");
        replace_rules(state, context, name, sent);
    }
    state.packs.insert(name.to_owned(), pack);
    Ok(Some(json!({ "ConformancePackArn": arn })))
}

/// Checks a rule against the model and the table of managed rules; the error is a message.
fn check(rule: &TemplateRule) -> Result<(), String> {
    let mut sent = rule.properties.clone();
    sent["ConfigRuleName"] = Value::from(name_of(text(&rule.properties, "ConfigRuleName"), "123456789"));
    let violations = validate::violations(limits::PUT_CONFIG_RULE, &json!({ "ConfigRule": sent }));
    if !violations.is_empty() {
        return Err(validate::message(&violations));
    }
    let source = &rule.properties["Source"];
    if source["Owner"] == "AWS" && source["SourceIdentifier"] == managed_rules::PROCESS_CHECK {
        return Ok(());
    }
    rules::check(&rule.properties)
}

/// The name of a rule of a pack.
fn name_of(rule: &str, suffix: &str) -> String {
    format!("{rule}-conformance-pack-{suffix}")
}

fn new_detail(context: &Here, name: &str) -> Value {
    let id = format!("conformance-pack-{}", short_id(9));
    json!({
        "ConformancePackName": name,
        "ConformancePackArn": context.arn("config", &format!("conformance-pack/{name}/{id}")),
        "ConformancePackId": id,
        "ConformancePackInputParameters": [],
        "Type": "CUSTOM",
    })
}

fn short_id(length: usize) -> String {
    Uuid::new_v4().simple().to_string().chars().take(length).collect()
}

/// Gives a pack the rules of its template. A rule that it has already keeps its name and its evaluations.
fn replace_rules(state: &mut ConfigState, context: &Here, pack: &str, sent: Vec<TemplateRule>) {
    let old: Vec<Arc<Rule>> =
        state.rules.values().filter(|rule| rule.pack.as_deref() == Some(pack)).map(Arc::clone).collect();
    remove_rules(state, pack);
    for TemplateRule { properties, controls, .. } in sent {
        let stem = name_of(text(&properties, "ConfigRuleName"), "");
        let same = |rule: &&Arc<Rule>| {
            text(&rule.wire, "ConfigRuleName").strip_prefix(&stem).is_some_and(|suffix| !suffix.contains('-'))
        };
        let (name, id, status) = if let Some(old) = old.iter().find(same) {
            let member = |name| text(&old.wire, name).to_owned();
            (member("ConfigRuleName"), member("ConfigRuleId"), old.status.clone())
        } else {
            let status = EvaluationStatus { first_activated: context.now, ..EvaluationStatus::default() };
            (format!("{stem}{}", short_id(9)), rules::new_id(), status)
        };
        let arn = context.arn("config", &format!("config-rule/aws-service-rule/{CREATOR}/{id}"));
        let mut rule = rules::complete(&properties, &name, &arn, &id);
        rule["CreatedBy"] = Value::from(CREATOR);
        let pack = Some(pack.to_owned());
        state.rules.insert(name.clone(), Arc::new(Rule { wire: rule, status, pack, controls }));
        evaluation::run(state, &name, context.now);
    }
}

/// Removes the rules of a pack. Their results stay, so that aggregators still have them, as they do for a while in AWS.
fn remove_rules(state: &mut ConfigState, pack: &str) {
    state.rules.retain(|_, rule| rule.pack.as_deref() != Some(pack));
}

pub(crate) fn describe(state: &ConfigState, context: &Here, input: &Value) -> Outcome {
    for name in texts(input, "ConformancePackNames").unwrap_or_default() {
        if !state.packs.contains_key(&name) {
            return Err(unknown(&name));
        }
    }
    let packs = asked(state, input).map(|(name, pack)| {
        let mut view = pack.detail.clone();
        view["LastUpdateRequestedTime"] = pack.updated.seconds(false);
        (name.clone(), view)
    });
    let page = rules::page(context, input, PAGE_SIZE, "packs", packs)?;
    Ok(Some(rules::answer("ConformancePackDetails", page)))
}

pub(crate) fn status(state: &ConfigState, context: &Here, input: &Value) -> Outcome {
    let packs = asked(state, input).map(|(name, pack)| {
        let mut view = json!({
            "ConformancePackState": pack.state,
            "StackArn": context.arn("cloudformation", &format!("stack/awsconfigconforms-{name}")),
            "LastUpdateRequestedTime": pack.updated.seconds(false),
            "LastUpdateCompletedTime": pack.updated.seconds(false),
        });
        let members = ["ConformancePackName", "ConformancePackArn", "ConformancePackId", "Type"];
        copy(&pack.detail, &mut view, &members);
        if let Some(reason) = &pack.reason {
            view["ConformancePackStatusReason"] = Value::from(reason.as_str());
        }
        (name.clone(), view)
    });
    let page = rules::page(context, input, PAGE_SIZE, "pack status", packs)?;
    Ok(Some(rules::answer("ConformancePackStatusDetails", page)))
}

/// The packs that a request asks for. All are custom packs.
fn asked<'a>(state: &'a ConfigState, input: &Value) -> impl Iterator<Item = (&'a String, &'a Pack)> {
    let names = texts(input, "ConformancePackNames").filter(|names| !names.is_empty());
    let types = texts(&input["Filters"], "Types");
    state.packs.iter().filter(move |(name, _)| {
        names.as_ref().is_none_or(|names| names.contains(name))
            && types.as_ref().is_none_or(|types| types.iter().any(|kind| kind == "CUSTOM"))
    })
}

pub(crate) fn delete(state: &mut ConfigState, _: &Here, input: &Value) -> Outcome {
    let name = text(input, "ConformancePackName");
    state.packs.remove(name).ok_or_else(|| unknown(name))?;
    remove_rules(state, name);
    Ok(None)
}

pub(crate) fn unknown(name: &str) -> Rejection {
    let message = format!("The conformance pack '{name}' does not exist.");
    Rejection::new("NoSuchConformancePackException", message)
}

//! What requests cannot create: service-linked recorders and rules, evaluations of the past, counts of resources.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use crate::config::evaluation;
use crate::config::generated::Generated;
use crate::config::recorders;
use crate::config::result_seed::SeedResults;
use crate::config::rules;
use crate::config::state::{ConfigState, EvaluationStatus, Recorder, Rule};
use crate::protocol::operation::Context;
use crate::protocol::service_options::ServiceOptions;
use crate::protocol::time::Time;

/// The part of a seed for AWS Config.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct ConfigSeed {
    recorders: Vec<Value>,
    delivery_channels: Vec<Value>,
    rules: Vec<Value>,
    resource_counts: BTreeMap<String, u64>,
    results: BTreeMap<String, SeedResults>,
    generated: Option<Generated>,
}

/// `evaluationStatus` of a rule: members of `ConfigRuleEvaluationStatus` of the model, with times that a seed can have.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SeedStatus {
    first_activated_time: Option<Value>,
    last_successful_invocation_time: Option<Value>,
    last_failed_invocation_time: Option<Value>,
    last_successful_evaluation_time: Option<Value>,
    last_failed_evaluation_time: Option<Value>,
    last_error_code: Option<String>,
    last_error_message: Option<String>,
    first_evaluation_started: Option<bool>,
}

impl ConfigSeed {
    /// Adds everything to a state.
    ///
    /// # Errors
    ///
    /// A part cannot be used; the error is a message.
    pub(crate) fn add_to(self, state: &mut ConfigState, context: &Context<ServiceOptions>) -> Result<(), String> {
        for sent in self.recorders {
            add_recorder(state, context, &sent)?;
        }
        for mut channel in self.delivery_channels {
            let name = channel["name"].as_str().unwrap_or("default").to_owned();
            if !channel.is_object() {
                return Err("a delivery channel must be an object".to_owned());
            }
            channel["name"] = Value::from(name.as_str());
            state.channels.insert(name, channel);
        }
        state.resource_counts.extend(self.resource_counts);
        for rule in self.rules {
            add_rule(state, context, rule)?;
        }
        for (rule, results) in self.results {
            results.add_to(state, &rule, context.now).map_err(|message| format!("results of \"{rule}\": {message}"))?;
        }
        if let Some(generated) = self.generated {
            state.generated = Some(generated.of_seed(context.now)?);
        }
        Ok(())
    }
}

fn add_recorder(state: &mut ConfigState, context: &Context<ServiceOptions>, sent: &Value) -> Result<(), String> {
    let name = sent["name"].as_str().unwrap_or("default");
    let group = recorders::complete_group(&sent["recordingGroup"])
        .map_err(|error| format!("recorder \"{name}\": {}", error.message))?;
    let recording = sent["recording"].as_bool().unwrap_or(true);
    let changed = recording.then_some(context.now);
    let recorder = Recorder {
        wire: recorders::complete(context, name, sent, &group),
        recording,
        started: changed,
        stopped: None,
        last_status: Some(
            sent["lastStatus"].as_str().unwrap_or(if recording { "Success" } else { "Pending" }).to_owned(),
        ),
        changed,
    };
    state.recorders.insert(name.to_owned(), recorder);
    Ok(())
}

fn add_rule(state: &mut ConfigState, context: &Context<ServiceOptions>, mut sent: Value) -> Result<(), String> {
    let Some(members) = sent.as_object_mut() else { return Err("a rule must be an object".to_owned()) };
    let status = members.remove("evaluationStatus");
    let Some(name) = members.get("ConfigRuleName").and_then(Value::as_str).map(str::to_owned) else {
        return Err("a rule needs a ConfigRuleName".to_owned());
    };
    let member = |name: &str| members.get(name).and_then(Value::as_str);
    let id = member("ConfigRuleId").map_or_else(rules::new_id, str::to_owned);
    let folder = member("CreatedBy").map_or_else(String::new, |creator| format!("aws-service-rule/{creator}/"));
    let arn = context.arn("config", &format!("config-rule/{folder}{id}"));
    let arn = member("ConfigRuleArn").map_or(arn, str::to_owned);
    if !sent["Source"]["Owner"].is_string() {
        return Err(format!("rule \"{name}\" needs a Source with an Owner"));
    }
    let rule = rules::complete(&sent, &name, &arn, &id);
    let given = status.is_some();
    let status = match status {
        Some(status) => status_of(status, context.now).map_err(|error| format!("rule \"{name}\": {error}"))?,
        None => EvaluationStatus { first_activated: context.now, ..EvaluationStatus::default() },
    };
    state.rules.insert(name.clone(), Arc::new(Rule { wire: rule, status, pack: None, controls: Vec::new() }));
    if !given {
        evaluation::run(state, &name, context.now);
    }
    Ok(())
}

fn status_of(sent: Value, now: Time) -> Result<EvaluationStatus, String> {
    let sent: SeedStatus = serde_json::from_value(sent).map_err(|error| error.to_string())?;
    let time = |value: Option<Value>| match value {
        None => Ok(None),
        Some(value) => Time::parse(&value).map(Some).ok_or_else(|| format!("{value} is not a time")),
    };
    let last_successful_evaluation = time(sent.last_successful_evaluation_time)?;
    let last_failed_evaluation = time(sent.last_failed_evaluation_time)?;
    let evaluated = last_successful_evaluation.is_some() || last_failed_evaluation.is_some();
    Ok(EvaluationStatus {
        first_activated: time(sent.first_activated_time)?.unwrap_or(now),
        last_successful_invocation: time(sent.last_successful_invocation_time)?,
        last_failed_invocation: time(sent.last_failed_invocation_time)?,
        last_successful_evaluation,
        last_failed_evaluation,
        last_error_code: sent.last_error_code,
        last_error_message: sent.last_error_message,
        first_evaluation_started: sent.first_evaluation_started.unwrap_or(evaluated),
    })
}

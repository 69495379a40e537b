//! AWS Config: recorders, rules, how they were evaluated, and numbers of resources.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_config::Client as Sdk;
use aws_sdk_config::types::{
    ConfigRule as SdkRule, ConfigRuleState, ConfigurationRecorder, ConfigurationRecorderStatus, EvaluationMode,
    MessageType, Owner, RecorderStatus, RecordingStrategyType,
};
use controlsync_aws::all_pages;
use controlsync_core::change_result::Failure;
use controlsync_core::evidence::facts::{ConfigRule, Evaluation, Recorder, Strategy};
use controlsync_core::keywords::Trigger;

use crate::answer::required;
use crate::services::Client;

type Config = Client<Sdk>;

/// Names of rules in a request
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeConfigRuleEvaluationStatus.html>).
const NAMES: usize = 25;
/// Resource types in a request
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_GetDiscoveredResourceCounts.html>).
const TYPES: usize = 20;

/// Returns the configuration recorders with their status.
pub(crate) async fn recorders(client: &Config) -> Result<Vec<Recorder>, Failure> {
    const RECORDERS: &str = "DescribeConfigurationRecorders";
    const STATUS: &str = "DescribeConfigurationRecorderStatus";
    let request = client.sdk.describe_configuration_recorders();
    let answer = client.sender.read(RECORDERS, || request.clone().send()).await?;
    let recorders = required(RECORDERS, "recorders", answer.configuration_recorders)?;
    if recorders.is_empty() {
        return Ok(Vec::new());
    }
    let request = client.sdk.describe_configuration_recorder_status();
    let answer = client.sender.read(STATUS, || request.clone().send()).await?;
    let statuses = required(STATUS, "status", answer.configuration_recorders_status)?;
    recorders
        .into_iter()
        .map(|recorder| {
            let status = statuses.iter().find(|status| status.name == recorder.name);
            Ok(converted(recorder, required(STATUS, "status of a recorder", status)?))
        })
        .collect()
}

fn converted(recorder: ConfigurationRecorder, status: &ConfigurationRecorderStatus) -> Recorder {
    let failed = status.last_status == Some(RecorderStatus::Failure);
    let why = status.last_error_message.clone().or_else(|| status.last_error_code.clone());
    let mut converted = Recorder {
        name: recorder.name.unwrap_or_default(),
        service_principal: recorder.service_principal,
        recording: status.recording,
        failure: failed.then(|| why.unwrap_or_else(|| "AWS Config does not say why".to_owned())),
        // A recorder without a group records all supported types.
        strategy: Strategy::All,
        includes_global_types: false,
        resource_types: Vec::new(),
    };
    let Some(group) = recorder.recording_group else { return converted };
    let named = |types: Vec<aws_sdk_config::types::ResourceType>| {
        types.iter().map(|of| of.as_str().to_owned()).collect::<Vec<_>>()
    };
    let strategy = group.recording_strategy.and_then(|strategy| strategy.use_only);
    converted.includes_global_types = group.include_global_resource_types;
    converted.strategy = match strategy {
        Some(RecordingStrategyType::AllSupportedResourceTypes) => Strategy::All,
        Some(RecordingStrategyType::ExclusionByResourceTypes) => Strategy::Exclusion,
        Some(RecordingStrategyType::InclusionByResourceTypes) => Strategy::Inclusion,
        // Recorders that are older than strategies.
        _ if group.all_supported => Strategy::All,
        _ => Strategy::Inclusion,
    };
    converted.resource_types = match converted.strategy {
        Strategy::All => Vec::new(),
        Strategy::Inclusion => named(group.resource_types.unwrap_or_default()),
        Strategy::Exclusion => {
            named(group.exclusion_by_resource_types.and_then(|excluded| excluded.resource_types).unwrap_or_default())
        }
    };
    converted
}

/// Returns all rules: AWS Config cannot list those with an identifier alone.
pub(crate) async fn rules(client: &Config) -> Result<Vec<ConfigRule>, Failure> {
    const OPERATION: &str = "DescribeConfigRules";
    let page = |token| {
        let request = client.sdk.describe_config_rules().set_next_token(token);
        async move {
            let answer = client.sender.read(OPERATION, || request.clone().send()).await?;
            Ok((required(OPERATION, "rules", answer.config_rules)?, answer.next_token))
        }
    };
    let all = all_pages(OPERATION, |rule| rule.config_rule_name.clone().unwrap_or_default(), page).await?;
    all.into_iter().map(|rule| rule_of(OPERATION, rule)).collect()
}

fn rule_of(operation: &'static str, rule: SdkRule) -> Result<ConfigRule, Failure> {
    let name = required(operation, "name of a rule", rule.config_rule_name)?;
    let source = required(operation, "source of a rule", rule.source)?;
    let managed = source.owner == Owner::Aws;
    let identifier = managed.then(|| required(operation, "identifier of a rule", source.source_identifier));
    let messages: Vec<MessageType> =
        source.source_details.unwrap_or_default().into_iter().filter_map(|detail| detail.message_type).collect();
    let periodic = messages.contains(&MessageType::ScheduledNotification);
    let on_changes = messages.iter().any(|of| *of != MessageType::ScheduledNotification);
    let scope = rule.scope;
    let modes = rule.evaluation_modes.unwrap_or_default();
    Ok(ConfigRule {
        name,
        arn: rule.config_rule_arn.unwrap_or_default(),
        identifier: identifier.transpose()?,
        parameters: parameters(operation, rule.input_parameters.as_deref())?,
        scope_limit: scope.as_ref().and_then(|scope| {
            let resource = scope.compliance_resource_id.as_ref().map(|id| format!("the resource {id}"));
            let tag = scope.tag_key.as_ref().map(|key| match &scope.tag_value {
                Some(value) => format!("resources with the tag {key}={value}"),
                None => format!("resources with the tag {key}"),
            });
            resource.or(tag)
        }),
        scope_types: scope.and_then(|scope| scope.compliance_resource_types).unwrap_or_default(),
        deleting: matches!(rule.config_rule_state, Some(ConfigRuleState::Deleting | ConfigRuleState::DeletingResults)),
        detective: modes.is_empty() || modes.iter().any(|mode| mode.mode == Some(EvaluationMode::Detective)),
        trigger: match (on_changes, periodic) {
            (true, true) => Some(Trigger::Both),
            (true, false) => Some(Trigger::Changes),
            (false, true) => Some(Trigger::Periodic),
            (false, false) => None,
        },
    })
}

/// Reads the parameters of a rule: a JSON object with strings. Clients may have sent numbers, which AWS Config keeps.
fn parameters(operation: &'static str, text: Option<&str>) -> Result<BTreeMap<String, String>, Failure> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(BTreeMap::new()) };
    let all: BTreeMap<String, serde_json::Value> = serde_json::from_str(text)
        .map_err(|error| Failure::new(operation, format!("the parameters of a rule are not a JSON object: {error}")))?;
    let value = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Null => None,
        other => Some(other.to_string()),
    };
    Ok(all.into_iter().filter_map(|(name, of)| Some((name, value(of)?))).collect())
}

/// Returns how rules were evaluated.
pub(crate) async fn evaluations(
    client: &Config,
    names: &BTreeSet<&str>,
) -> Result<BTreeMap<String, Evaluation>, Failure> {
    const OPERATION: &str = "DescribeConfigRuleEvaluationStatus";
    let names: Vec<&str> = names.iter().copied().collect();
    let mut all = BTreeMap::new();
    for names in names.chunks(NAMES) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let request = client.sdk.describe_config_rule_evaluation_status().set_config_rule_names(Some(names));
        let page = |token| {
            let request = request.clone().set_next_token(token);
            async move {
                let answer = client.sender.read(OPERATION, || request.clone().send()).await?;
                Ok((required(OPERATION, "status", answer.config_rules_evaluation_status)?, answer.next_token))
            }
        };
        for status in all_pages(OPERATION, |status| status.config_rule_name.clone().unwrap_or_default(), page).await? {
            let name = required(OPERATION, "name of a rule", status.config_rule_name)?;
            let code = status.last_error_code;
            let evaluation = Evaluation {
                activated_at: status.first_activated_time.map(|at| at.secs()),
                succeeded_at: status.last_successful_evaluation_time.map(|at| at.secs()),
                failed_at: status.last_failed_evaluation_time.map(|at| at.secs()),
                error: status.last_error_message.or(code),
            };
            all.insert(name, evaluation);
        }
    }
    Ok(all)
}

/// Returns the numbers of recorded resources of some types. A type without resources has no entry.
pub(crate) async fn resources(client: &Config, types: &BTreeSet<&str>) -> Result<BTreeMap<String, i64>, Failure> {
    const OPERATION: &str = "GetDiscoveredResourceCounts";
    let types: Vec<&str> = types.iter().copied().collect();
    let mut all = BTreeMap::new();
    for types in types.chunks(TYPES) {
        let types: Vec<String> = types.iter().map(|of| (*of).to_owned()).collect();
        let request = client.sdk.get_discovered_resource_counts().set_resource_types(Some(types)).limit(100);
        let page = |token| {
            let request = request.clone().set_next_token(token);
            async move {
                let answer = client.sender.read(OPERATION, || request.clone().send()).await?;
                Ok((required(OPERATION, "counts", answer.resource_counts)?, answer.next_token))
            }
        };
        let of_type = |count: &aws_sdk_config::types::ResourceCount| {
            count.resource_type.as_ref().map_or_else(String::new, |of| of.as_str().to_owned())
        };
        for count in all_pages(OPERATION, of_type, page).await? {
            all.insert(of_type(&count), count.count);
        }
    }
    Ok(all)
}

//! The operations of AWS Config served here.

use serde_json::Value;

use crate::config::evaluation;
use crate::config::limits;
use crate::config::state::ConfigState;
use crate::config::{packs, recorders, resources, rules};
use crate::protocol::operation::{Context, Operation, Outcome, Work};
use crate::protocol::service_options::ServiceOptions;

/// The operations served here.
#[rustfmt::skip]
pub(crate) static OPERATIONS: &[Operation<ConfigState, ServiceOptions>] = &[
    Operation { name: "PutConfigurationRecorder", input: limits::PUT_CONFIGURATION_RECORDER, work: Work::Write(put_recorder) },
    Operation { name: "DescribeConfigurationRecorders", input: limits::DESCRIBE_CONFIGURATION_RECORDERS, work: Work::Read(recorders::describe) },
    Operation { name: "DescribeConfigurationRecorderStatus", input: limits::DESCRIBE_CONFIGURATION_RECORDER_STATUS, work: Work::Read(recorders::status) },
    Operation { name: "StartConfigurationRecorder", input: limits::START_CONFIGURATION_RECORDER, work: Work::Write(start_recorder) },
    Operation { name: "StopConfigurationRecorder", input: limits::STOP_CONFIGURATION_RECORDER, work: Work::Write(recorders::stop) },
    Operation { name: "DeleteConfigurationRecorder", input: limits::DELETE_CONFIGURATION_RECORDER, work: Work::Write(recorders::delete) },
    Operation { name: "PutDeliveryChannel", input: limits::PUT_DELIVERY_CHANNEL, work: Work::Write(recorders::put_channel) },
    Operation { name: "DescribeDeliveryChannels", input: limits::DESCRIBE_DELIVERY_CHANNELS, work: Work::Read(recorders::channels) },
    Operation { name: "PutConfigRule", input: limits::PUT_CONFIG_RULE, work: Work::Write(rules::put) },
    Operation { name: "DescribeConfigRules", input: limits::DESCRIBE_CONFIG_RULES, work: Work::Read(rules::describe) },
    Operation { name: "DeleteConfigRule", input: limits::DELETE_CONFIG_RULE, work: Work::Write(rules::delete) },
    Operation { name: "DescribeConfigRuleEvaluationStatus", input: limits::DESCRIBE_CONFIG_RULE_EVALUATION_STATUS, work: Work::Read(rules::status) },
    Operation { name: "StartConfigRulesEvaluation", input: limits::START_CONFIG_RULES_EVALUATION, work: Work::Write(rules::evaluate) },
    Operation { name: "GetDiscoveredResourceCounts", input: limits::GET_DISCOVERED_RESOURCE_COUNTS, work: Work::Read(resources::counts) },
    Operation { name: "PutConformancePack", input: limits::PUT_CONFORMANCE_PACK, work: Work::Write(packs::put) },
    Operation { name: "DescribeConformancePacks", input: limits::DESCRIBE_CONFORMANCE_PACKS, work: Work::Read(packs::describe) },
    Operation { name: "DescribeConformancePackStatus", input: limits::DESCRIBE_CONFORMANCE_PACK_STATUS, work: Work::Read(packs::status) },
    Operation { name: "DeleteConformancePack", input: limits::DELETE_CONFORMANCE_PACK, work: Work::Write(packs::delete) },
];

fn start_recorder(state: &mut ConfigState, context: &Context<ServiceOptions>, input: &Value) -> Outcome {
    recorders::start(state, context, input)?;
    evaluation::run_waiting(state, context.now);
    Ok(None)
}

/// Rules that wait for a type evaluate once a recorder that is on records it.
fn put_recorder(state: &mut ConfigState, context: &Context<ServiceOptions>, input: &Value) -> Outcome {
    recorders::put(state, context, input)?;
    evaluation::run_waiting(state, context.now);
    Ok(None)
}

//! The operations of AWS Config served here.

use serde_json::Value;

use crate::config::aggregator_limits;
use crate::config::evaluation;
use crate::config::limits;
use crate::config::state::ConfigState;
use crate::config::{aggregates, aggregators, compliance, pack_compliance, packs, recorders, resources, rules};
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
    Operation { name: "DescribeComplianceByConfigRule", input: limits::DESCRIBE_COMPLIANCE_BY_CONFIG_RULE, work: Work::Read(compliance::by_rule) },
    Operation { name: "GetComplianceDetailsByConfigRule", input: limits::GET_COMPLIANCE_DETAILS_BY_CONFIG_RULE, work: Work::Read(compliance::details) },
    Operation { name: "PutEvaluations", input: limits::PUT_EVALUATIONS, work: Work::Write(compliance::put) },
    Operation { name: "PutExternalEvaluation", input: limits::PUT_EXTERNAL_EVALUATION, work: Work::Write(compliance::put_external) },
    Operation { name: "DescribeConformancePackCompliance", input: limits::DESCRIBE_CONFORMANCE_PACK_COMPLIANCE, work: Work::Read(pack_compliance::by_rule) },
    Operation { name: "GetConformancePackComplianceDetails", input: limits::GET_CONFORMANCE_PACK_COMPLIANCE_DETAILS, work: Work::Read(pack_compliance::details) },
    Operation { name: "PutConfigurationAggregator", input: aggregator_limits::PUT_CONFIGURATION_AGGREGATOR, work: Work::Write(aggregators::put) },
    Operation { name: "DescribeConfigurationAggregators", input: aggregator_limits::DESCRIBE_CONFIGURATION_AGGREGATORS, work: Work::Read(aggregators::describe) },
    Operation { name: "DeleteConfigurationAggregator", input: aggregator_limits::DELETE_CONFIGURATION_AGGREGATOR, work: Work::Write(aggregators::delete) },
    Operation { name: "DescribeConfigurationAggregatorSourcesStatus", input: aggregator_limits::DESCRIBE_CONFIGURATION_AGGREGATOR_SOURCES_STATUS, work: Work::ReadAll(aggregators::statuses) },
    Operation { name: "DescribeAggregateComplianceByConfigRules", input: aggregator_limits::DESCRIBE_AGGREGATE_COMPLIANCE_BY_CONFIG_RULES, work: Work::ReadAll(aggregates::by_rule) },
    Operation { name: "GetAggregateComplianceDetailsByConfigRule", input: aggregator_limits::GET_AGGREGATE_COMPLIANCE_DETAILS_BY_CONFIG_RULE, work: Work::ReadAll(aggregates::details) },
    Operation { name: "GetAggregateConfigRuleComplianceSummary", input: aggregator_limits::GET_AGGREGATE_CONFIG_RULE_COMPLIANCE_SUMMARY, work: Work::ReadAll(aggregates::summary) },
    Operation { name: "DescribeAggregateComplianceByConformancePacks", input: aggregator_limits::DESCRIBE_AGGREGATE_COMPLIANCE_BY_CONFORMANCE_PACKS, work: Work::ReadAll(aggregates::by_pack) },
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

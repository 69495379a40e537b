//! The records of AWS Config.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::config::generated::Generated;
use crate::config::results::RuleResults;
use crate::protocol::time::{self, Time};

/// The state of AWS Config.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConfigState {
    /// By name.
    pub(crate) recorders: BTreeMap<String, Recorder>,
    /// By name, as on the wire.
    pub(crate) channels: BTreeMap<String, Value>,
    /// By name.
    pub(crate) rules: BTreeMap<String, Arc<Rule>>,
    /// By name.
    pub(crate) packs: BTreeMap<String, Pack>,
    /// Numbers of resources, by type.
    pub(crate) resource_counts: BTreeMap<String, u64>,
    /// By rule. Those of a rule that does not exist are seen by aggregators alone.
    #[serde(default)]
    pub(crate) results: BTreeMap<String, Arc<RuleResults>>,
    /// By name.
    #[serde(default)]
    pub(crate) aggregators: BTreeMap<String, Aggregator>,
    /// What the aggregators see besides the accounts of the emulator.
    #[serde(default)]
    pub(crate) generated: Option<Generated>,
}

/// A configuration recorder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Recorder {
    /// As on the wire.
    pub(crate) wire: Value,
    pub(crate) recording: bool,
    pub(crate) started: Option<Time>,
    pub(crate) stopped: Option<Time>,
    /// `lastStatus`, as on the wire.
    pub(crate) last_status: Option<String>,
    pub(crate) changed: Option<Time>,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rule {
    /// As on the wire.
    pub(crate) wire: Value,
    pub(crate) status: EvaluationStatus,
    /// The conformance pack that it belongs to.
    pub(crate) pack: Option<String>,
    /// `Controls` of the rule in the template of its pack.
    #[serde(default)]
    pub(crate) controls: Vec<String>,
}

/// The evaluations of a rule.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct EvaluationStatus {
    pub(crate) first_activated: Time,
    pub(crate) last_successful_invocation: Option<Time>,
    pub(crate) last_failed_invocation: Option<Time>,
    pub(crate) last_successful_evaluation: Option<Time>,
    pub(crate) last_failed_evaluation: Option<Time>,
    pub(crate) last_error_code: Option<String>,
    pub(crate) last_error_message: Option<String>,
    pub(crate) first_evaluation_started: bool,
}

/// A conformance pack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Pack {
    /// As on the wire, without times.
    pub(crate) detail: Value,
    /// `ConformancePackState` of the model.
    pub(crate) state: String,
    pub(crate) reason: Option<String>,
    pub(crate) updated: Time,
}

/// An aggregator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Aggregator {
    /// As on the wire, without times.
    pub(crate) wire: Value,
    pub(crate) created: Time,
    pub(crate) updated: Time,
}

impl ConfigState {
    /// Makes all times this many milliseconds older.
    pub(crate) fn age(&mut self, millis: u64) {
        for recorder in self.recorders.values_mut() {
            for at in [&mut recorder.started, &mut recorder.stopped, &mut recorder.changed] {
                time::age(at, millis);
            }
        }
        for rule in self.rules.values_mut() {
            let status = &mut Arc::make_mut(rule).status;
            status.first_activated.age(millis);
            time::age(&mut status.last_successful_invocation, millis);
            time::age(&mut status.last_failed_invocation, millis);
            time::age(&mut status.last_successful_evaluation, millis);
            time::age(&mut status.last_failed_evaluation, millis);
        }
        for pack in self.packs.values_mut() {
            pack.updated.age(millis);
        }
        for results in self.results.values_mut() {
            Arc::make_mut(results).age(millis);
        }
        for aggregator in self.aggregators.values_mut() {
            aggregator.created.age(millis);
            aggregator.updated.age(millis);
        }
        if let Some(generated) = &mut self.generated {
            generated.age(millis);
        }
    }
}

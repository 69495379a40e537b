//! `results` of a seed: what rules found, which only AWS can find.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use crate::config::evaluation;
use crate::config::results::{Compliance, Counted, Evaluation, RuleResults};
use crate::config::state::ConfigState;
use crate::protocol::time::Time;

/// The results of a rule: numbers of resources, single resources, or both.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct SeedResults {
    compliant: u64,
    non_compliant: u64,
    not_applicable: u64,
    /// Of all resources that do not have their own.
    resource_type: Option<String>,
    annotation: Option<String>,
    time: Option<Value>,
    resources: Vec<SeedResource>,
    /// The status of the rule, whatever its resources have.
    status: Option<Compliance>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SeedResource {
    id: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    compliance: Compliance,
    annotation: Option<String>,
    time: Option<Value>,
}

impl SeedResults {
    /// Makes these the results of a rule, which need not exist.
    ///
    /// # Errors
    ///
    /// A part cannot be used; the error is a message.
    pub(crate) fn add_to(self, state: &mut ConfigState, rule: &str, now: Time) -> Result<(), String> {
        let time = |sent: Option<&Value>, default: Time| match sent {
            None => Ok(default),
            Some(sent) => Time::parse(sent).ok_or_else(|| format!("{sent} is not a time")),
        };
        let at = time(self.time.as_ref(), now)?;
        let resource_type = self.resource_type.unwrap_or_else(|| "AWS::S3::Bucket".to_owned());
        let mut results = RuleResults { status: self.status, ..RuleResults::default() };
        for sent in self.resources {
            if sent.compliance == Compliance::InsufficientData {
                return Err(format!("the resource \"{}\" cannot have INSUFFICIENT_DATA; only rules have it", sent.id));
            }
            let at = time(sent.time.as_ref(), at)?;
            let evaluation = Evaluation {
                resource_type: sent.kind.unwrap_or_else(|| resource_type.clone()),
                resource_id: sent.id,
                compliance: sent.compliance,
                annotation: sent.annotation,
                ordered: at,
                recorded: at,
            };
            results.evaluations.insert(evaluation.key(), evaluation);
        }
        let Self { compliant, non_compliant, not_applicable, annotation, .. } = self;
        if [compliant, non_compliant, not_applicable].into_iter().any(|count| count > 0) {
            let counted = Counted { non_compliant, compliant, not_applicable, resource_type, annotation, at };
            results.counted = Some(counted);
        }
        let name = deployed(state, rule)?;
        let status = state.rules.get(&name).map(|rule| &rule.status);
        if status.is_some_and(|status| status.last_successful_evaluation.is_none_or(|last| last < at)) {
            evaluation::succeeded(state, &name, at);
        }
        state.results.insert(name, Arc::new(results));
        Ok(())
    }
}

/// The name of a rule. That of a rule of a conformance pack may lack the characters that the pack adds.
fn deployed(state: &ConfigState, name: &str) -> Result<String, String> {
    if state.rules.contains_key(name) || !name.ends_with("-conformance-pack") {
        return Ok(name.to_owned());
    }
    let of_pack =
        |rule: &&String| rule.strip_prefix(name).is_some_and(|rest| rest.starts_with('-') && rest.len() == 10);
    let mut found = state.rules.keys().filter(of_pack);
    match (found.next(), found.next()) {
        (Some(rule), None) => Ok(rule.clone()),
        (None, _) => Ok(name.to_owned()),
        (Some(_), Some(_)) => Err("several conformance packs have this rule; use its complete name".to_owned()),
    }
}

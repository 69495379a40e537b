//! The compliance of rules of the account, and the evaluations that requests add.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::config::evaluation;
use crate::config::managed_rules;
use crate::config::results::{Compliance, Evaluation, RuleResults};
use crate::config::rules;
use crate::config::state::{ConfigState, Rule};
use crate::protocol::operation::{Context, Outcome, text};
use crate::protocol::reply::Rejection;
use crate::protocol::service_options::ServiceOptions;
use crate::protocol::time::Time;

/// Rules on a page of `DescribeComplianceByConfigRule`, which has no limit.
const PAGE_SIZE: usize = 100;

/// Results on a page of `GetComplianceDetailsByConfigRule` without a limit.
const DETAILS_PAGE_SIZE: usize = 10;

/// What a resource can have; the rest is of rules alone.
pub(crate) const OF_RESOURCES: [Compliance; 3] =
    [Compliance::Compliant, Compliance::NonCompliant, Compliance::NotApplicable];

type Here<'a> = Context<'a, ServiceOptions>;

/// The members of a list that are statuses; `None` if it has none.
fn statuses(list: &Value) -> Option<Vec<Compliance>> {
    serde_json::from_value(list.clone()).ok().filter(|found: &Vec<Compliance>| !found.is_empty())
}

pub(crate) fn by_rule(state: &ConfigState, context: &Here, input: &Value) -> Outcome {
    let wanted = statuses(&input["ComplianceTypes"]);
    let rules = rules::asked(state, input)?.into_keys().map(|name| (name, state.results_of(name)));
    let rules = rules.filter(|(_, results)| wanted.as_ref().is_none_or(|wanted| wanted.contains(&results.status())));
    let rules = rules.map(|(name, results)| {
        let compliance = results.compliance(&[Compliance::NonCompliant]);
        (name.clone(), json!({ "ConfigRuleName": name, "Compliance": compliance }))
    });
    let list = format!("compliance/{}", input["ComplianceTypes"]);
    Ok(Some(rules::answer("ComplianceByConfigRules", rules::page(context, input, PAGE_SIZE, &list, rules)?)))
}

pub(crate) fn details(state: &ConfigState, context: &Here, input: &Value) -> Outcome {
    let name = text(input, "ConfigRuleName");
    let rule = state.rules.get(name).ok_or_else(|| rules::unknown(name))?;
    let wanted = statuses(&input["ComplianceTypes"]).unwrap_or_else(|| OF_RESOURCES.to_vec());
    if wanted.contains(&Compliance::InsufficientData) {
        return Err(rules::invalid("INSUFFICIENT_DATA cannot be used to filter the results of a rule."));
    }
    let results = state.results_of(name);
    let view = |evaluation: &Evaluation| {
        let mut view = evaluation.on_wire(name);
        if !is_managed(rule) {
            view["ResultToken"] = rule.wire["ConfigRuleArn"].clone();
        }
        view
    };
    let list = format!("details/{name}/{}", input["ComplianceTypes"]);
    let items = |after: Option<&str>| results.from(after, &wanted).map(|(key, evaluation)| (key, view(&evaluation)));
    let page = rules::page_from(context, input, DETAILS_PAGE_SIZE, &list, items)?;
    Ok(Some(rules::answer("EvaluationResults", page)))
}

fn is_managed(rule: &Rule) -> bool {
    rule.wire["Source"]["Owner"] == "AWS"
}

pub(crate) fn put(state: &mut ConfigState, context: &Here, input: &Value) -> Outcome {
    let sent = input["Evaluations"].as_array().map(Vec::as_slice).unwrap_or_default();
    if sent.is_empty() {
        let message =
            "The Evaluations object in your request cannot be null. Add the required parameters and try again.";
        return Err(rules::invalid(message));
    }
    let token = text(input, "ResultToken");
    let rejected = || Rejection::new("InvalidResultTokenException", "The resultToken provided is invalid");
    if token.is_empty() {
        return Err(rejected());
    }
    let evaluations: Vec<Evaluation> =
        sent.iter().map(|sent| evaluation_of(sent, context.now)).collect::<Result<_, _>>()?;
    if input["TestMode"] != true {
        let of_token = |rule: &&Arc<Rule>| rule.wire["ConfigRuleArn"] == token && !is_managed(rule);
        let rule = state.rules.values().find(of_token).ok_or_else(rejected)?;
        let name = text(&rule.wire, "ConfigRuleName").to_owned();
        add(state, &name, evaluations, context.now);
    }
    Ok(Some(json!({ "FailedEvaluations": [] })))
}

pub(crate) fn put_external(state: &mut ConfigState, context: &Here, input: &Value) -> Outcome {
    let name = text(input, "ConfigRuleName");
    let rule = state.rules.get(name).ok_or_else(|| rules::unknown(name))?;
    if rule.wire["Source"]["SourceIdentifier"] != managed_rules::PROCESS_CHECK {
        return Err(rules::invalid(format!("The rule {name} is not a process check.")));
    }
    let evaluation = evaluation_of(&input["ExternalEvaluation"], context.now)?;
    add(state, name, vec![evaluation], context.now);
    Ok(Some(json!({})))
}

fn evaluation_of(sent: &Value, now: Time) -> Result<Evaluation, Rejection> {
    let compliance = statuses(&json!([sent["ComplianceType"]])).and_then(|found| found.first().copied());
    let compliance = compliance.filter(|of| OF_RESOURCES.contains(of));
    let compliance = compliance.ok_or_else(|| {
        rules::invalid("The ComplianceType of an evaluation must be COMPLIANT, NON_COMPLIANT or NOT_APPLICABLE.")
    })?;
    Ok(Evaluation {
        resource_type: text(sent, "ComplianceResourceType").to_owned(),
        resource_id: text(sent, "ComplianceResourceId").to_owned(),
        compliance,
        annotation: sent["Annotation"].as_str().map(str::to_owned),
        ordered: Time::parse(&sent["OrderingTimestamp"])
            .ok_or_else(|| rules::invalid("OrderingTimestamp is invalid"))?,
        recorded: now,
    })
}

/// Adds evaluations to those of a rule. One that is older than that of the same resource changes nothing.
fn add(state: &mut ConfigState, name: &str, evaluations: Vec<Evaluation>, now: Time) {
    let results = Arc::make_mut(state.results.entry(name.to_owned()).or_default());
    for evaluation in evaluations {
        let before = results.evaluations.get(&evaluation.key());
        if before.is_none_or(|before| before.ordered <= evaluation.ordered) {
            results.evaluations.insert(evaluation.key(), evaluation);
        }
    }
    evaluation::succeeded(state, name, now);
}

impl ConfigState {
    /// The results of a rule; none if it has none.
    pub(crate) fn results_of(&self, rule: &str) -> Arc<RuleResults> {
        self.results.get(rule).map(Arc::clone).unwrap_or_default()
    }
}

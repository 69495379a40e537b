//! The template of a pack
//! (<https://docs.aws.amazon.com/config/latest/developerguide/custom-conformance-pack.html>).

use super::check::Evaluation;
use super::naming::{parameter_id, remediation_id};
use super::parameters::Given;
use super::remediation::PackRemediation;
use crate::keywords::{Trigger, managed_rule};
use crate::model::RemediationValue;
use crate::pack_limits::{MAX_CONTROL_NAME, MAX_CONTROLS, MAX_DESCRIPTION, MAX_SCOPE_TYPES};
use crate::pack_lock::Pin;
use crate::write::{Entries, Form, Tree, render};
use std::collections::BTreeMap;

/// First line of each template.
const HEADER: &str = "# Written by `controlsync export conformance-pack`. Change the catalog instead.\n";
/// The resource type of rules about the account itself, which no scope can name.
const ACCOUNT_TYPE: &str = "AWS::::Account";
/// How often AWS Config evaluates a rule that does not say it.
const DAILY: &str = "TwentyFour_Hours";

/// A rule of a pack.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    /// Identifies the check.
    pub(crate) check: String,
    pub(crate) evaluation: Evaluation,
    /// Names of the controls that need it, sorted.
    pub(crate) controls: Vec<String>,
    pub(crate) description: String,
    pub(crate) parameters: BTreeMap<String, Given>,
    pub(crate) remediation: Option<PackRemediation>,
}

/// A rule with its names and its place.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) pin: Pin,
    pub(crate) rule: Rule,
}

impl Placed {
    /// Rules and remediations that it is.
    pub(crate) fn resources(&self) -> usize {
        1 + usize::from(self.pin.remediation)
    }

    /// Bytes that it adds to a template.
    pub(crate) fn bytes(&self) -> usize {
        let one = template(&[self]).len();
        one - HEADER.len() - RESOURCES.len() - if self.pin.parameters.is_empty() { 0 } else { PARAMETERS.len() }
    }
}

const RESOURCES: &str = "Resources:\n";
const PARAMETERS: &str = "Parameters:\n";
/// Bytes of a template without rules.
pub(crate) const EMPTY_BYTES: usize = HEADER.len() + PARAMETERS.len() + RESOURCES.len();

/// Returns the text of the template of a pack with some rules, in this order.
pub(crate) fn template(rules: &[&Placed]) -> String {
    let mut parameters = Vec::new();
    let mut resources = Vec::new();
    for placed in rules {
        let Placed { pin, rule } = placed;
        for (name, given) in rule.parameters.iter().filter(|(name, _)| pin.parameters.contains(name)) {
            parameters.push((parameter_id(&pin.logical_id, name), parameter(rule, name, given)));
        }
        resources.push((pin.logical_id.clone(), config_rule(placed)));
        if let Some(remediation) = rule.remediation.as_ref().filter(|_| pin.remediation) {
            resources.push((remediation_id(&pin.logical_id), remediation_of(placed, remediation)));
        }
    }
    let mut entries = Entries::default();
    if !parameters.is_empty() {
        entries.push("Parameters", Tree::Mapping(parameters));
    }
    entries.push("Resources", Tree::Mapping(resources));
    HEADER.to_owned() + &render(&entries.into(), Form::Yaml)
}

fn parameter(rule: &Rule, name: &str, given: &Given) -> Tree {
    let demanded = given.demanded.as_ref().map_or(String::new(), |demanded| format!(": {demanded}"));
    let mut entries = Entries::default();
    entries.text("Type", "String");
    entries.text("Description", &cut(&format!("{name} of {}{demanded}", rule.check), MAX_DESCRIPTION));
    entries.text("Default", &given.value);
    entries.into()
}

/// Returns what the template has of the controls' names: the first ones, each cut.
pub(crate) fn control_names(rule: &Rule) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in rule.controls.iter().map(|name| cut(name, MAX_CONTROL_NAME)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.truncate(MAX_CONTROLS);
    names
}

/// Returns the description that the template has.
pub(crate) fn description(rule: &Rule) -> String {
    cut(&rule.description, MAX_DESCRIPTION)
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut kept: String = text.chars().take(most - 1).collect();
    kept.truncate(kept.trim_end().len());
    kept + "…"
}

fn config_rule(placed: &Placed) -> Tree {
    let Placed { pin, rule } = placed;
    let mut properties = Entries::default();
    properties.text("ConfigRuleName", &pin.rule_name);
    let description = description(rule);
    if !description.is_empty() {
        properties.text("Description", &description);
    }
    let mut inputs = Vec::new();
    for (name, given) in &rule.parameters {
        let value = if pin.parameters.contains(name) {
            Tree::Mapping(vec![("Ref".to_owned(), Tree::Text(parameter_id(&pin.logical_id, name)))])
        } else {
            Tree::Text(given.value.clone())
        };
        inputs.push((name.clone(), value));
    }
    if !inputs.is_empty() {
        properties.push("InputParameters", Tree::Mapping(inputs));
    }
    let types = scope(&rule.evaluation);
    if !types.is_empty() && types.len() <= MAX_SCOPE_TYPES {
        let mut scope = Entries::default();
        scope.names("ComplianceResourceTypes", &types);
        properties.push("Scope", scope.into());
    }
    properties.push("Source", source(&rule.evaluation));
    if is_periodic(&rule.evaluation) {
        properties.text("MaximumExecutionFrequency", DAILY);
    }
    let mut resource = Entries::default();
    resource.text("Type", "AWS::Config::ConfigRule");
    resource.names("Controls", &control_names(rule));
    resource.push("Properties", properties.into());
    resource.into()
}

/// The resource types of a rule that is evaluated when a resource changes.
fn scope(evaluation: &Evaluation) -> Vec<String> {
    match evaluation {
        Evaluation::Managed(identifier) => managed_rule(identifier)
            .filter(|rule| rule.trigger != Trigger::Periodic)
            .map(|rule| {
                rule.resource_types.iter().filter(|of| **of != ACCOUNT_TYPE).map(|of| (*of).to_owned()).collect()
            })
            .unwrap_or_default(),
        Evaluation::Guard { types, .. } | Evaluation::Lambda { types, periodic: false, .. } => types.clone(),
        Evaluation::Lambda { .. } | Evaluation::ProcessCheck => Vec::new(),
    }
}

/// Whether the rule itself has a frequency; that of a Lambda function is with its trigger.
fn is_periodic(evaluation: &Evaluation) -> bool {
    let Evaluation::Managed(identifier) = evaluation else { return false };
    managed_rule(identifier).is_some_and(|rule| rule.trigger == Trigger::Periodic)
}

fn source(evaluation: &Evaluation) -> Tree {
    let mut source = Entries::default();
    let mut owned = |owner, identifier: Option<&str>| {
        source.text("Owner", owner);
        if let Some(identifier) = identifier {
            source.text("SourceIdentifier", identifier);
        }
    };
    match evaluation {
        Evaluation::Managed(identifier) => owned("AWS", Some(identifier)),
        Evaluation::ProcessCheck => owned("AWS", Some(super::check::PROCESS_CHECK)),
        Evaluation::Lambda { arn, periodic, .. } => {
            owned("CUSTOM_LAMBDA", Some(arn));
            source.push("SourceDetails", triggers(*periodic));
        }
        Evaluation::Guard { text, .. } => {
            owned("CUSTOM_POLICY", None);
            source.push("SourceDetails", triggers(false));
            let mut policy = Entries::default();
            policy.text("PolicyRuntime", "guard-2.x.x");
            policy.text("PolicyText", text);
            source.push("CustomPolicyDetails", policy.into());
        }
    }
    source.into()
}

fn triggers(periodic: bool) -> Tree {
    const CHANGES: [&str; 2] = ["ConfigurationItemChangeNotification", "OversizedConfigurationItemChangeNotification"];
    let trigger = |message: &str| {
        let mut entries = Entries::default();
        entries.text("EventSource", "aws.config");
        entries.text("MessageType", message);
        if periodic {
            entries.text("MaximumExecutionFrequency", DAILY);
        }
        entries.into()
    };
    let messages: &[&str] = if periodic { &["ScheduledNotification"] } else { &CHANGES };
    Tree::List(messages.iter().map(|message| trigger(message)).collect())
}

fn remediation_of(placed: &Placed, remediation: &PackRemediation) -> Tree {
    let mut properties = Entries::default();
    properties.text("ConfigRuleName", &placed.pin.rule_name);
    properties.text("TargetType", "SSM_DOCUMENT");
    properties.text("TargetId", &remediation.document);
    let parameters = remediation.parameters.iter().map(|(name, value)| (name.clone(), remediation_value(value)));
    let parameters: Vec<(String, Tree)> = parameters.collect();
    if !parameters.is_empty() {
        properties.push("Parameters", Tree::Mapping(parameters));
    }
    properties.push("Automatic", Tree::Literal(remediation.automatic.to_string()));
    if remediation.automatic {
        // AWS Config requires both; these are the defaults of its console.
        properties.push("MaximumAutomaticAttempts", Tree::Literal("5".to_owned()));
        properties.push("RetryAttemptSeconds", Tree::Literal("60".to_owned()));
    }
    let mut resource = Entries::default();
    resource.text("Type", "AWS::Config::RemediationConfiguration");
    resource.text("DependsOn", &placed.pin.logical_id);
    resource.push("Properties", properties.into());
    resource.into()
}

fn remediation_value(value: &RemediationValue) -> Tree {
    let (key, content) = match value {
        RemediationValue::One(text) if text == "RESOURCE_ID" => {
            ("ResourceValue", ("Value".to_owned(), Tree::Text(text.clone())))
        }
        RemediationValue::One(text) => {
            ("StaticValue", ("Values".to_owned(), Tree::List(vec![Tree::Text(text.clone())])))
        }
        RemediationValue::List(texts) => {
            ("StaticValue", ("Values".to_owned(), Tree::List(texts.iter().cloned().map(Tree::Text).collect())))
        }
    };
    Tree::Mapping(vec![(key.to_owned(), Tree::Mapping(vec![content]))])
}

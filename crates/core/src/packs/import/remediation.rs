//! Remediations of a pack
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-config-remediationconfiguration.html>).

use std::collections::BTreeMap;

use super::evaluate::Value;
use super::rule::{Check, Reader, Rule};
use super::template::Resource;
use crate::document::Node;
use crate::keywords::managed_rule;
use crate::model::{Remediation, RemediationValue};

/// Parameter with the role that runs the document.
const ROLE: &str = "AutomationAssumeRole";
/// Values that AWS Config uses if a remediation does not say them
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_RemediationConfiguration.html>).
const DEFAULTS: [(&str, &str); 2] = [("MaximumAutomaticAttempts", "5"), ("RetryAttemptSeconds", "60")];

impl<'a> Reader<'a> {
    /// Adds a remediation to its rule, or lists it.
    pub(super) fn remediation(&mut self, resource: Resource<'a>, rules: &mut [Rule]) {
        let (id, span) = (resource.id(), resource.entry.key_span);
        if !self.is_deployed(resource) {
            return;
        }
        let of_rule = self.property(resource, "ConfigRuleName");
        let of_rule = of_rule.as_ref().and_then(Value::as_text).unwrap_or_default();
        let Some(rule) = rules.iter_mut().find(|rule| rule.name.as_deref() == Some(of_rule)) else {
            self.log.whole(span, id, format!("its rule `{of_rule}` is not imported"));
            return;
        };
        if matches!(rule.check, Check::Process) || rule.remediation.is_some() {
            self.log.whole(span, id, format!("the rule `{of_rule}` is a process check, or has another remediation"));
            return;
        }
        let document = self.property(resource, "TargetId");
        let Some(document) = document.as_ref().and_then(Value::as_text) else {
            self.log.whole(span, id, "it has no `TargetId` with the name of a document");
            return;
        };
        let known = ["Automatic", "ConfigRuleName", "Parameters", "ResourceType", "TargetId", "TargetType"];
        let known: Vec<&str> = known.into_iter().chain(DEFAULTS.map(|(key, _)| key)).collect();
        self.check_keys(resource, &[], &known);
        for (key, default) in DEFAULTS.into_iter().chain([("TargetType", "SSM_DOCUMENT")]) {
            self.default(resource, key, &[default]);
        }
        let types = match &rule.check {
            Check::Managed(identifier) => managed_rule(identifier).map(|rule| rule.resource_types.clone()),
            _ => None,
        };
        self.default(resource, "ResourceType", types.as_deref().unwrap_or_default());
        let automatic = self.property(resource, "Automatic");
        let automatic = automatic.as_ref().and_then(Value::as_text).and_then(|text| text.parse().ok());
        let (automation_role, parameters) = self.document_parameters(resource);
        let ssm_document = document.to_owned();
        rule.remediation = Some((Remediation { ssm_document, automation_role, automatic, parameters }, span));
    }

    /// Lists a property without a key, unless its value is what follows without it.
    fn default(&mut self, resource: Resource<'a>, key: &str, implied: &[&str]) {
        let Some(value) = self.property(resource, key) else { return };
        if !value.as_text().is_some_and(|text| implied.contains(&text)) {
            let span = resource.property(key).map_or(resource.entry.key_span, |node| node.span);
            self.no_key(span, resource.id(), &format!("{key}: {}", value.shown()));
        }
    }

    /// Returns the role, and all other parameters of the document.
    fn document_parameters(&mut self, resource: Resource<'a>) -> (Option<String>, BTreeMap<String, RemediationValue>) {
        let (mut role, mut parameters) = (None, BTreeMap::new());
        for entry in self.chosen(resource, "Parameters").map(Node::entries).unwrap_or_default() {
            let Some(value) = self.evaluated(resource, &entry.key, &entry.value) else { continue };
            let resource_id = value.get("ResourceValue").and_then(|of| of.get("Value")).and_then(Value::as_text);
            let values = value.get("StaticValue").and_then(|of| of.get("Values")).and_then(Value::texts);
            let value = match (resource_id, values) {
                (Some(text), None) => RemediationValue::One(text.to_owned()),
                (None, Some(mut texts)) if texts.len() == 1 => RemediationValue::One(texts.remove(0)),
                (None, Some(texts)) if !texts.is_empty() => RemediationValue::List(texts),
                _ => {
                    let reason = format!("`{}` has neither `StaticValue.Values` nor `ResourceValue.Value`", entry.key);
                    self.log.part(entry.key_span, resource.id(), reason);
                    continue;
                }
            };
            match value {
                RemediationValue::One(arn) if entry.key == ROLE && is_role(&arn) => role = Some(arn),
                _ if entry.key == ROLE => {
                    self.log.part(entry.key_span, resource.id(), format!("`{ROLE}` is not the ARN of a role"));
                }
                value => drop(parameters.insert(entry.key.clone(), value)),
            }
        }
        (role, parameters)
    }
}

/// Whether a string is the ARN of a role, as the schema of controls has it.
fn is_role(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    matches!(parts.as_slice(), ["arn", _, "iam", "", account, role]
        if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) && role.len() > 5 && role.starts_with("role/"))
}

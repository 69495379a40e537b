//! Rules of a pack: what each one checks, with its functions evaluated.

use std::collections::BTreeMap;

use super::evaluate::{Evaluator, Unknown, Value};
use super::log::Log;
use super::template::Resource;
use crate::document::Node;
use crate::keywords::{config::PROCESS_CHECK, managed_rule};
use crate::model::Remediation;
use crate::source::Span;

/// How often AWS Config evaluates a periodic rule that does not say it
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigRule.html>).
const DEFAULT_FREQUENCY: &str = "TwentyFour_Hours";

/// A rule of a pack.
pub(super) struct Rule {
    /// Logical ID.
    pub id: String,
    pub span: Span,
    /// Name that AWS Config shows.
    pub name: Option<String>,
    pub check: Check,
    pub description: String,
    /// Controls of the standard that it is for, which become control sets.
    pub sets: Vec<String>,
    /// Values of its parameters, with their locations.
    pub parameters: BTreeMap<String, (String, Span)>,
    pub remediation: Option<(Remediation, Span)>,
}

/// What a rule checks.
pub(super) enum Check {
    /// A managed rule, by its identifier.
    Managed(String),
    /// A process check: people attest it.
    Process,
    /// A custom rule; `None` if a catalog cannot say what evaluates it.
    Custom(Option<Evaluation>),
}

/// What evaluates a custom rule.
pub(super) struct Evaluation {
    pub code: Code,
    pub resource_types: Vec<String>,
    pub periodic: bool,
}

/// Code of a custom rule.
pub(super) enum Code {
    /// Text in the language of AWS CloudFormation Guard.
    Guard(String),
    /// ARN of a Lambda function.
    Lambda(String),
}

/// Reads the resources of one pack.
pub(super) struct Reader<'a> {
    pub evaluator: Evaluator<'a>,
    pub log: Log<'a>,
}

impl<'a> Reader<'a> {
    /// Returns a rule; `None` if it does not come.
    pub(super) fn rule(&mut self, resource: Resource<'a>) -> Option<Rule> {
        let id = resource.id();
        if !self.is_deployed(resource) {
            return None;
        }
        let known = [
            "ConfigRuleName",
            "Description",
            "EvaluationModes",
            "InputParameters",
            "MaximumExecutionFrequency",
            "Scope",
            "Source",
        ];
        self.check_keys(resource, &["Controls"], &known);
        let name = self.property(resource, "ConfigRuleName").and_then(|name| name.as_text().map(str::to_owned));
        let types = self.resource_types(resource);
        let check = self.check(resource, name.as_deref(), types.as_deref())?;
        self.frequency(resource, resource.property("MaximumExecutionFrequency"));
        self.modes(resource);
        let description = self.property(resource, "Description");
        let description = description.as_ref().and_then(Value::as_text).unwrap_or_default().trim().to_owned();
        let sets = self.sets(resource);
        let parameters = self.parameters(resource);
        let span = resource.entry.key_span;
        Some(Rule { id: id.to_owned(), span, name, check, description, sets, parameters, remediation: None })
    }

    /// Whether the condition of a resource holds; lists it if not.
    pub(super) fn is_deployed(&mut self, resource: Resource<'a>) -> bool {
        let Some(condition) = resource.entry.value.get("Condition") else { return true };
        let name = condition.as_str().unwrap_or_default();
        match self.evaluator.condition(name, condition) {
            Ok(true) => true,
            Ok(false) => {
                let reason = format!("its condition `{name}` does not hold with the defaults of the parameters");
                self.log.whole(resource.entry.key_span, resource.id(), reason);
                false
            }
            Err(Unknown { span, reason }) => {
                self.log.whole(span, resource.id(), format!("its condition `{name}`: {reason}"));
                false
            }
        }
    }

    /// Lists what a resource has beside known keys.
    pub(super) fn check_keys(&mut self, resource: Resource<'a>, own: &[&str], properties: &[&str]) {
        let of_all = ["Condition", "DependsOn", "Properties", "Type"];
        for entry in resource.entry.value.entries() {
            if !of_all.contains(&&*entry.key) && !own.contains(&&*entry.key) {
                self.no_key(entry.key_span, resource.id(), &entry.key);
            }
        }
        for entry in resource.entry.value.get("Properties").map(Node::entries).unwrap_or_default() {
            if !properties.contains(&&*entry.key) {
                self.no_key(entry.key_span, resource.id(), &entry.key);
            }
        }
    }

    pub(super) fn no_key(&mut self, span: Span, id: &str, what: &str) {
        self.log.part(span, id, format!("a catalog has no key for `{what}`"));
    }

    /// Returns a property; lists one that is unknown.
    pub(super) fn property(&mut self, resource: Resource<'a>, key: &str) -> Option<Value> {
        self.evaluated(resource, key, resource.property(key)?)
    }

    /// Returns a mapping or a list with the functions in it; lists one that is unknown.
    pub(super) fn chosen(&mut self, resource: Resource<'a>, key: &str) -> Option<&'a Node> {
        match self.evaluator.chosen(resource.property(key)?) {
            Ok(node) => node,
            Err(Unknown { span, reason }) => {
                self.log.part(span, resource.id(), format!("`{key}`: {reason}"));
                None
            }
        }
    }

    pub(super) fn evaluated(&mut self, resource: Resource<'a>, key: &str, node: &Node) -> Option<Value> {
        match self.evaluator.value(node) {
            Ok(Value::Nothing) => None,
            Ok(value) => Some(value),
            Err(Unknown { span, reason }) => {
                self.log.part(span, resource.id(), format!("`{key}`: {reason}"));
                None
            }
        }
    }

    fn check(&mut self, resource: Resource<'a>, name: Option<&str>, types: Option<&[String]>) -> Option<Check> {
        let whole = |reader: &mut Self, reason: &str| reader.log.whole(resource.entry.key_span, resource.id(), reason);
        let Some(source) = self.chosen(resource, "Source") else {
            whole(self, "it has no `Source`");
            return None;
        };
        for entry in source.entries() {
            let known = ["CustomPolicyDetails", "Owner", "SourceDetails", "SourceIdentifier"];
            if !known.contains(&&*entry.key) {
                self.no_key(entry.key_span, resource.id(), &entry.key);
            }
        }
        let owner = source.get("Owner").and_then(|owner| self.evaluated(resource, "Owner", owner));
        let identifier = source.get("SourceIdentifier").and_then(|of| self.evaluated(resource, "SourceIdentifier", of));
        let identifier = identifier.as_ref().and_then(Value::as_text);
        match (owner.as_ref().and_then(Value::as_text), identifier) {
            (Some("AWS"), Some(PROCESS_CHECK)) if name.is_some() => {
                self.unused_scope(resource);
                Some(Check::Process)
            }
            (Some("AWS"), Some(PROCESS_CHECK)) => {
                whole(self, "it has no `ConfigRuleName`, after which a process check is named");
                None
            }
            (Some("AWS"), Some(identifier)) => {
                self.scope_of_managed(resource, identifier, types);
                Some(Check::Managed(identifier.to_owned()))
            }
            (Some("CUSTOM_LAMBDA" | "CUSTOM_POLICY"), _) if name.is_none() => {
                whole(self, "it has no `ConfigRuleName`, after which Audit Manager finds a custom rule");
                None
            }
            (Some("CUSTOM_LAMBDA"), arn) => {
                // Without the ARN, the keyword still collects evidence.
                let code = arn.map(|arn| Code::Lambda(arn.to_owned()));
                Some(Check::Custom(self.evaluation(resource, source, code, types)))
            }
            (Some("CUSTOM_POLICY"), _) => {
                let code = self.guard(resource, source);
                Some(Check::Custom(self.evaluation(resource, source, code, types)))
            }
            (Some("AWS"), None) => {
                whole(self, "`Source` has no known `SourceIdentifier`");
                None
            }
            _ => {
                whole(self, "the owner of `Source` is not `AWS`, `CUSTOM_LAMBDA` or `CUSTOM_POLICY`");
                None
            }
        }
    }

    /// Returns the types of the scope; lists everything else in it.
    fn resource_types(&mut self, resource: Resource<'a>) -> Option<Vec<String>> {
        let scope = self.chosen(resource, "Scope")?;
        let mut types = None;
        for entry in scope.entries() {
            let what = format!("Scope.{}", entry.key);
            if entry.key != "ComplianceResourceTypes" {
                self.no_key(entry.key_span, resource.id(), &what);
                continue;
            }
            let Some(value) = self.evaluated(resource, &what, &entry.value) else { continue };
            types = value.texts();
            if types.is_none() {
                self.log.part(entry.key_span, resource.id(), format!("`{what}` is not a list of strings"));
            }
        }
        types.filter(|types| !types.is_empty())
    }

    fn unused_scope(&mut self, resource: Resource<'a>) {
        if let Some(scope) = resource.property("Scope").filter(|scope| scope.get("ComplianceResourceTypes").is_some()) {
            self.no_key(scope.span, resource.id(), "Scope.ComplianceResourceTypes");
        }
    }

    /// Lists the scope of a managed rule if it is not that of the rule itself, which an export adds.
    fn scope_of_managed(&mut self, resource: Resource<'a>, identifier: &str, types: Option<&[String]>) {
        let (Some(types), Some(scope)) = (types, resource.property("Scope")) else { return };
        let of_rule = managed_rule(identifier).map(|rule| rule.resource_types.as_slice()).unwrap_or_default();
        let (mut given, mut own): (Vec<&str>, Vec<&str>) =
            (types.iter().map(String::as_str).collect(), of_rule.to_vec());
        given.sort_unstable();
        given.dedup();
        own.sort_unstable();
        if given != own {
            let own = if own.is_empty() { "not known".to_owned() } else { own.join(", ") };
            let reason = format!(
                "a catalog has no key for `Scope.ComplianceResourceTypes`: {}; those of `{identifier}` are {own}",
                given.join(", ")
            );
            self.log.part(scope.span, resource.id(), reason);
        }
    }

    /// Lists a frequency that is not the default.
    fn frequency(&mut self, resource: Resource<'a>, node: Option<&Node>) {
        let Some(node) = node else { return };
        if let Some(value) = self.evaluated(resource, "MaximumExecutionFrequency", node)
            && value.as_text() != Some(DEFAULT_FREQUENCY)
        {
            self.no_key(node.span, resource.id(), &format!("MaximumExecutionFrequency: {}", value.shown()));
        }
    }

    /// Lists modes of evaluation except the default, which is what Audit Manager collects.
    fn modes(&mut self, resource: Resource<'a>) {
        let Some(node) = resource.property("EvaluationModes") else { return };
        let Some(value) = self.evaluated(resource, "EvaluationModes", node) else { return };
        let detective = |mode: &Value| mode.get("Mode").and_then(Value::as_text) == Some("DETECTIVE");
        if value.items().is_empty() || !value.items().iter().all(detective) {
            self.no_key(node.span, resource.id(), &format!("EvaluationModes: {}", value.shown()));
        }
    }

    fn guard(&mut self, resource: Resource<'a>, source: &Node) -> Option<Code> {
        let details = source.get("CustomPolicyDetails")?;
        let mut text = None;
        for entry in details.entries() {
            let Some(value) = self.evaluated(resource, &entry.key, &entry.value) else { continue };
            match (&*entry.key, value.as_text()) {
                ("PolicyText", Some(policy)) if !policy.trim().is_empty() => text = Some(policy.to_owned()),
                // The only runtime, <https://docs.aws.amazon.com/config/latest/APIReference/API_CustomPolicyDetails.html>.
                ("PolicyRuntime", Some("guard-2.x.x")) | ("EnableDebugLogDelivery", Some("false")) => {}
                (key, _) => self.no_key(entry.key_span, resource.id(), &format!("{key}: {}", value.shown())),
            }
        }
        text.map(Code::Guard)
    }

    /// Returns what evaluates a custom rule; lists why it cannot be in a catalog.
    fn evaluation(
        &mut self,
        resource: Resource<'a>,
        source: &'a Node,
        code: Option<Code>,
        types: Option<&[String]>,
    ) -> Option<Evaluation> {
        let periodic = self.triggers(resource, source, code.as_ref());
        let span = source.span;
        let Some(code) = code else {
            self.log.part(
                span,
                resource.id(),
                "what evaluates the custom rule is not known, so it has no `customRule`",
            );
            return None;
        };
        if let Code::Lambda(arn) = &code
            && !is_function(arn)
        {
            let reason = format!("`{arn}` is not the ARN of a Lambda function, so it has no `customRule`");
            self.log.part(span, resource.id(), reason);
            return None;
        }
        let Some(types) = types.map(<[String]>::to_vec).or_else(|| periodic.then(Vec::new)) else {
            let reason = "`customRule` needs resource types, and the rule has no `Scope.ComplianceResourceTypes`";
            self.log.part(span, resource.id(), reason);
            return None;
        };
        if let Some(wrong) = types.iter().find(|of| !is_type(of)) {
            let reason = format!("`customRule` needs resource types, and `{wrong}` is not one");
            self.log.part(span, resource.id(), reason);
            return None;
        }
        Some(Evaluation { code, resource_types: types, periodic })
    }

    /// Whether a custom rule is periodic; lists triggers that a catalog has no key for.
    fn triggers(&mut self, resource: Resource<'a>, source: &'a Node, code: Option<&Code>) -> bool {
        let details = source.get("SourceDetails").map(Node::items).unwrap_or_default();
        let mut types = Vec::new();
        for detail in details {
            self.frequency(resource, detail.get("MaximumExecutionFrequency"));
            let of = detail.get("MessageType").and_then(|of| self.evaluated(resource, "MessageType", of));
            types.extend(of.as_ref().and_then(Value::as_text).map(|of| (of.to_owned(), detail.span)));
        }
        let is_change = |of: &str| of.ends_with("ConfigurationItemChangeNotification");
        let lambda = matches!(code, Some(Code::Lambda(_)));
        let changes = types.iter().any(|(of, _)| is_change(of));
        let periodic = lambda && !changes && types.iter().any(|(of, _)| of == "ScheduledNotification");
        for (of, span) in types {
            if !(is_change(&of) || periodic && of == "ScheduledNotification") {
                self.no_key(span, resource.id(), &format!("MessageType: {of}"));
            }
        }
        periodic
    }

    fn sets(&mut self, resource: Resource<'a>) -> Vec<String> {
        let Some(node) = resource.entry.value.get("Controls") else { return Vec::new() };
        let Some(value) = self.evaluated(resource, "Controls", node) else { return Vec::new() };
        let sets: Vec<&str> = value.items().iter().filter_map(Value::as_text).collect();
        if sets.len() != value.items().len() || sets.is_empty() {
            self.log.part(node.span, resource.id(), "`Controls` is not a list of strings");
        }
        let sets = sets.into_iter().map(str::trim).filter(|set| !set.is_empty());
        sets.map(str::to_owned).collect()
    }

    fn parameters(&mut self, resource: Resource<'a>) -> BTreeMap<String, (String, Span)> {
        let mut parameters = BTreeMap::new();
        let Some(node) = self.chosen(resource, "InputParameters") else { return parameters };
        if !matches!(node.value, crate::document::Value::Mapping(_)) {
            self.log.part(node.span, resource.id(), "`InputParameters` is not a mapping");
        }
        for entry in node.entries() {
            let Some(value) = self.evaluated(resource, &entry.key, &entry.value) else { continue };
            let text = match &value {
                Value::Text(text) => Some(text.clone()),
                // AWS Config has strings only; packs also write their elements.
                list => list.texts().map(|texts| texts.join(",")),
            };
            match text {
                // The pack does not set it.
                Some(text) if text.trim().is_empty() => {}
                Some(text) => drop(parameters.insert(entry.key.clone(), (text.trim().to_owned(), entry.key_span))),
                None => {
                    self.log.part(entry.key_span, resource.id(), format!("`{}` is not a string", entry.key));
                }
            }
        }
        parameters
    }
}

/// Whether a string is the ARN of a Lambda function, as the schema of controls has it.
fn is_function(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(7, ':').collect();
    matches!(parts.as_slice(), ["arn", _, "lambda", _, account, "function", name]
        if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) && !name.is_empty())
}

/// Whether a string is the name of a resource type, as the schema of controls has it.
fn is_type(name: &str) -> bool {
    let parts: Vec<&str> = name.splitn(3, "::").collect();
    let word = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b':');
    parts.len() == 3 && parts.iter().all(word)
}

//! Templates of conformance packs: from YAML or JSON to rules, with parameters and conditions resolved.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The keys of a template at the top.
const SECTIONS: [&str; 8] = [
    "AWSTemplateFormatVersion",
    "Conditions",
    "Controls",
    "Description",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
];

/// Rules and remediations of a pack.
const MAX_RESOURCES: usize = 130;

/// Nested functions in a value.
const MAX_DEPTH: usize = 64;

/// Why a template cannot be used: a message that names the resource.
pub(crate) type TemplateError = String;

/// A rule of a template: its logical ID, its resolved properties, and its controls.
#[derive(Debug, PartialEq)]
pub(crate) struct TemplateRule {
    pub(crate) id: String,
    pub(crate) properties: Value,
    pub(crate) controls: Vec<String>,
}

/// What functions in a template refer to.
struct Scope<'a> {
    parameters: BTreeMap<String, Value>,
    conditions: &'a Map<String, Value>,
    resources: &'a Map<String, Value>,
}

/// Returns the rules of a template.
///
/// # Errors
///
/// The template has something that the emulator does not understand.
pub(crate) fn rules(
    body: &str,
    given: &BTreeMap<String, String>,
    account: &str,
    region: &str,
) -> Result<Vec<TemplateRule>, TemplateError> {
    let yaml: serde_yaml::Value =
        serde_yaml::from_str(body).map_err(|error| format!("The template is not valid YAML or JSON: {error}"))?;
    let Value::Object(template) = json_of(yaml)? else { return Err("The template must be a mapping.".to_owned()) };
    if let Some(unknown) = template.keys().find(|key| !SECTIONS.contains(&key.as_str())) {
        return Err(format!("Invalid template property or properties [{unknown}]."));
    }
    let empty = Map::new();
    let section = |name: &str| match template.get(name) {
        None | Some(Value::Null) => Ok(&empty),
        Some(Value::Object(section)) => Ok(section),
        Some(_) => Err(format!("{name} must be a mapping.")),
    };
    let resources = section("Resources")?;
    if resources.is_empty() {
        return Err("At least one resource must be defined in Resources.".to_owned());
    }
    if resources.len() > MAX_RESOURCES {
        return Err(format!(
            "The template has {} resources; a conformance pack has at most {MAX_RESOURCES}.",
            resources.len()
        ));
    }
    let mut parameters = parameters(section("Parameters")?, given)?;
    for (name, value) in [("AWS::AccountId", account), ("AWS::Region", region), ("AWS::Partition", "aws")] {
        parameters.insert(name.to_owned(), Value::from(value));
    }
    let scope = Scope { parameters, conditions: section("Conditions")?, resources };
    let mut rules = Vec::new();
    let mut remediated = Vec::new();
    for (id, resource) in resources {
        let named = |message: TemplateError| format!("Resource {id}: {message}");
        if let Some(condition) = resource.get("Condition").and_then(Value::as_str)
            && !scope.condition(condition, 0).map_err(named)?
        {
            continue;
        }
        let properties = scope.resolved(&resource["Properties"], 0).map_err(named)?.unwrap_or_default();
        match resource["Type"].as_str() {
            Some("AWS::Config::ConfigRule") => {
                rules.push(rule_of(id, resource, properties).map_err(named)?);
            }
            Some("AWS::Config::RemediationConfiguration") => {
                remediated.push((id, remediation(&properties).map_err(named)?));
            }
            other => return Err(named(format!("the type {} is not supported", other.unwrap_or("null")))),
        }
    }
    for (id, rule) in remediated {
        let has_name = |other: &TemplateRule| other.id == rule || other.properties["ConfigRuleName"] == rule.as_str();
        if !rules.iter().any(has_name) {
            return Err(format!("Resource {id}: the rule {rule} is not in the template"));
        }
    }
    Ok(rules)
}

/// YAML as JSON; the short form of a function becomes its long form.
fn json_of(yaml: serde_yaml::Value) -> Result<Value, TemplateError> {
    Ok(match yaml {
        serde_yaml::Value::Null => Value::Null,
        serde_yaml::Value::Bool(value) => Value::from(value),
        serde_yaml::Value::Number(number) => {
            serde_json::to_value(number).map_err(|error| format!("The template has an invalid number: {error}"))?
        }
        serde_yaml::Value::String(text) => Value::from(text),
        serde_yaml::Value::Sequence(items) => Value::Array(items.into_iter().map(json_of).collect::<Result<_, _>>()?),
        serde_yaml::Value::Mapping(entries) => {
            let mut object = Map::new();
            for (key, value) in entries {
                let Value::String(key) = json_of(key)? else {
                    return Err("The keys of a template must be strings.".to_owned());
                };
                object.insert(key, json_of(value)?);
            }
            Value::Object(object)
        }
        serde_yaml::Value::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = match tag.trim_start_matches('!') {
                name @ ("Ref" | "Condition") => name.to_owned(),
                name => format!("Fn::{name}"),
            };
            Value::Object(Map::from_iter([(name, json_of(tagged.value)?)]))
        }
    })
}

/// The values of the parameters: those given, or their defaults.
fn parameters(
    declared: &Map<String, Value>,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Value>, TemplateError> {
    if let Some(unknown) = given.keys().find(|name| !declared.contains_key(*name)) {
        return Err(format!("Parameters: [{unknown}] do not exist in the template."));
    }
    let values = declared.iter().map(|(name, parameter)| {
        let value = match (given.get(name), &parameter["Default"]) {
            (Some(value), _) => value.clone(),
            (None, Value::Null) => return Err(format!("Parameters: [{name}] must have values.")),
            (None, default) => plain(default),
        };
        Ok((name.clone(), Value::from(value)))
    });
    values.collect()
}

/// A scalar as a string.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl Scope<'_> {
    /// A value without functions; `None` for `AWS::NoValue`.
    fn resolved(&self, value: &Value, depth: usize) -> Result<Option<Value>, TemplateError> {
        if depth > MAX_DEPTH {
            return Err("functions are nested too deeply".to_owned());
        }
        match value {
            Value::Array(items) => {
                let items = items.iter().filter_map(|item| self.resolved(item, depth + 1).transpose());
                items.collect::<Result<_, _>>().map(|items| Some(Value::Array(items)))
            }
            Value::Object(members) => {
                if let Some((name, argument)) = function(members) {
                    return self.call(name, argument, depth);
                }
                let mut object = Map::new();
                for (name, member) in members {
                    if let Some(member) = self.resolved(member, depth + 1)? {
                        object.insert(name.clone(), member);
                    }
                }
                Ok(Some(Value::Object(object)))
            }
            other => Ok(Some(other.clone())),
        }
    }

    fn call(&self, name: &str, argument: &Value, depth: usize) -> Result<Option<Value>, TemplateError> {
        match (name, argument) {
            ("Ref", Value::String(target)) if target == "AWS::NoValue" => Ok(None),
            ("Ref", Value::String(target)) => match self.parameters.get(target) {
                Some(value) => Ok(Some(value.clone())),
                None if self.resources.contains_key(target) => Ok(Some(Value::from(target.as_str()))),
                None => Err(format!("unresolved reference {target}")),
            },
            ("Fn::If", Value::Array(arguments)) => match arguments.as_slice() {
                [Value::String(condition), then, otherwise] => {
                    let chosen = if self.condition(condition, depth + 1)? { then } else { otherwise };
                    self.resolved(chosen, depth + 1)
                }
                _ => Err("Fn::If needs a condition and two values".to_owned()),
            },
            ("Fn::Sub", Value::String(text)) => self.substituted(text).map(|text| Some(Value::from(text))),
            ("Fn::Join", Value::Array(arguments)) => match arguments.as_slice() {
                [Value::String(separator), items] => {
                    let items = self.resolved(items, depth + 1)?.unwrap_or_default();
                    let items: Vec<String> = items.as_array().into_iter().flatten().map(plain).collect();
                    Ok(Some(Value::from(items.join(separator))))
                }
                _ => Err("Fn::Join needs a separator and a list".to_owned()),
            },
            _ => Err(format!("the function {name} is not supported here")),
        }
    }

    /// A text with `${Parameter}` replaced.
    fn substituted(&self, text: &str) -> Result<String, TemplateError> {
        let (mut result, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, after)) = after.split_once('}') else {
                return Err("Fn::Sub needs a closing brace".to_owned());
            };
            let value = self.parameters.get(name).ok_or_else(|| format!("unresolved reference {name}"))?;
            result.push_str(before);
            result.push_str(&plain(value));
            rest = after;
        }
        result.push_str(rest);
        Ok(result)
    }

    fn condition(&self, name: &str, depth: usize) -> Result<bool, TemplateError> {
        let condition = self.conditions.get(name).ok_or_else(|| format!("unresolved condition {name}"))?;
        self.holds(condition, depth)
    }

    fn holds(&self, condition: &Value, depth: usize) -> Result<bool, TemplateError> {
        if depth > MAX_DEPTH {
            return Err("conditions are nested too deeply".to_owned());
        }
        let Some((name, argument)) = condition.as_object().and_then(function) else {
            return Err("a condition must be a function".to_owned());
        };
        match (name, argument) {
            ("Condition", Value::String(name)) => self.condition(name, depth + 1),
            ("Fn::Equals", Value::Array(sides)) if sides.len() == 2 => {
                let side =
                    |value: &Value| self.resolved(value, depth + 1).map(|value| plain(&value.unwrap_or_default()));
                Ok(side(&sides[0])? == side(&sides[1])?)
            }
            ("Fn::Not", Value::Array(conditions)) if conditions.len() == 1 => {
                self.holds(&conditions[0], depth + 1).map(|holds| !holds)
            }
            ("Fn::And" | "Fn::Or", Value::Array(conditions)) => {
                let holds: Vec<bool> =
                    conditions.iter().map(|condition| self.holds(condition, depth + 1)).collect::<Result<_, _>>()?;
                Ok(if name == "Fn::And" { holds.into_iter().all(|holds| holds) } else { holds.contains(&true) })
            }
            _ => Err(format!("the function {name} is not supported in conditions")),
        }
    }
}

/// The function that an object calls.
fn function(members: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = members.iter().next().filter(|_| members.len() == 1)?;
    (name == "Ref" || name == "Condition" || name.starts_with("Fn::")).then_some((name.as_str(), argument))
}

/// A rule with its properties as a request has them.
fn rule_of(id: &str, resource: &Value, mut rule: Value) -> Result<TemplateRule, TemplateError> {
    let Value::Object(properties) = &mut rule else { return Err("Properties must be a mapping".to_owned()) };
    properties.entry("ConfigRuleName").or_insert_with(|| Value::from(id));
    let parameters = match properties.get("InputParameters") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Object(parameters)) => {
            let texts: Map<String, Value> =
                parameters.iter().map(|(name, value)| (name.clone(), Value::from(plain(value)))).collect();
            Some(Value::Object(texts).to_string()).filter(|_| !parameters.is_empty())
        }
        Some(_) => return Err("InputParameters must be a mapping".to_owned()),
    };
    properties.remove("InputParameters");
    if let Some(parameters) = parameters {
        properties.insert("InputParameters".to_owned(), Value::from(parameters));
    }
    Ok(TemplateRule { id: id.to_owned(), properties: rule, controls: controls(&resource["Controls"])? })
}

/// The controls of a rule: at most 20, of at most 128 characters
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_ConformancePackRuleCompliance.html>).
fn controls(sent: &Value) -> Result<Vec<String>, TemplateError> {
    let controls: Option<Vec<String>> = match sent {
        Value::Null => Some(Vec::new()),
        Value::Array(items) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
        _ => None,
    };
    let fits = |text: &String| (1..=128).contains(&text.chars().count());
    controls
        .filter(|controls| controls.len() <= 20 && controls.iter().all(fits))
        .ok_or_else(|| "Controls must be at most 20 strings of at most 128 characters".to_owned())
}

/// The rule that a remediation belongs to.
fn remediation(properties: &Value) -> Result<String, TemplateError> {
    for member in ["ConfigRuleName", "TargetId", "TargetType"] {
        if !properties[member].is_string() {
            return Err(format!("the property {member} is required"));
        }
    }
    if properties["TargetType"] != "SSM_DOCUMENT" {
        return Err("TargetType must be SSM_DOCUMENT".to_owned());
    }
    Ok(plain(&properties["ConfigRuleName"]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &str, given: &[(&str, &str)]) -> Result<Vec<TemplateRule>, TemplateError> {
        let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        rules(body, &given, "000000000000", "us-east-1")
    }

    const TEMPLATE: &str = "
Parameters:
  Age: {Default: '90', Type: String}
Conditions:
  hasAge: {'Fn::Not': [{'Fn::Equals': ['', {Ref: Age}]}]}
Resources:
  Keys:
    Type: AWS::Config::ConfigRule
    Properties:
      ConfigRuleName: keys
      InputParameters:
        maxAccessKeyAge: !If [hasAge, !Ref Age, !Ref 'AWS::NoValue']
        count: 7
      Source: {Owner: AWS, SourceIdentifier: ACCESS_KEYS_ROTATED}
  Remedy:
    Type: AWS::Config::RemediationConfiguration
    Properties: {ConfigRuleName: !Ref Keys, TargetId: Document, TargetType: SSM_DOCUMENT}
";

    #[test]
    fn parameters_and_conditions_are_resolved() {
        let rule = |given: &[(&str, &str)]| read(TEMPLATE, given).unwrap().remove(0);
        let parameters = |given: &[(&str, &str)]| -> Value {
            serde_json::from_str(rule(given).properties["InputParameters"].as_str().unwrap()).unwrap()
        };
        assert_eq!(parameters(&[]), json!({"count":"7","maxAccessKeyAge":"90"}));
        assert_eq!(parameters(&[("Age", "30")]), json!({"count":"7","maxAccessKeyAge":"30"}));
        assert_eq!(parameters(&[("Age", "")]), json!({"count":"7"}));
        assert_eq!(rule(&[]).id, "Keys");
    }

    #[test]
    fn errors_name_the_resource() {
        for (from, to, message) in [
            ("!Ref Keys", "Other", "Resource Remedy: the rule Other is not in the template"),
            ("AWS::Config::ConfigRule", "AWS::S3::Bucket", "Resource Keys: the type AWS::S3::Bucket is not supported"),
            ("!If [hasAge", "!Select [hasAge", "Resource Keys: the function Fn::Select is not supported here"),
            ("hasAge:", "other:", "Resource Keys: unresolved condition hasAge"),
            ("{Default: '90', Type: String}", "{Type: String}", "Parameters: [Age] must have values."),
            ("Resources:", "Rules:", "Invalid template property or properties [Rules]."),
        ] {
            assert_eq!(read(&TEMPLATE.replace(from, to), &[]), Err(message.to_owned()));
        }
        assert!(read("{", &[]).is_err() && read("7", &[]).is_err());
        assert!(read(TEMPLATE, &[("Other", "1")]).is_err());
    }
}

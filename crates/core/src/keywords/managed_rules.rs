//! Managed rules of AWS Config: trigger, resource types and parameters
//! (<https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html>).

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::list::with_header;
use crate::demand::ParameterType;

/// A managed rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedRule {
    /// Identifier.
    pub identifier: &'static str,
    /// When it is evaluated.
    pub trigger: Trigger,
    /// Types of the resources that it evaluates, such as `AWS::S3::Bucket`; empty for the account.
    pub resource_types: Vec<&'static str>,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
}

impl ManagedRule {
    /// Returns the parameter with a name.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }
}

/// When a rule is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Trigger {
    /// When a resource changes.
    Changes,
    /// Periodically.
    Periodic,
    /// Both.
    Both,
}

/// A parameter of a managed rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Name; AWS Config compares it exactly.
    pub name: &'static str,
    /// Type.
    pub of: ParameterType,
    /// The value that the console fills in; `None` if there is none.
    pub default: Option<&'static str>,
    /// Whether AWS Config rejects the rule without it.
    pub required: bool,
}

pub(super) static DATA: &str = include_str!("data/AWS_Config.rules.txt");

/// The rules, sorted by identifier.
static RULES: LazyLock<Vec<ManagedRule>> =
    LazyLock::new(|| DATA.lines().filter(|line| !line.starts_with('#')).filter_map(rule).collect());

/// Returns the date of the table, `YYYY-MM-DD`.
pub fn managed_rules_date() -> &'static str {
    with_header(DATA).1
}

fn rule(line: &'static str) -> Option<ManagedRule> {
    let mut columns = line.split('\t');
    let (identifier, trigger, types, parameters) =
        (columns.next()?, columns.next()?, columns.next()?, columns.next().unwrap_or_default());
    let trigger = match trigger {
        "changes" => Trigger::Changes,
        "periodic" => Trigger::Periodic,
        "both" => Trigger::Both,
        _ => return None,
    };
    Some(ManagedRule {
        identifier,
        trigger,
        resource_types: types.split(' ').filter(|name| !name.is_empty()).collect(),
        parameters: parameters.split("; ").filter_map(parameter).collect(),
    })
}

/// Reads `name:type:default`, with `*` after the name of a required parameter.
fn parameter(text: &'static str) -> Option<Parameter> {
    let mut parts = text.splitn(3, ':');
    let (name, of, default) = (parts.next()?, parts.next()?, parts.next().unwrap_or_default());
    Some(Parameter {
        name: name.trim_end_matches('*'),
        of: ParameterType::from_name(of)?,
        default: Some(default).filter(|default| !default.is_empty()),
        required: name.ends_with('*'),
    })
}

/// Returns the managed rule with an identifier; `None` for rules that are newer than the table.
pub fn managed_rule(identifier: &str) -> Option<&'static ManagedRule> {
    let at = RULES.binary_search_by(|rule| rule.identifier.cmp(identifier)).ok()?;
    RULES.get(at)
}

/// Returns all managed rules, sorted by identifier.
pub fn managed_rules() -> &'static [ManagedRule] {
    &RULES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_completely() {
        assert_eq!(RULES.len(), 833);
        assert!(RULES.is_sorted_by(|a, b| a.identifier < b.identifier));
        let with_required = |rule: &&ManagedRule| rule.parameters.iter().any(|parameter| parameter.required);
        assert_eq!(RULES.iter().filter(with_required).count(), 76);
        let parameters: usize = RULES.iter().map(|rule| rule.parameters.len()).sum();
        assert_eq!(parameters, include_str!("data/AWS_Config.rules.txt").matches([';']).count() + 421);
    }

    #[test]
    fn a_rule_has_its_parameters() {
        let rule = managed_rule("ACCESS_KEYS_ROTATED").unwrap();
        let age = Parameter { name: "maxAccessKeyAge", of: ParameterType::Int, default: Some("90"), required: true };
        assert_eq!((rule.trigger, rule.parameters.as_slice()), (Trigger::Periodic, [age].as_slice()));
        assert_eq!(rule.resource_types, ["AWS::IAM::User"]);
        assert_eq!(managed_rule("BRAND_NEW_RULE"), None);
    }
}

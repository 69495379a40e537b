//! The parameters of a rule: the value that meets all demands, and otherwise the default of a required one.

use std::collections::BTreeMap;

use super::check::Evaluation;
use crate::demand::{Demand, ParameterType, common_value};
use crate::keywords::{ManagedRule, managed_rule};
use crate::pack_limits::MAX_INPUT_PARAMETERS;

/// A parameter of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) value: String,
    /// What controls demand, in words; `None` if none does.
    pub(crate) demanded: Option<String>,
}

/// Why a rule cannot have its parameters.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// Nothing gives a value to required parameters.
    Missing(Vec<&'static str>),
    /// No value of a parameter meets all demands.
    Conflicting(String),
    /// They are longer than AWS Config allows.
    TooLong,
}

/// Demands by parameter.
pub(crate) type Demands<'a> = BTreeMap<&'a str, Vec<&'a Demand>>;

/// Whether the table says that a rule has no parameter with a name.
pub(crate) fn is_unknown(evaluation: &Evaluation, parameter: &str) -> bool {
    table(evaluation).is_some_and(|rule| rule.parameter(parameter).is_none())
}

fn table(evaluation: &Evaluation) -> Option<&'static ManagedRule> {
    match evaluation {
        Evaluation::Managed(identifier) => managed_rule(identifier),
        _ => None,
    }
}

/// Returns the parameters of a rule. AWS Config fills in no default of its own: only its console does.
///
/// # Errors
///
/// A rule with these parameters cannot be deployed.
pub(crate) fn parameters(evaluation: &Evaluation, demands: &Demands<'_>) -> Result<BTreeMap<String, Given>, Unfit> {
    let rule = table(evaluation);
    let mut given = BTreeMap::new();
    for (name, demands) in demands.iter().filter(|(name, _)| !is_unknown(evaluation, name)) {
        let demands: Vec<&Demand> = demands.iter().copied().filter(|demand| !demand.is_empty()).collect();
        if demands.is_empty() {
            continue;
        }
        let of = rule.and_then(|rule| rule.parameter(name)).map_or_else(|| guessed(&demands), |parameter| parameter.of);
        let value = common_value(&demands, of).ok_or_else(|| Unfit::Conflicting((*name).to_owned()))?;
        let mut words: Vec<String> = demands.iter().map(ToString::to_string).collect();
        words.dedup();
        // AWS Config refuses an empty value; a parameter that is not set is the same.
        if !value.trim().is_empty() {
            given.insert((*name).to_owned(), Given { value, demanded: Some(words.join("; ")) });
        }
    }
    let mut missing = Vec::new();
    for parameter in rule.map(|rule| rule.parameters.as_slice()).unwrap_or_default() {
        if !parameter.required || given.contains_key(parameter.name) {
            continue;
        }
        match parameter.default {
            Some(value) => {
                let value = value.to_owned();
                given.insert(parameter.name.to_owned(), Given { value, demanded: None });
            }
            None => missing.push(parameter.name),
        }
    }
    if !missing.is_empty() {
        return Err(Unfit::Missing(missing));
    }
    let values: BTreeMap<&String, &String> = given.iter().map(|(name, given)| (name, &given.value)).collect();
    let length = serde_json::to_string(&values).unwrap_or_default().chars().count();
    if length > MAX_INPUT_PARAMETERS { Err(Unfit::TooLong) } else { Ok(given) }
}

/// The type of a parameter that no table has, by what is demanded of it.
fn guessed(demands: &[&Demand]) -> ParameterType {
    if demands.iter().any(|demand| demand.at_most.is_some() || demand.at_least.is_some()) {
        ParameterType::Double
    } else if demands.iter().any(|demand| !demand.includes.is_empty() || !demand.within.is_empty()) {
        ParameterType::Csv
    } else {
        ParameterType::String
    }
}

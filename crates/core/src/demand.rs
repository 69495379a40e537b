//! What a control demands of the parameters of an AWS Config rule.
//!
//! AWS Config passes every parameter as a string. Its type says how two strings compare: `int` and `double` as numbers, `boolean` as
//! exactly `true` or `false`, `CSV` as a set of words, everything else as it is. A `String` can hold a list, too; a demand says so.

use std::collections::BTreeSet;
use std::fmt;

use crate::document::{Node, Value};

/// Type of a parameter
/// (<https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterType {
    /// A whole number.
    Int,
    /// A number.
    Double,
    /// `true` or `false`.
    Boolean,
    /// A string.
    String,
    /// A list of words, separated by commas.
    Csv,
    /// Pairs of keys and values.
    StringMap,
}

impl ParameterType {
    /// Returns the type with a name of AWS Config.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "int" => Self::Int,
            "double" => Self::Double,
            "boolean" => Self::Boolean,
            "String" => Self::String,
            "CSV" => Self::Csv,
            "StringMap" => Self::StringMap,
            _ => return None,
        })
    }

    /// What a value of the type is, for messages.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Int => "a whole number",
            Self::Double => "a number",
            Self::Boolean => "`true` or `false`",
            Self::String => "a string",
            Self::Csv => "a list of words, separated by commas",
            Self::StringMap => "a map",
        }
    }

    const fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Double)
    }
}

/// Form of the elements of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListForm {
    /// Words.
    Csv,
    /// Ports and ranges of ports: `22`, `1024-65535`.
    Ports,
}

impl ListForm {
    fn from_name(name: &str) -> Option<Self> {
        match name {
            "csv" => Some(Self::Csv),
            "ports" => Some(Self::Ports),
            _ => None,
        }
    }

    /// Name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ports => "ports",
        }
    }
}

/// What a control demands of one parameter. All bounds that are set must hold.
///
/// ```
/// use controlsync_core::demand::{Demand, ParameterType};
/// let demand = Demand { at_most: Some("90".to_owned()), ..Demand::default() };
/// assert!(demand.is_met("30", ParameterType::Int));
/// assert!(!demand.is_met("365", ParameterType::Int));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// The value itself.
    pub exactly: Option<String>,
    /// The largest number.
    pub at_most: Option<String>,
    /// The smallest number.
    pub at_least: Option<String>,
    /// The allowed values.
    pub one_of: Vec<String>,
    /// Elements that the list must have.
    pub includes: Vec<String>,
    /// All elements that the list can have.
    pub within: Vec<String>,
    /// Form of the list, if the value is one.
    pub list: Option<ListForm>,
}

/// What is wrong with a demand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemandProblem {
    /// The key of the bound; empty for the value itself.
    pub key: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Demand {
    /// Reads a demand: a scalar is the exact value.
    pub(crate) fn from_node(node: &Node) -> Self {
        if let Some(exactly) = scalar(node) {
            return Self { exactly: Some(exactly), ..Self::default() };
        }
        // The schema reports a bound that is not a number.
        let is_number = |node: &&Node| matches!(node.value, Value::Int(_) | Value::Float(_));
        let one = |key| node.get(key).filter(is_number).and_then(scalar);
        let all = |key| node.get(key).map(Node::items).unwrap_or_default().iter().filter_map(scalar).collect();
        Self {
            exactly: None,
            at_most: one("atMost"),
            at_least: one("atLeast"),
            one_of: all("oneOf"),
            includes: all("includes"),
            within: all("within"),
            list: node.get("list").and_then(Node::as_str).and_then(ListForm::from_name),
        }
    }

    /// Whether it has no bound.
    pub(crate) const fn is_empty(&self) -> bool {
        self.exactly.is_none()
            && self.at_most.is_none()
            && self.at_least.is_none()
            && self.one_of.is_empty()
            && self.includes.is_empty()
            && self.within.is_empty()
    }

    /// Returns its bounds with their keys.
    fn bounds(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let single = [("", &self.exactly), ("atMost", &self.at_most), ("atLeast", &self.at_least)];
        let lists = [("oneOf", &self.one_of), ("includes", &self.includes), ("within", &self.within)];
        let single = single.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?)));
        single.chain(lists.into_iter().flat_map(|(key, values)| values.iter().map(move |value| (key, value.as_str()))))
    }

    /// Form of the list that a value of a type is; `None` if it is not a list.
    fn list_form(&self, of: ParameterType) -> Option<ListForm> {
        match of {
            ParameterType::Csv => Some(self.list.unwrap_or(ListForm::Csv)),
            ParameterType::String => self.list,
            _ => None,
        }
    }

    /// Returns what is wrong with it for a parameter of a type.
    pub(crate) fn problem(&self, of: ParameterType) -> Option<DemandProblem> {
        let problem = |key, message: String, help: &str| Some(DemandProblem { key, message, help: help.to_owned() });
        if self.list.is_some() && self.list_form(of).is_none() {
            return problem("list", format!("the parameter is {}, not a list", of.noun()), "remove `list`");
        }
        for (key, value) in self.bounds() {
            let ordered = matches!(key, "atMost" | "atLeast");
            let of_list = matches!(key, "includes" | "within");
            if ordered && !of.is_number() {
                let help = "write the exact value, or `oneOf`, or `includes` and `within` for a list";
                return problem(key, format!("`{key}` is for numbers; the parameter is {}", of.noun()), help);
            }
            if of_list && of == ParameterType::String && self.list.is_none() {
                let message = format!("`{key}` is for lists; the parameter is a string");
                return problem(key, message, "add `list: csv` or `list: ports` if the string holds a list");
            }
            if of_list && self.list_form(of).is_none() {
                let message = format!("`{key}` is for lists; the parameter is {}", of.noun());
                return problem(key, message, "write the exact value, a bound or `oneOf`");
            }
            let fits = match (of, self.list_form(of)) {
                (ParameterType::Int, _) => whole_number(value).is_some() || ordered && number(value).is_some(),
                (ParameterType::Double, _) => number(value).is_some(),
                (ParameterType::Boolean, _) => matches!(value, "true" | "false"),
                (_, Some(ListForm::Ports)) => ports(value).is_some(),
                (ParameterType::String | ParameterType::Csv | ParameterType::StringMap, _) => true,
            };
            if !fits {
                let wanted =
                    if self.list_form(of).is_some() { "a port or a range such as `1024-65535`" } else { of.noun() };
                return problem(key, format!("`{value}` is not {wanted}"), &format!("write {wanted}"));
            }
        }
        None
    }

    /// Whether a value of a rule meets it.
    pub fn is_met(&self, value: &str, of: ParameterType) -> bool {
        if let Some(form) = self.list_form(of) {
            let Some(value) = Elements::parse(value, form) else { return false };
            let all = |elements: &[String]| Elements::parse(&elements.join(","), form);
            let same = |text: &String| Elements::parse(text, form).as_ref() == Some(&value);
            return self.exactly.as_ref().is_none_or(same)
                && (self.one_of.is_empty() || self.one_of.iter().any(same))
                && all(&self.includes).is_some_and(|included| included.is_within(&value))
                && (self.within.is_empty() || all(&self.within).is_some_and(|within| value.is_within(&within)));
        }
        if of.is_number() {
            let Some(value) = number(value) else { return false };
            let compare = |bound: &Option<String>, holds: fn(f64, f64) -> bool| {
                bound.as_deref().is_none_or(|bound| number(bound).is_some_and(|bound| holds(value, bound)))
            };
            let is = |text: &String| number(text).is_some_and(|number| number.total_cmp(&value).is_eq());
            return self.exactly.as_ref().is_none_or(is)
                && (self.one_of.is_empty() || self.one_of.iter().any(is))
                && compare(&self.at_most, |value, bound| value <= bound)
                && compare(&self.at_least, |value, bound| value >= bound);
        }
        self.exactly.as_deref().is_none_or(|exactly| exactly == value)
            && (self.one_of.is_empty() || self.one_of.iter().any(|one| one == value))
    }
}

/// In words, for readers who do not know the keys: `at least 14, at most 128`.
impl fmt::Display for Demand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |word: &str, values: &[String]| (!values.is_empty()).then(|| format!("{word} {}", values.join(", ")));
        let one = |word: &str, value: &Option<String>| value.as_ref().map(|value| format!("{word} {value}"));
        let parts = [
            one("exactly", &self.exactly),
            one("at least", &self.at_least),
            one("at most", &self.at_most),
            of("one of", &self.one_of),
            of("includes", &self.includes),
            of("only", &self.within),
        ];
        f.write_str(&parts.into_iter().flatten().collect::<Vec<_>>().join("; "))
    }
}

/// Returns a value that meets several demands of one parameter; `None` if there is none.
///
/// Whenever a value exists, one of the bounds is one: each candidate is a bound, or the smallest list with all elements.
pub fn common_value(demands: &[&Demand], of: ParameterType) -> Option<String> {
    let mut candidates: Vec<String> = Vec::new();
    for demand in demands {
        candidates.extend(demand.exactly.iter().chain(&demand.one_of).cloned());
        let bounds = [(&demand.at_most, f64::floor as fn(f64) -> f64), (&demand.at_least, f64::ceil)];
        for (bound, rounded) in bounds {
            let bound = bound.as_deref().and_then(|bound| Some((bound, number(bound)?)));
            candidates.extend(bound.map(|(text, bound)| match of {
                ParameterType::Int if whole_number(text).is_none() => rounded(bound).to_string(),
                _ => text.to_owned(),
            }));
        }
    }
    let included: Vec<String> = demands.iter().flat_map(|demand| &demand.includes).cloned().collect();
    if included.is_empty() {
        // The narrowest of the lists that may be used completely, or a list without elements.
        candidates
            .extend(demands.iter().filter(|demand| !demand.within.is_empty()).map(|demand| demand.within.join(",")));
        candidates.push(String::new());
    } else {
        candidates.push(included.join(","));
    }
    candidates.into_iter().find(|value| demands.iter().all(|demand| demand.is_met(value, of)))
}

/// Elements of a list.
#[derive(Debug, PartialEq, Eq)]
enum Elements {
    Words(BTreeSet<String>),
    Ports(BTreeSet<u16>),
}

impl Elements {
    fn parse(text: &str, form: ListForm) -> Option<Self> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        Some(match form {
            ListForm::Csv => Self::Words(parts.map(str::to_owned).collect()),
            ListForm::Ports => {
                Self::Ports(parts.map(ports).collect::<Option<Vec<_>>>()?.into_iter().flatten().collect())
            }
        })
    }

    fn is_within(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Words(own), Self::Words(others)) => own.is_subset(others),
            (Self::Ports(own), Self::Ports(others)) => own.is_subset(others),
            _ => false,
        }
    }
}

/// Returns the ports of `22` or `1024-65535`.
fn ports(text: &str) -> Option<std::ops::RangeInclusive<u16>> {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let (from, to) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
    (from <= to).then_some(from..=to)
}

fn whole_number(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// Returns a scalar as the string that AWS Config passes.
fn scalar(node: &Node) -> Option<String> {
    Some(match &node.value {
        Value::String(text) => text.trim().to_owned(),
        Value::Int(Some(value)) => value.to_string(),
        Value::Float(text) => text.clone(),
        Value::Bool(value) => value.to_string(),
        _ => return None,
    })
}

//! Evaluates the functions of AWS CloudFormation, with the defaults of the parameters.
//!
//! Bounded for hostile input: how deep conditions and functions go, and how much text functions make.

use std::collections::BTreeMap;

use super::template::{RULE, Template};
use crate::document::{Node, Value as Written};
use crate::source::{Source, Span};

/// Maximum depth of functions, values and conditions.
const MAX_DEPTH: usize = 100;
/// Maximum number of bytes that the functions of one pack make.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// A value without functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// `AWS::NoValue`, or null.
    Nothing,
    /// A scalar, as AWS Config reads it.
    Text(String),
    List(Vec<Value>),
    Mapping(Vec<(String, Value)>),
}

/// Why a value is not known.
#[derive(Clone, Debug)]
pub(super) struct Unknown {
    pub span: Span,
    /// As the end of a sentence.
    pub reason: String,
}

type Evaluated<T> = Result<T, Unknown>;

/// A condition.
#[derive(Clone)]
enum Condition {
    /// It is being evaluated.
    Pending,
    Done(Evaluated<bool>),
}

/// Evaluates the values of one pack.
pub(super) struct Evaluator<'a> {
    source: &'a Source,
    template: &'a Template<'a>,
    conditions: BTreeMap<&'a str, Condition>,
    depth: usize,
    bytes: usize,
}

fn unknown<T>(at: &Node, reason: impl Into<String>) -> Evaluated<T> {
    Err(Unknown { span: at.span, reason: reason.into() })
}

impl<'a> Evaluator<'a> {
    pub(super) const fn new(source: &'a Source, template: &'a Template<'a>) -> Self {
        Self { source, template, conditions: BTreeMap::new(), depth: 0, bytes: 0 }
    }

    /// Returns a value.
    ///
    /// # Errors
    ///
    /// It depends on what only a deployment knows, or a function cannot be evaluated.
    pub(super) fn value(&mut self, node: &Node) -> Evaluated<Value> {
        self.nested(node, Self::value_of)
    }

    /// Whether a condition holds.
    ///
    /// # Errors
    ///
    /// As for a value.
    pub(super) fn condition(&mut self, name: &str, at: &Node) -> Evaluated<bool> {
        let Some((name, node)) = self.template.conditions.get_key_value(name) else {
            return unknown(at, format!("the template has no condition `{name}`"));
        };
        match self.conditions.get(name) {
            Some(Condition::Pending) => unknown(at, format!("the condition `{name}` depends on itself")),
            Some(Condition::Done(known)) => known.clone(),
            None => {
                self.conditions.insert(name, Condition::Pending);
                let holds = self.nested(node, Self::holds);
                self.conditions.insert(name, Condition::Done(holds.clone()));
                holds
            }
        }
    }

    /// Returns the value that the conditions around it choose, with the functions in it; `None` for `AWS::NoValue`.
    ///
    /// # Errors
    ///
    /// As for a value.
    pub(super) fn chosen<'n>(&mut self, mut node: &'n Node) -> Evaluated<Option<&'n Node>> {
        while let Some((function, argument)) = call(node) {
            match (function, argument.items()) {
                ("Ref", _) if argument.as_str() == Some("AWS::NoValue") => return Ok(None),
                ("Fn::If", [condition, then, otherwise]) => {
                    let holds = self.condition(condition.as_str().unwrap_or_default(), condition)?;
                    node = if holds { then } else { otherwise };
                }
                _ => return unknown(argument, format!("`{function}` cannot be here")),
            }
        }
        Ok(Some(node))
    }

    fn nested<T>(&mut self, node: &Node, next: fn(&mut Self, &Node) -> Evaluated<T>) -> Evaluated<T> {
        if self.depth == MAX_DEPTH {
            return unknown(node, format!("functions and conditions go deeper than {MAX_DEPTH} levels"));
        }
        self.depth += 1;
        let result = next(self, node);
        self.depth -= 1;
        result
    }

    fn value_of(&mut self, node: &Node) -> Evaluated<Value> {
        if let Some((function, argument)) = call(node) {
            return self.function(function, argument);
        }
        Ok(match &node.value {
            Written::Sequence(items) => {
                let items = items.iter().map(|item| self.value(item)).collect::<Evaluated<Vec<_>>>()?;
                Value::List(items.into_iter().filter(|item| *item != Value::Nothing).collect())
            }
            Written::Mapping(entries) => {
                let entries = entries.iter().map(|entry| Ok((entry.key.clone(), self.value(&entry.value)?)));
                let entries = entries.collect::<Evaluated<Vec<_>>>()?;
                Value::Mapping(entries.into_iter().filter(|(_, value)| *value != Value::Nothing).collect())
            }
            _ => self.scalar(node).map_or(Value::Nothing, Value::Text),
        })
    }

    /// Returns a scalar as a string; `None` for null.
    fn scalar(&self, node: &Node) -> Option<String> {
        match &node.value {
            Written::String(text) => Some(text.clone()),
            Written::Bool(value) => Some(value.to_string()),
            // As written: a number can have more digits than are kept.
            Written::Int(_) | Written::Float(_) => Some(self.source.slice(node.anchor.unwrap_or(node.span)).to_owned()),
            _ => None,
        }
    }

    fn function(&mut self, function: &str, argument: &Node) -> Evaluated<Value> {
        match (function, argument.items()) {
            ("Ref", _) => {
                let name = argument.as_str().unwrap_or_default();
                self.reference(name, argument)
            }
            ("Fn::If", [condition, then, otherwise]) => {
                let holds = self.condition(condition.as_str().unwrap_or_default(), condition)?;
                self.value(if holds { then } else { otherwise })
            }
            ("Fn::Join", [delimiter, list]) => {
                let (delimiter, list) = (self.text(delimiter)?, self.texts(list)?);
                let texts: usize = list.iter().map(String::len).sum();
                self.charge(texts + delimiter.len() * list.len(), argument)?;
                Ok(Value::Text(list.join(&delimiter)))
            }
            ("Fn::Split", [delimiter, text]) => {
                let (delimiter, text) = (self.text(delimiter)?, self.text(text)?);
                if delimiter.is_empty() {
                    return unknown(argument, "`Fn::Split` needs a delimiter");
                }
                self.charge(text.len() + text.matches(&delimiter).count() * size_of::<Value>(), argument)?;
                Ok(Value::List(text.split(&delimiter).map(|part| Value::Text(part.to_owned())).collect()))
            }
            ("Fn::Select", [index, list]) => {
                let (index, list) = (self.text(index)?, self.texts(list)?);
                match index.parse::<usize>().ok().and_then(|index| list.get(index)) {
                    Some(text) => self.made(text.clone(), argument),
                    None => unknown(argument, format!("`Fn::Select` has no item `{index}`")),
                }
            }
            ("Fn::Sub", []) if argument.as_str().is_some() => {
                self.substituted(argument.as_str().unwrap_or_default(), &[], argument)
            }
            ("Fn::Sub", [text, variables]) if text.as_str().is_some() => {
                let mut own = Vec::new();
                for entry in variables.entries() {
                    own.push((entry.key.as_str(), self.text(&entry.value)?));
                }
                self.substituted(text.as_str().unwrap_or_default(), &own, argument)
            }
            ("Fn::If" | "Fn::Join" | "Fn::Split" | "Fn::Select" | "Fn::Sub", _) => {
                unknown(argument, format!("`{function}` has the wrong arguments"))
            }
            _ => unknown(argument, format!("`{function}` is not a function of conformance packs")),
        }
    }

    /// Returns what `Ref` stands for.
    fn reference(&mut self, name: &str, at: &Node) -> Evaluated<Value> {
        if name == "AWS::NoValue" {
            return Ok(Value::Nothing);
        }
        if let Some(default) = self.template.parameters.get(name) {
            return match default {
                Some(default) => {
                    let text = self.scalar(default).unwrap_or_default();
                    self.made(text, at)
                }
                None => unknown(at, format!("the parameter `{name}` has no default")),
            };
        }
        if name.starts_with("AWS::") {
            return unknown(at, format!("`{name}` is known only in a deployment"));
        }
        let rule = self.template.resources.iter().find(|resource| resource.id() == name && resource.of == RULE);
        match rule.and_then(|rule| rule.property("ConfigRuleName")?.as_str()) {
            Some(name) => self.made(name.to_owned(), at),
            None => unknown(at, format!("`{name}` is not a parameter of the pack")),
        }
    }

    /// Returns the text of `Fn::Sub`.
    fn substituted(&mut self, text: &str, own: &[(&str, String)], at: &Node) -> Evaluated<Value> {
        let (mut result, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once("${") {
            result += before;
            let Some((name, after)) = after.split_once('}') else {
                return unknown(at, "`Fn::Sub` has a `${` without `}`");
            };
            rest = after;
            if let Some(literal) = name.strip_prefix('!') {
                result.extend(["${", literal, "}"]);
                continue;
            }
            let name = name.trim();
            let value = match own.iter().find(|(own, _)| *own == name) {
                Some((_, value)) => self.made(value.clone(), at)?,
                None => self.reference(name, at)?,
            };
            if let Value::Text(value) = value {
                result += &value;
            }
        }
        self.made(result + rest, at)
    }

    /// Returns a text that a function made, if the budget allows it.
    fn made(&mut self, text: String, at: &Node) -> Evaluated<Value> {
        self.charge(text.len(), at)?;
        Ok(Value::Text(text))
    }

    fn charge(&mut self, bytes: usize, at: &Node) -> Evaluated<()> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > MAX_BYTES {
            return unknown(at, format!("the functions of the pack make more than {MAX_BYTES} bytes of text"));
        }
        Ok(())
    }

    fn text(&mut self, node: &Node) -> Evaluated<String> {
        match self.value(node)? {
            Value::Text(text) => Ok(text),
            _ => unknown(node, "expected a string"),
        }
    }

    fn texts(&mut self, node: &Node) -> Evaluated<Vec<String>> {
        let Value::List(items) = self.value(node)? else { return unknown(node, "expected a list") };
        let text = |item| match item {
            Value::Text(text) => Ok(text),
            _ => unknown(node, "expected a list of strings"),
        };
        items.into_iter().map(text).collect()
    }

    fn holds(&mut self, node: &Node) -> Evaluated<bool> {
        let Some((function, argument)) = call(node) else {
            return unknown(node, "expected a condition: `Fn::Equals`, `Fn::Not`, `Fn::And`, `Fn::Or` or `Condition`");
        };
        match (function, argument.items()) {
            ("Fn::Equals", [left, right]) => Ok(self.value(left)? == self.value(right)?),
            ("Fn::Not", [one]) => Ok(!self.nested(one, Self::holds)?),
            ("Fn::And", all) if !all.is_empty() => {
                all.iter().try_fold(true, |holds, one| Ok(self.nested(one, Self::holds)? && holds))
            }
            ("Fn::Or", all) if !all.is_empty() => {
                all.iter().try_fold(false, |holds, one| Ok(self.nested(one, Self::holds)? || holds))
            }
            ("Condition", _) => self.condition(argument.as_str().unwrap_or_default(), argument),
            _ => unknown(argument, format!("`{function}` is not a condition, or has the wrong arguments")),
        }
    }
}

/// Returns the function that a value calls, and its argument.
fn call(node: &Node) -> Option<(&str, &Node)> {
    let [entry] = node.entries() else { return None };
    let is_function = entry.key == "Ref" || entry.key == "Condition" || entry.key.starts_with("Fn::");
    is_function.then_some((entry.key.as_str(), &entry.value))
}

impl Value {
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Mapping(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// Returns the strings of a list; `None` if it has something else.
    pub(super) fn texts(&self) -> Option<Vec<String>> {
        match self {
            Self::List(items) => items.iter().map(|item| item.as_text().map(str::to_owned)).collect(),
            _ => None,
        }
    }

    /// Returns the value in one line, for messages.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Nothing => "null".to_owned(),
            Self::Text(text) => text.clone(),
            Self::List(items) => format!("[{}]", items.iter().map(Self::shown).collect::<Vec<_>>().join(", ")),
            Self::Mapping(entries) => {
                let entries = entries.iter().map(|(key, value)| format!("{key}: {}", value.shown()));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

//! The protocol `restJson1`: the operation by method and path, and its input from path, query and body.

use serde_json::{Map, Value};

use crate::protocol::shape::{Location, Member, Shape};
use crate::protocol::validate::{self, Violation};

/// Path and input of an operation.
pub(crate) struct Route<T: 'static> {
    pub(crate) operation: T,
    pub(crate) method: &'static str,
    /// Labels are segments in braces; `{name+}`, at the end, has the rest of the path with its slashes.
    pub(crate) path: &'static str,
    pub(crate) input: &'static [Member],
}

/// Why a request has no route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotFound {
    /// No operation has the path.
    Path,
    /// An operation has the path, but with another method.
    Method,
}

/// Why a request has no input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Invalid {
    CannotParse(String),
    /// Every violated constraint.
    Fields(Vec<Violation>),
}

/// The route of a request, with the labels of its path; they are still encoded.
pub(crate) struct Found<'a, T: 'static> {
    pub(crate) route: &'static Route<T>,
    labels: Vec<(&'static str, &'a str)>,
}

/// Returns the route for a method and an encoded path.
///
/// # Errors
///
/// No route has both.
pub(crate) fn find<'a, T>(routes: &'static [Route<T>], method: &str, path: &'a str) -> Result<Found<'a, T>, NotFound> {
    let mut missing = NotFound::Path;
    for route in routes {
        let Some(labels) = labels_of(route.path, path) else { continue };
        if route.method == method {
            return Ok(Found { route, labels });
        }
        missing = NotFound::Method;
    }
    Err(missing)
}

/// Returns the labels of a path; `None` if the template does not match it.
fn labels_of<'a>(template: &'static str, path: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
    let (mut template, mut path) = (template.strip_prefix('/')?, path.strip_prefix('/')?);
    let mut labels = Vec::new();
    loop {
        let (part, rest) = template.split_once('/').map_or((template, None), |(part, rest)| (part, Some(rest)));
        let label = part.strip_prefix('{').and_then(|label| label.strip_suffix('}'));
        if let Some(greedy) = label.and_then(|label| label.strip_suffix('+')) {
            labels.push((greedy, path));
            return Some(labels);
        }
        let (segment, others) = path.split_once('/').map_or((path, None), |(segment, rest)| (segment, Some(rest)));
        match label {
            Some(label) => labels.push((label, segment)),
            None if part == segment => {}
            None => return None,
        }
        match (rest, others) {
            (None, None) => return Some(labels),
            (Some(rest), Some(others)) => (template, path) = (rest, others),
            _ => return None,
        }
    }
}

impl<T> Found<'_, T> {
    /// Returns the input of the operation: the members of body, path and query, validated against every limit.
    ///
    /// # Errors
    ///
    /// The body is not a JSON object, path or query are not UTF-8, or a constraint is violated.
    pub(crate) fn input(&self, query: &str, body: &[u8]) -> Result<Value, Invalid> {
        let mut input = match self.route.method {
            "POST" | "PUT" | "PATCH" => parse(body).map_err(Invalid::CannotParse)?,
            _ => Map::new(),
        };
        // A member of path or query is never read from the body.
        for member in self.route.input {
            if member.location != Location::Body {
                input.remove(member.name);
            }
        }
        for (name, value) in &self.labels {
            input.insert((*name).to_owned(), Value::String(decoded(value)?));
        }
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decoded(name)?, decoded(value)?);
            let known = |member: &&Member| member.location == Location::Query && member.name == name;
            if let Some(member) = self.route.input.iter().find(known) {
                add_query_value(&mut input, member, value);
            }
        }
        valid(self.route.input, input).map_err(Invalid::Fields)
    }
}

/// Returns an input without its unknown members.
///
/// # Errors
///
/// Every violated constraint.
pub(crate) fn valid(members: &[Member], input: Map<String, Value>) -> Result<Value, Vec<Violation>> {
    let mut input = Value::Object(input);
    validate::drop_unknown(members, &mut input);
    let violations = validate::violations(members, &input);
    if violations.is_empty() { Ok(input) } else { Err(violations) }
}

/// Returns the members of a body.
///
/// # Errors
///
/// It is not a JSON object; the error is the message.
pub(crate) fn parse(body: &[u8]) -> Result<Map<String, Value>, String> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err("The request body must be a JSON object".to_owned()),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            Err(format!("Could not parse the request body as JSON: line {line}, column {column}"))
        }
    }
}

/// Adds a value of the query. A list gets all values of its name, any other member the first.
fn add_query_value(input: &mut Map<String, Value>, member: &Member, value: String) {
    let value = match member.shape {
        Shape::Integer { .. } => value.parse::<i64>().map_or(Value::String(value), Value::from),
        _ => Value::String(value),
    };
    if let Shape::List { .. } = member.shape {
        let list = input.entry(member.name).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(values) = list {
            values.push(value);
        }
    } else {
        input.entry(member.name).or_insert(value);
    }
}

/// Percent-decoded text.
///
/// # Errors
///
/// It is not percent-encoded, or not UTF-8.
pub(crate) fn decoded(text: &str) -> Result<String, Invalid> {
    let cannot_parse = |what: &str| Invalid::CannotParse(format!("The request path or query is not {what}"));
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
            let (Some(high), Some(low)) = (digit(), digit()) else {
                return Err(cannot_parse("percent-encoded"));
            };
            bytes.extend(u8::try_from(high * 16 + low));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).map_err(|_| cannot_parse("UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_segments_or_the_rest_of_a_path() {
        assert_eq!(labels_of("/a", "/a"), Some(vec![]));
        assert_eq!(labels_of("/a/{x}/b/{y}", "/a/1/b/2"), Some(vec![("x", "1"), ("y", "2")]));
        assert_eq!(labels_of("/a/{x+}", "/a/1/b/2"), Some(vec![("x", "1/b/2")]));
        for path in ["/", "", "/b", "/a/1", "/a/1/c/2", "/a/1/b/2/3"] {
            assert_eq!(labels_of("/a/{x}/b/{y}", path), None, "{path}");
        }
    }
}

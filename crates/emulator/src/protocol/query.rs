//! The protocol `awsQuery`: operation and input in a form, the response in XML.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::protocol::operation::{Operation, Outcome};
use crate::protocol::reply::{Rejection, Reply};
use crate::protocol::rest;
use crate::protocol::shape::{Member, Shape};
use crate::protocol::validate;

const CONTENT_TYPE: &str = "text/xml";

/// A service with this protocol.
pub(crate) struct Api {
    pub(crate) version: &'static str,
    pub(crate) namespace: &'static str,
}

/// The fields of a form. Of fields with the same name, the first counts.
pub(crate) type Form = BTreeMap<String, String>;

/// Returns the fields of a body.
///
/// # Errors
///
/// `MalformedQueryString`.
pub(crate) fn form(body: &[u8]) -> Result<Form, Rejection> {
    let malformed = || Rejection::with_status("MalformedQueryString", 404, "The query string contains a syntax error");
    let body = std::str::from_utf8(body).map_err(|_| malformed())?;
    let mut form = Form::new();
    for pair in body.trim().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decoded = |text: &str| rest::decoded(&text.replace('+', " ")).map_err(|_| malformed());
        form.entry(decoded(name)?).or_insert(decoded(value)?);
    }
    Ok(form)
}

/// Returns the operation that a form names.
///
/// # Errors
///
/// `MissingAction`, `InvalidAction`.
pub(crate) fn find<S, O>(
    operations: &'static [Operation<S, O>],
    api: &Api,
    form: &Form,
) -> Result<&'static Operation<S, O>, Rejection> {
    let Some(name) = form.get("Action") else {
        return Err(Rejection::new("MissingAction", "The request must contain the parameter Action"));
    };
    let version = form.get("Version").map_or(api.version, String::as_str);
    let found = operations.iter().find(|operation| operation.name == name && version == api.version);
    found.ok_or_else(|| {
        Rejection::new("InvalidAction", format!("Could not find operation {name} for version {version}"))
    })
}

/// Returns the validated input.
///
/// # Errors
///
/// `ValidationError` with every violated constraint.
pub(crate) fn input(members: &'static [Member], form: &Form) -> Result<Value, Rejection> {
    let sent = structure(members, "", form);
    rest::valid(members, sent).map_err(|violations| Rejection::new("ValidationError", validate::message(&violations)))
}

fn structure(members: &[Member], prefix: &str, form: &Form) -> Map<String, Value> {
    let member = |member: &Member| {
        let value = value(member.shape, &format!("{prefix}{}", member.name), form)?;
        Some((member.name.to_owned(), value))
    };
    members.iter().filter_map(member).collect()
}

/// The value of a field and of those below it; `None` if there are none.
fn value(shape: &Shape, name: &str, form: &Form) -> Option<Value> {
    match shape {
        Shape::Structure(members) => {
            let members = structure(members, &format!("{name}."), form);
            (!members.is_empty()).then_some(Value::Object(members))
        }
        Shape::List { member, .. } => {
            let items = format!("{name}.member.");
            let below = form.range(items.clone()..).map_while(|(name, _)| name.strip_prefix(&items));
            let numbers: BTreeSet<u32> = below.filter_map(|rest| rest.split('.').next()?.parse().ok()).collect();
            // Clients send an empty list as an empty field.
            if numbers.is_empty() && !form.contains_key(name) {
                return None;
            }
            let item = |number: u32| value(member, &format!("{items}{number}"), form);
            Some(Value::Array(numbers.into_iter().filter_map(item).collect()))
        }
        Shape::Integer { .. } => {
            let text = form.get(name)?;
            Some(text.parse::<i64>().map_or_else(|_| Value::from(text.as_str()), Value::from))
        }
        Shape::Boolean => {
            let text = form.get(name)?;
            Some(text.parse::<bool>().map_or_else(|_| Value::from(text.as_str()), Value::from))
        }
        Shape::Text { .. } | Shape::Enum(_) | Shape::Listed(_) | Shape::Map { .. } | Shape::Number => {
            form.get(name).map(|text| Value::from(text.as_str()))
        }
    }
}

/// The response of an operation for an outcome.
pub(crate) fn reply(api: &Api, operation: &str, outcome: Outcome) -> Reply {
    let request_id = Uuid::new_v4();
    let id = request_id.to_string();
    let (status, root, content) = match outcome {
        Ok(result) => {
            let result = result.unwrap_or_else(|| json!({}));
            let content = json!({ format!("{operation}Result"): result, "ResponseMetadata": { "RequestId": id } });
            (200, format!("{operation}Response"), content)
        }
        Err(error) => {
            let fault = if error.status < 500 { "Sender" } else { "Receiver" };
            let details = json!({ "Type": fault, "Code": error.name, "Message": error.message });
            (error.status, "ErrorResponse".to_owned(), json!({ "Error": details, "RequestId": id }))
        }
    };
    let mut text = format!("<{root} xmlns=\"{}\">", api.namespace);
    add_xml(&content, &mut text);
    // Writing to a string does not fail.
    let _ = write!(text, "</{root}>");
    Reply { status, content_type: CONTENT_TYPE, error_type: None, body: text, request_id }
}

fn add_xml(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let _ = write!(text, "<{name}>");
                add_xml(value, text);
                let _ = write!(text, "</{name}>");
            }
        }
        Value::Array(items) => {
            for item in items {
                text.push_str("<member>");
                add_xml(item, text);
                text.push_str("</member>");
            }
        }
        Value::Null => {}
        Value::String(string) => add_escaped(string, text),
        Value::Bool(_) | Value::Number(_) => text.push_str(&value.to_string()),
    }
}

/// Adds a text with references for markup, and without the characters that XML 1.0 does not have.
fn add_escaped(string: &str, text: &mut String) {
    for c in string.chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '\r' => text.push_str("&#13;"),
            '\t' | '\n' | '\u{20}'..='\u{fffd}' | '\u{10000}'.. => text.push(c),
            _ => text.push('\u{fffd}'),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::shape::{list_of, optional, required, text};

    static TEXT: Shape = text(1, 9);
    static PAIR: Shape = Shape::Structure(&[required("Key", &TEXT), optional("Value", &TEXT)]);
    static PAIRS: Shape = list_of(&PAIR);
    static NAMES: Shape = list_of(&TEXT);
    static NUMBER: Shape = Shape::Integer { min: 1, max: 9 };
    static FLAG: Shape = Shape::Boolean;
    static MEMBERS: &[Member] = &[
        required("Name", &TEXT),
        optional("Pairs", &PAIRS),
        optional("Names", &NAMES),
        optional("Number", &NUMBER),
        optional("Flag", &FLAG),
    ];

    const API: Api = Api { version: "2011-06-15", namespace: "https://example.com/" };

    fn read(body: &str) -> Result<Value, Rejection> {
        input(MEMBERS, &form(body.as_bytes())?)
    }

    #[test]
    fn a_form_has_structures_and_lists() {
        let sent = "Action=A&Name=a+b%26c&Pairs.member.2.Key=2&Pairs.member.1.Key=1&Pairs.member.1.Value=x\
                    &Pairs.member.10.Key=10&Names=&Number=7&Flag=true&Other=ignored&Name=second";
        let expected = json!({
            "Name": "a b&c",
            "Pairs": [{ "Key": "1", "Value": "x" }, { "Key": "2" }, { "Key": "10" }],
            "Names": [],
            "Number": 7,
            "Flag": true,
        });
        assert_eq!(read(sent), Ok(expected));
    }

    #[test]
    fn a_form_that_is_not_valid_is_rejected() {
        let error = read("Pairs.member.1.Value=x&Number=seven&Names.member.1=").unwrap_err();
        assert_eq!((error.name, error.status), ("ValidationError", 400));
        for name in ["'Name'", "'Pairs.1.member.Key'", "'Number'", "'Names.1.member'"] {
            assert!(error.message.contains(name), "{name}: {}", error.message);
        }
        for body in [&b"Name=%"[..], b"Name=%zz", b"Name=%ff", b"\xff"] {
            assert_eq!(form(body).unwrap_err().name, "MalformedQueryString");
        }
    }

    #[test]
    fn a_response_is_xml_with_its_request_id() {
        let reply = reply(&API, "Get", Ok(Some(json!({ "Name": "a<b>&\u{1}\u{ffff}", "Names": ["x", 7] }))));
        let id = &reply.request_id;
        assert_eq!(
            reply.body,
            format!(
                "<GetResponse xmlns=\"https://example.com/\"><GetResult><Name>a&lt;b&gt;&amp;\u{fffd}\u{fffd}</Name>\
                 <Names><member>x</member><member>7</member></Names></GetResult>\
                 <ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></GetResponse>"
            )
        );
        let reply = super::reply(&API, "Get", Err(Rejection::with_status("AccessDenied", 403, "no")));
        let id = &reply.request_id;
        assert_eq!(
            reply.body,
            format!(
                "<ErrorResponse xmlns=\"https://example.com/\"><Error><Type>Sender</Type><Code>AccessDenied</Code>\
                 <Message>no</Message></Error><RequestId>{id}</RequestId></ErrorResponse>"
            )
        );
    }
}

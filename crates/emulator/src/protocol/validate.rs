//! Checks a request against the limits and reports all violations together.

use serde_json::Value;

use crate::protocol::shape::{Member, Shape};

/// An invalid member of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Path in the style of AWS services: `controlMappingSources.1.member.sourceName`, list items counted from 1, map
    /// values as `tags.KEY.member`. The style is attested for other services, not for this one.
    pub(crate) name: String,
    /// The constraint, without the value of the member.
    pub(crate) message: String,
}

/// Returns all violations of an operation's input, in the order of the model.
pub(crate) fn violations(members: &[Member], input: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    structure(members, "", input, &mut found);
    found
}

/// The message of an error with these violations.
pub(crate) fn message(fields: &[Violation]) -> String {
    let plural = if fields.len() == 1 { "" } else { "s" };
    let details: Vec<String> = fields
        .iter()
        .map(|field| format!("Value at '{}' failed to satisfy constraint: {}", field.name, field.message))
        .collect();
    format!("{} validation error{plural} detected: {}", fields.len(), details.join("; "))
}

/// Checks a part of a seed that is as on the wire.
///
/// # Errors
///
/// A member is not in the model, or violates a constraint; the error is a message.
pub(crate) fn check_seed(members: &[Member], sent: &Value) -> Result<(), String> {
    let Some(object) = sent.as_object() else { return Err("expected an object".to_owned()) };
    if let Some(unknown) = object.keys().find(|name| members.iter().all(|member| member.name != name.as_str())) {
        return Err(format!("unknown key \"{unknown}\""));
    }
    let found = violations(members, sent);
    if found.is_empty() { Ok(()) } else { Err(message(&found)) }
}

/// Removes unknown members at any depth: the service ignores them.
pub(crate) fn drop_unknown(members: &[Member], input: &mut Value) {
    let Value::Object(object) = input else { return };
    object.retain(|name, _| members.iter().any(|member| member.name == name));
    for member in members {
        if let Some(value) = object.get_mut(member.name) {
            drop_unknown_within(member.shape, value);
        }
    }
}

fn drop_unknown_within(shape: &Shape, value: &mut Value) {
    match (shape, value) {
        (Shape::Structure(members), value) => drop_unknown(members, value),
        (Shape::List { member, .. }, Value::Array(values)) => {
            for value in values {
                drop_unknown_within(member, value);
            }
        }
        _ => {}
    }
}

fn structure(members: &[Member], path: &str, value: &Value, found: &mut Vec<Violation>) {
    for member in members {
        let path = match path {
            "" => member.name.to_owned(),
            parent => format!("{parent}.{}", member.name),
        };
        match value.get(member.name) {
            // In these protocols, a null member is an absent one.
            None | Some(Value::Null) => {
                if member.required {
                    report(found, &path, "Member must not be null");
                }
            }
            Some(value) => any(member.shape, &path, value, found),
        }
    }
}

fn any(shape: &Shape, path: &str, value: &Value, found: &mut Vec<Violation>) {
    match (shape, value) {
        (Shape::Text { min, max, pattern }, Value::String(text)) => {
            length(text.chars().count(), *min, *max, path, found);
            if let Some(pattern) = pattern
                && !(pattern.matches)(text)
            {
                let message = format!("Member must satisfy regular expression pattern: {}", pattern.text);
                report(found, path, message);
            }
        }
        (Shape::Enum(values), Value::String(text)) => {
            if !values.contains(&text.as_str()) {
                let message = format!("Member must satisfy enum value set: [{}]", values.join(", "));
                report(found, path, message);
            }
        }
        (Shape::Listed(values), Value::String(text)) => {
            if !values.lines().any(|value| value == text) {
                report(found, path, "Member must satisfy enum value set");
            }
        }
        (Shape::Boolean, Value::Bool(_)) | (Shape::Number, Value::Number(_)) => {}
        (Shape::Integer { min, max }, Value::Number(number)) => match number.as_i64() {
            Some(number) if number < *min => {
                let message = format!("Member must have value greater than or equal to {min}");
                report(found, path, message);
            }
            Some(number) if number <= *max => {}
            _ if number.is_f64() => report(found, path, "Member must be an integer"),
            _ => {
                let message = format!("Member must have value less than or equal to {max}");
                report(found, path, message);
            }
        },
        (Shape::List { member, min, max }, Value::Array(values)) => {
            length(values.len(), *min, *max, path, found);
            for (at, value) in values.iter().enumerate() {
                any(member, &format!("{path}.{}.member", at + 1), value, found);
            }
        }
        (Shape::Map { key, value, min, max }, Value::Object(entries)) => {
            length(entries.len(), *min, *max, path, found);
            for (name, entry) in entries {
                let mut invalid_keys = Vec::new();
                any(key, path, &Value::String(name.clone()), &mut invalid_keys);
                for invalid in invalid_keys {
                    let message = format!("Map keys must satisfy constraint: [{}]", invalid.message);
                    report(found, path, message);
                }
                any(value, &format!("{path}.{name}.member"), entry, found);
            }
        }
        (Shape::Structure(members), Value::Object(_)) => structure(members, path, value, found),
        _ => report(found, path, format!("Member must be {}", expected(shape))),
    }
}

fn length(length: usize, min: usize, max: usize, path: &str, found: &mut Vec<Violation>) {
    if length < min {
        let message = format!("Member must have length greater than or equal to {min}");
        report(found, path, message);
    }
    if length > max {
        let message = format!("Member must have length less than or equal to {max}");
        report(found, path, message);
    }
}

fn expected(shape: &Shape) -> &'static str {
    match shape {
        Shape::Text { .. } | Shape::Enum(_) | Shape::Listed(_) => "a string",
        Shape::Boolean => "a boolean",
        Shape::Integer { .. } => "an integer",
        Shape::Number => "a number",
        Shape::List { .. } => "a list",
        Shape::Map { .. } => "a map",
        Shape::Structure(_) => "a structure",
    }
}

fn report(found: &mut Vec<Violation>, name: &str, message: impl Into<String>) {
    let (name, message) = (name.to_owned(), message.into());
    found.push(Violation { name, message });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::audit_manager::limits;

    fn names(members: &[Member], input: &Value) -> Vec<String> {
        violations(members, input).into_iter().map(|found| found.name).collect()
    }

    #[test]
    fn all_violations_are_reported_together() {
        let input = json!({
            "name": "a\\b",
            "description": "x".repeat(1001),
            "controlMappingSources": [
                { "sourceName": "fine" },
                { "sourceName": "", "sourceKeyword": { "keywordValue": "a*b" }, "sourceType": "aws_config" },
                "text",
            ],
            "tags": { "aws:x": "v", "ok": 7 },
            "unknown": "ignored",
        });
        assert_eq!(
            names(limits::CREATE_CONTROL_REQUEST, &input),
            [
                "name",
                "description",
                "controlMappingSources.2.member.sourceName",
                "controlMappingSources.2.member.sourceType",
                "controlMappingSources.2.member.sourceKeyword.keywordValue",
                "controlMappingSources.3.member",
                "tags",
                "tags.ok.member",
            ]
        );
    }

    #[test]
    fn lengths_are_code_points() {
        let input =
            |name: String| json!({ "name": name, "controlMappingSources": [{}], "actionPlanTitle": "é".repeat(300) });
        assert!(names(limits::CREATE_CONTROL_REQUEST, &input("𝄞".repeat(300))).is_empty());
        assert_eq!(names(limits::CREATE_CONTROL_REQUEST, &input("𝄞".repeat(301))), ["name"]);
    }

    #[test]
    fn unknown_members_are_removed_at_any_depth() {
        let mut input = json!({
            "name": "n",
            "arn": 7,
            "controlMappingSources": [{ "sourceName": "s", "sourceId": "kept only where the model has it" }],
            "tags": { "any": "key" },
        });
        drop_unknown(limits::CREATE_CONTROL_REQUEST, &mut input);
        assert_eq!(
            input,
            json!({ "name": "n", "controlMappingSources": [{ "sourceName": "s" }], "tags": { "any": "key" } })
        );
    }

    #[test]
    fn null_is_absent() {
        let input = json!({ "name": null, "description": null, "controlMappingSources": null });
        assert_eq!(names(limits::CREATE_CONTROL_REQUEST, &input), ["name", "controlMappingSources"]);
    }

    #[test]
    fn numbers() {
        let of = |number: Value| {
            names(limits::LIST_CONTROLS_REQUEST, &json!({ "controlType": "Custom", "maxResults": number }))
        };
        assert!(of(json!(1)).is_empty() && of(json!(1000)).is_empty());
        for invalid in [json!(0), json!(1001), json!(-1), json!(1.5), json!(u64::MAX), json!("7")] {
            assert_eq!(of(invalid), ["maxResults"]);
        }
    }
}

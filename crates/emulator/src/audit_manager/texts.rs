//! Texts as the service stores them, if it changes them.

use serde_json::Value;
use unicode_normalization::UnicodeNormalization as _;

use crate::audit_manager::error::ServiceError;
use crate::audit_manager::state::Tags;
use crate::audit_manager::switches::Switches;

/// Characters of tag values besides ASCII letters and digits
/// (<https://docs.aws.amazon.com/audit-manager/latest/userguide/tagging.html>).
const OF_TAG_VALUES: &str = " _.:/=+-@";

/// Returns a validated input with its texts as they are stored.
///
/// # Errors
///
/// `ValidationException` for a tag value with a character that the switches do not allow.
pub(crate) fn as_stored(mut input: Value, switches: &Switches) -> Result<Value, ServiceError> {
    if let Some(tags) = input.get("tags").and_then(Value::as_object) {
        for (key, value) in tags {
            let allowed = |c: char| c.is_ascii_alphanumeric() || OF_TAG_VALUES.contains(c);
            if switches.ascii_tag_values && !value.as_str().unwrap_or_default().chars().all(allowed) {
                let message = "Member must have only letters, digits, spaces and _.:/=+-@";
                return Err(ServiceError::field(format!("tags.{key}.member"), message));
            }
        }
    }
    change(&mut input, switches);
    Ok(input)
}

/// Removes the tags that are not stored.
pub(crate) fn drop_tags(tags: &mut Tags, switches: &Switches) {
    if switches.drop_empty_tags {
        tags.retain(|_, value| !value.is_empty());
    }
}

fn change(value: &mut Value, switches: &Switches) {
    match value {
        Value::String(text) => {
            if switches.normalize_texts {
                *text = text.replace("\r\n", "\n").nfc().collect();
            }
            if switches.trim_texts {
                text.trim().to_owned().clone_into(text);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| change(item, switches)),
        Value::Object(members) => members.values_mut().for_each(|member| change(member, switches)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_changed_as_the_switches_say() {
        let input =
            json!({ "name": "e\u{301} ", "sources": [{ "text": "a\r\nb\n" }], "tags": { "A": "", "B": " R&D" } });
        let stored = |switches: Switches| as_stored(input.clone(), &switches);
        assert_eq!(stored(Switches::default()), Ok(input.clone()));
        let trimmed = stored(Switches { trim_texts: true, ..Switches::default() }).unwrap();
        assert_eq!((&trimmed["name"], &trimmed["tags"]["B"]), (&json!("e\u{301}"), &json!("R&D")));
        let normalized = stored(Switches { normalize_texts: true, ..Switches::default() }).unwrap();
        assert_eq!((&normalized["name"], &normalized["sources"][0]["text"]), (&json!("\u{e9} "), &json!("a\nb\n")));
        let mut tags = Tags::from([("A".to_owned(), String::new()), ("B".to_owned(), "b".to_owned())]);
        drop_tags(&mut tags, &Switches { drop_empty_tags: true, ..Switches::default() });
        assert_eq!(tags, Tags::from([("B".to_owned(), "b".to_owned())]));
        let rejected = stored(Switches { ascii_tag_values: true, ..Switches::default() }).unwrap_err();
        assert_eq!(rejected.body()["fields"][0]["name"], "tags.B.member");
    }
}

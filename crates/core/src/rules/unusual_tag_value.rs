use crate::characters::is_of_tag_value;
use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::Node;
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "unusual-tag-value",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A tag value has characters that the user guide of Audit Manager does not allow.",
    why: "[The user guide](https://docs.aws.amazon.com/audit-manager/latest/userguide/tagging.html) allows ASCII letters, digits, \
          spaces and `_ . : / = + - @` in tag values. The API accepts any character according to its model, and which of the two the \
          service enforces is not known: a create or update may be rejected.\n\n\
          Write the value with the allowed characters, such as `R and D` for `R&D`, or ignore this finding if your account has such tags.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    for entry in parsed.document.root.get("tags").map(Node::entries).unwrap_or_default() {
        let Some(c) =
            entry.value.as_str().and_then(|value| value.chars().find(|c| !is_of_tag_value(*c) && !c.is_control()))
        else {
            continue;
        };
        let pointer = format!("/tags/{}", crate::document::escape(&entry.key));
        let message = format!("the tag value has the character `{c}`, which the user guide does not allow");
        let help = "use ASCII letters, digits, spaces and _ . : / = + - @";
        found.push(parsed.finding(&RULE, &pointer, message).help(help));
    }
}

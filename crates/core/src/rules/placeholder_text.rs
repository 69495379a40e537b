use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::{Node, Value};
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "placeholder-text",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A string is a placeholder, or contains one.",
    why: "Auditors read the description and instructions of a control in every assessment that uses it. A `TODO` or \
          `N/A` shows them that the control is unfinished.\n\n\
          A template that was not filled in, such as `${var.prefix}` or `{{ name }}`, shows the same.\n\n\
          Write the content, or remove the key: a string that is not in the file is empty in the account. The fix \
          removes the key; it is not a safe fix, because the content may still be needed. A name cannot be removed.",
};

/// Keys whose values auditors read, and whether a file can leave them out.
const TEXTS: [(&str, bool); 9] = [
    ("name", false),
    ("description", true),
    ("testingInformation", true),
    ("actionPlanTitle", true),
    ("actionPlanInstructions", true),
    ("complianceType", true),
    ("sourceName", false),
    ("sourceDescription", true),
    ("troubleshootingText", true),
];

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let root = &parsed.document.root;
    look(parsed, root, "", found);
    for key in ["datasources", "controlMappingSources", "controlSets"] {
        for (index, item) in root.get(key).map(Node::items).unwrap_or_default().iter().enumerate() {
            look(parsed, item, &format!("/{key}/{index}"), found);
        }
    }
}

fn look(parsed: &Parsed<'_>, node: &Node, parent: &str, found: &mut Vec<Diagnostic>) {
    for entry in node.entries() {
        let Value::String(text) = &entry.value.value else { continue };
        let Some((key, optional)) = TEXTS.iter().find(|(key, _)| *key == entry.key) else { continue };
        if !is_placeholder(text) {
            continue;
        }
        let message = if has_variable(text) {
            format!("`{key}` contains a part that was not filled in")
        } else {
            format!("`{key}` is the placeholder `{}`", text.trim())
        };
        let finding = parsed.finding(&RULE, &format!("{parent}/{key}"), message);
        found.push(if *optional {
            let fix = parsed.editor().remove_entry(parent, key, false);
            finding.help("write what auditors need to know, or remove the line").fix(fix)
        } else {
            finding.help("write a descriptive name")
        });
    }
}

/// Whether a string is only a placeholder.
fn is_placeholder(text: &str) -> bool {
    const WORDS: [&str; 22] = [
        "n/a",
        "na",
        "none",
        "nil",
        "null",
        "undefined",
        "tbd",
        "tba",
        "tbc",
        "todo",
        "to do",
        "fixme",
        "xxx",
        "xx",
        "placeholder",
        "empty",
        "description",
        "lorem ipsum",
        "your text here",
        "text here",
        "change me",
        "changeme",
    ];
    let text = text.trim();
    if has_variable(text) {
        return true;
    }
    if text.len() > 120 {
        return false;
    }
    let bare =
        text.trim_matches(|c: char| c.is_ascii_punctuation() || c.is_whitespace() || matches!(c, '…' | '–' | '—'));
    if bare.is_empty() {
        return !text.is_empty();
    }
    let word = bare.to_lowercase();
    let enclosed = |open, close| text.starts_with(open) && text.ends_with(close) && text.matches(open).count() == 1;
    let asks = ["add ", "insert ", "enter ", "put ", "write ", "describe "].iter().any(|verb| word.starts_with(verb));
    WORDS.contains(&word.as_str())
        || word.starts_with("lorem ipsum dolor")
        || ["TODO", "FIXME", "TBD"]
            .iter()
            .any(|word| bare.strip_prefix(word).is_some_and(|rest| rest.starts_with([':', ' ', '(', '-'])))
        || (asks && (word.ends_with(" here") || word.ends_with(" goes here")))
        || (enclosed('<', '>') && !text.contains("://"))
}

/// Whether a text has a part that a program should have replaced: `${var.prefix}`, `{{ insert: param, ac-1 }}`.
fn has_variable(text: &str) -> bool {
    text.contains(['{', '%'])
        && [("${", "}"), ("{{", "}}"), ("<%", "%>")].iter().any(|(open, close)| {
            let inside = text.split_once(open).and_then(|(_, rest)| rest.split_once(close));
            inside.is_some_and(|(name, _)| !name.trim().is_empty() && !name.contains('\n'))
        })
}

#[cfg(test)]
mod tests {
    use super::is_placeholder;

    #[test]
    fn placeholders_are_distinguished_from_content() {
        for text in [
            "-",
            "--",
            "...",
            "n/a",
            "N/A",
            "None.",
            "TODO",
            "TODO: write this",
            "tbd",
            "Add your description here",
            "Insert text here.",
            "<description>",
            "{{ description }}",
            "?",
            "Lorem ipsum dolor sit amet",
            "[TBD]",
            "${var.prefix}-x",
            "Access of {{ insert: param, ac-1 }} is limited",
            "<control-id>",
            "<% name %>",
            "…",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in [
            "",
            "Add a trail in each Region",
            "Add the bucket policy that is shown here: deny all but TLS",
            "No open ports",
            "NA region only",
            "A",
            "1",
            "<b>bold</b> and <i>more</i>",
            "Non applicable",
            "Todos are tracked",
            "Empty buckets are deleted",
            "Passwords cost $ {5}",
            "{ \"a\": {} }",
            "None of the users has a password",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}

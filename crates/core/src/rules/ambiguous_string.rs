use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::{Node, Value, ambiguous, escape};
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "ambiguous-string",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "Readers of YAML 1.1 take a text without quotes for something else.",
    why: "controlsync reads YAML 1.2, where `yes`, `on` and `2026-03-31` are texts. Many other tools follow [YAML \
          1.1](https://yaml.org/type/bool.html), PyYAML among them, and read a boolean, a date or a number. A \
          script that reads and rewrites the file then changes `yes` to `true`, and the account gets the changed \
          text.\n\n\
          Put the text in quotes: every reader then takes it for the same. The fix does that.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    visit(parsed, &parsed.document.root, "", found);
}

fn visit(parsed: &Parsed<'_>, node: &Node, pointer: &str, found: &mut Vec<Diagnostic>) {
    let plain = |text: &str, span| ambiguous(text) && parsed.editor().is_plain(span, text);
    match &node.value {
        // What an alias brings in is told where it stands.
        _ if node.anchor.is_some() => {}
        Value::String(text) if plain(text, node.span) => {
            let message = format!("`{text}` is a text here, but {} to readers of YAML 1.1", other(text));
            let fault = parsed.finding(&RULE, pointer, message).help(format!("quote it: \"{text}\""));
            found.push(fault.fix(parsed.editor().quote(pointer)));
        }
        Value::Mapping(entries) => {
            for entry in entries {
                let pointer_of_entry = || format!("{pointer}/{}", escape(&entry.key));
                if plain(&entry.key, entry.key_span) {
                    let message = format!("the key `{}` is {} to readers of YAML 1.1", entry.key, other(&entry.key));
                    let fault = parsed.finding_at_key(&RULE, &pointer_of_entry(), message);
                    let fault = fault.help(format!("quote it: \"{}\"", entry.key));
                    found.push(fault.fix(parsed.editor().quote_key(pointer, &entry.key)));
                }
                match &entry.value.value {
                    Value::String(text) if !ambiguous(text) => {}
                    _ => visit(parsed, &entry.value, &pointer_of_entry(), found),
                }
            }
        }
        Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                match &item.value {
                    Value::String(text) if !ambiguous(text) => {}
                    _ => visit(parsed, item, &format!("{pointer}/{index}"), found),
                }
            }
        }
        _ => {}
    }
}

/// What the text is to them.
fn other(text: &str) -> &'static str {
    if text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        "a boolean"
    } else if text == "=" {
        "a special key"
    } else if text.len() > 7 && text.as_bytes()[4] == b'-' {
        "a date"
    } else {
        "a number"
    }
}

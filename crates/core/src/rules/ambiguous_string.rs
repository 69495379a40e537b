use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::{Node, Value, ambiguous, escape};
use crate::rules::Parsed;
use crate::source::FileKind;

pub(crate) static RULE: Rule = Rule {
    id: "ambiguous-string",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "YAML 1.1 parsers read an unquoted string as another type.",
    why: "controlsync reads YAML 1.2, where `yes`, `on` and `2026-03-31` are strings. Many other tools, such as \
          PyYAML, follow [YAML 1.1](https://yaml.org/type/bool.html) and read a boolean, a date or a number. A script \
          that reads and rewrites the file then changes `yes` to `true`, and the changed string is applied to the \
          account.\n\n\
          Put the string in quotes, so that every parser reads the same value. The fix does that.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    visit(parsed, &parsed.document.root, "", found);
}

fn visit(parsed: &Parsed<'_>, node: &Node, pointer: &str, found: &mut Vec<Diagnostic>) {
    let plain = |text: &str, span| ambiguous(text) && parsed.editor().is_plain(span, text);
    match &node.value {
        // The value of an alias is reported at its anchor.
        _ if node.anchor.is_some() => {}
        // A date, whatever a parser reads.
        Value::String(_) if pointer == "/until" && parsed.source.kind() == FileKind::Exception => {}
        Value::String(text) if plain(text, node.span) => {
            let message = format!("`{text}` is a string here, but {} in YAML 1.1", yaml_1_1_type(text));
            let finding = parsed.finding(&RULE, pointer, message).help(format!("quote it: \"{text}\""));
            found.push(finding.fix(parsed.editor().quote(pointer)));
        }
        Value::Mapping(entries) => {
            for entry in entries {
                let pointer_of_entry = || format!("{pointer}/{}", escape(&entry.key));
                if plain(&entry.key, entry.key_span) {
                    let message = format!("the key `{}` is {} in YAML 1.1", entry.key, yaml_1_1_type(&entry.key));
                    let finding = parsed.finding_at_key(&RULE, &pointer_of_entry(), message);
                    let finding = finding.help(format!("quote it: \"{}\"", entry.key));
                    found.push(finding.fix(parsed.editor().quote_key(pointer, &entry.key)));
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

/// The type that YAML 1.1 parsers read.
fn yaml_1_1_type(text: &str) -> &'static str {
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

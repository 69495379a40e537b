use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::Node;
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "whitespace-around-name",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A name starts or ends with whitespace.",
    why: "A name is the identity of an object. `Access-Reviews` and `Access-Reviews` with a trailing space are two \
          controls, although they look the same in every list, and a framework that uses one of them does not find the \
          other.\n\n\
          Remove the whitespace. If the account already has the object under the name with whitespace, add that name \
          to `renamedFrom`: the object is then renamed in place, and no second one is created.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let root = &parsed.document.root;
    look(parsed, root.get("name"), "/name", found);
    for key in ["datasources", "controlMappingSources"] {
        for (index, source) in root.get(key).map(Node::items).unwrap_or_default().iter().enumerate() {
            look(parsed, source.get("sourceName"), &format!("/{key}/{index}/sourceName"), found);
        }
    }
    for (index, set) in root.get("controlSets").map(Node::items).unwrap_or_default().iter().enumerate() {
        look(parsed, set.get("name"), &format!("/controlSets/{index}/name"), found);
    }
}

fn look(parsed: &Parsed<'_>, node: Option<&Node>, pointer: &str, found: &mut Vec<Diagnostic>) {
    let Some(name) = node.and_then(Node::as_str) else { return };
    let trimmed = name.trim();
    if trimmed.len() == name.len() || name.is_empty() {
        return;
    }
    if trimmed.is_empty() {
        let finding = parsed.finding(&RULE, pointer, "the name consists only of whitespace");
        found.push(finding.help("write a descriptive name"));
        return;
    }
    let (starts, ends) = (name.starts_with(char::is_whitespace), name.ends_with(char::is_whitespace));
    let what = if name.ends_with('\n') {
        "ends with a line break"
    } else if starts && ends {
        "starts and ends with whitespace"
    } else if starts {
        "starts with whitespace"
    } else {
        "ends with whitespace"
    };
    let finding = parsed.finding(&RULE, pointer, format!("the name `{trimmed}` {what}"));
    let help = if pointer == "/name" {
        "remove it; if the account has an object with this exact name, add that name to `renamedFrom`"
    } else {
        "remove it"
    };
    found.push(finding.help(help).fix(parsed.editor().replace_string(pointer, trimmed, false)));
}

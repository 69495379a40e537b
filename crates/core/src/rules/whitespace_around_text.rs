use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::{Node, Value};
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "whitespace-around-text",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A text starts or ends with whitespace or a line break.",
    why: "It is not known whether Audit Manager keeps whitespace at the ends of a text. If it does not, the text in the account \
          differs from the file. A plan treats such texts as the same, but only as long as nothing else about the object changes.\n\n\
          In YAML, a line break at the end usually comes from `|` or `>`: write `|-` or `>-`, which leave it out. Texts on one line \
          have a fix. It needs `--unsafe-fixes`, since it changes the text of an object that may already be applied.",
};

/// The optional texts; `whitespace-around-name` checks the names.
const TEXTS: [&str; 7] = [
    "description",
    "testingInformation",
    "actionPlanTitle",
    "actionPlanInstructions",
    "complianceType",
    "sourceDescription",
    "troubleshootingText",
];

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let root = &parsed.document.root;
    look(parsed, root, "", found);
    for key in ["datasources", "controlMappingSources"] {
        for (index, source) in root.get(key).map(Node::items).unwrap_or_default().iter().enumerate() {
            look(parsed, source, &format!("/{key}/{index}"), found);
        }
    }
}

fn look(parsed: &Parsed<'_>, node: &Node, parent: &str, found: &mut Vec<Diagnostic>) {
    for entry in node.entries() {
        let Value::String(text) = &entry.value.value else { continue };
        let trimmed = text.trim();
        if trimmed.len() == text.len() || trimmed.is_empty() || !TEXTS.contains(&&*entry.key) {
            continue;
        }
        let pointer = format!("{parent}/{}", entry.key);
        let what = if text.ends_with('\n') {
            "ends with a line break"
        } else if text.ends_with(char::is_whitespace) {
            "ends with whitespace"
        } else {
            "starts with whitespace"
        };
        let finding = parsed.finding(&RULE, &pointer, format!("`{}` {what}", entry.key));
        let help = if text.ends_with('\n') && !parsed.source.is_json() {
            "write `|-` or `>-` instead of `|` or `>`, or remove the line break"
        } else {
            "remove it"
        };
        found.push(finding.help(help).fix(parsed.editor().replace_string(&pointer, trimmed, false)));
    }
}

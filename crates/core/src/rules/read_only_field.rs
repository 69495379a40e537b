use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::{Node, Value, escape, pointer_to};
use crate::model::ControlRef;
use crate::rules::Parsed;
use crate::schema;

pub(crate) static RULE: Rule = Rule {
    id: "read-only-field",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A file contains a field that is set by Audit Manager.",
    why: "The service sets IDs, ARNs, timestamps and similar fields, and returns them [with the object](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_Control.html). A file cannot set them, so \
          controlsync ignores them. They are usually pasted from an API response. In a file they become outdated, and \
          in a second account they are wrong from the start.\n\n\
          Remove the field. The fix does that. controlsync identifies the object by its name.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let fields = schema::read_only_fields(parsed.source.kind());
    visit(&parsed.document.root, "", "", &mut |pattern, pointer, key| {
        // If nothing else identifies the control, the ignored fields are the best hint: keep them.
        // The definition of a control is reported as such.
        let has_no_control = |node: &Node| ControlRef::from_node(node).is_none() || schema::is_control(node);
        if pattern == "/controlSets/*/controls/*"
            && parsed.document.locate(pointer).is_some_and(|located| has_no_control(located.node))
        {
            return;
        }
        let Some(form) = fields.get(pattern).and_then(|fields| fields.get(key)) else { return };
        let field = pointer_to(pointer, key);
        let value = parsed.document.locate(&field).map(|located| located.node.to_json());
        if value.is_some_and(|value| form.is_valid(&value)) {
            let message = format!("`{key}` is set by Audit Manager and ignored here");
            let finding = parsed.finding_at_key(&RULE, &field, message).help("remove it");
            found.push(finding.fix(parsed.editor().remove_entry(pointer, key, true)));
        }
    });
}

/// Calls `key` for every key, with the pointer of its object; the pattern has `*` for list positions.
fn visit(node: &Node, pattern: &str, pointer: &str, key: &mut impl FnMut(&str, &str, &str)) {
    match &node.value {
        Value::Mapping(entries) => {
            for entry in entries {
                key(pattern, pointer, &entry.key);
                if !entry.value.is_scalar() {
                    let part = escape(&entry.key);
                    visit(&entry.value, &format!("{pattern}/{part}"), &format!("{pointer}/{part}"), key);
                }
            }
        }
        Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate().filter(|(_, item)| !item.is_scalar()) {
                visit(item, &format!("{pattern}/*"), &format!("{pointer}/{index}"), key);
            }
        }
        _ => {}
    }
}

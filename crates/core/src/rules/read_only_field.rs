use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::{Node, Value, escape};
use crate::model::ControlRef;
use crate::rules::Parsed;
use crate::schema;

pub(crate) static RULE: Rule = Rule {
    id: "read-only-field",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A member is one that Audit Manager prints and that a file cannot set.",
    why: "The service sets ids, ARNs, times and the like by itself and gives them out [with the object](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_Control.html). They cannot be set, so \
          controlsync ignores them. They come with texts that were pasted from an answer of the API; left in a file, \
          they soon say something that is not so, and in a second account they never did.\n\n\
          Remove the member. The fix does. Which object a file belongs to is known by its name.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let members = schema::response_members(parsed.source.kind());
    visit(&parsed.document.root, "", "", &mut |pattern, pointer, key| {
        // Where nothing else says which control is meant, what is ignored is the best hint.
        let says_no_control = |node: &Node| ControlRef::from_node(node).is_none();
        if pattern == "/controlSets/*/controls/*"
            && parsed.document.locate(pointer).is_some_and(|located| says_no_control(located.node))
        {
            return;
        }
        if members.get(pattern).is_some_and(|names| names.iter().any(|name| name == key)) {
            let message = format!("`{key}` is set by Audit Manager; it is ignored here");
            let member = format!("{pointer}/{}", escape(key));
            let fault = parsed.finding_at_key(&RULE, &member, message).help("remove it");
            found.push(fault.fix(parsed.editor().remove_entry(pointer, key, true)));
        }
    });
}

/// Calls back for every key, with the pointer of the object it stands in; in the pattern, list positions are `*`.
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

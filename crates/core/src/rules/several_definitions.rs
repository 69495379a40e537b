use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::{Node, Value};
use crate::rules::Parsed;
use crate::rules::wrapped_definition::unwrapped;
use crate::source::Span;

pub(crate) static RULE: Rule = Rule {
    id: "several-definitions",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A file contains a list of definitions.",
    why: "A file defines one control or one framework. A list, such as the key `controls` of a response of the API, is not \
          read: users who review a change or look for a control find it by the name of its file.\n\n\
          Write each definition to a file of its own. If the list has only one, the fix moves it to the top level. \
          `controlsync pull` writes files for all objects of the account.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let root = &parsed.document.root;
    let kind = parsed.source.kind();
    let entry = match &root.value {
        Value::Mapping(_) if root.entry("name").is_none() => root.entry(&format!("{}s", kind.noun())),
        _ => None,
    };
    let (list, key, pointer) = match entry {
        Some(entry) => (&entry.value, entry.key_span, format!("/{}", entry.key)),
        None => (root, Span { start: root.span.start, end: root.span.start }, String::new()),
    };
    let items = list.items();
    if items.is_empty() || !items.iter().all(|item| matches!(item.value, Value::Mapping(_))) {
        return;
    }
    let message = match items.len() {
        1 => format!("the {} is an item of a list", kind.noun()),
        count => format!("the file contains {count} {}s; a file defines one", kind.noun()),
    };
    let finding = match entry {
        Some(_) => parsed.finding_at_key(&RULE, &pointer, message),
        None => parsed.finding_at_start(&RULE, &pointer, message),
    };
    let alone = |item: &&Node| items.len() == 1 && root.entries().len() < 2 && is_flow(parsed, item);
    let fix = items.first().filter(alone).and_then(|item| unwrapped(parsed, key, item));
    found.push(finding.help(format!("write each {} to a file of its own", kind.noun())).fix(fix));
}

/// Whether a mapping is written in braces.
fn is_flow(parsed: &Parsed<'_>, node: &Node) -> bool {
    parsed.source.slice(node.span).starts_with('{')
}

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::Node;
use crate::model::ControlRef;
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "repeated-control",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A control set lists a control twice.",
    why: "The control set lists the same control twice. The second entry adds nothing, and AWS does not document what \
          Audit Manager does with it.\n\n\
          Remove one of the two entries, or replace it with the control that you meant. The fix removes the second \
          one.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    for (set_index, set) in
        parsed.document.root.get("controlSets").map(Node::items).unwrap_or_default().iter().enumerate()
    {
        let mut seen = BTreeMap::new();
        for (index, control) in set.get("controls").map(Node::items).unwrap_or_default().iter().enumerate() {
            let Some(name) = ControlRef::from_node(control) else { continue };
            let Some(first) = seen.get(&name) else {
                seen.insert(name, control.span);
                continue;
            };
            let list = format!("/controlSets/{set_index}/controls");
            let message = format!("the control set lists `{name}` twice");
            let finding = parsed.finding(&RULE, &format!("{list}/{index}"), message);
            let finding = finding.related(parsed.file, *first, "first listed here").help("remove one of the two");
            found.push(finding.fix(parsed.editor().remove_item(&list, index, true)));
        }
    }
}

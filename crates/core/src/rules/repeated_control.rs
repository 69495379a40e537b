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
    summary: "A control set names a control twice.",
    why: "The set names the same control twice. The second line says nothing new, and what Audit Manager does with \
          it is not documented.\n\n\
          Remove one of the two lines. Where another control was meant, write its name. The fix removes the second \
          line.",
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
            let message = format!("the control set names `{name}` twice");
            let fault = parsed.finding(&RULE, &format!("{list}/{index}"), message);
            let fault = fault.related(parsed.file, *first, "first here").help("remove one of the two");
            found.push(fault.fix(parsed.editor().remove_item(&list, index, true)));
        }
    }
}

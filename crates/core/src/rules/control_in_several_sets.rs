use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::Node;
use crate::model::ControlRef;
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "control-in-several-sets",
    level: Level::Info,
    hard: false,
    since: "0.1.0",
    summary: "A framework has the same control in several control sets.",
    why: "Each control set of an assessment has its own reviewers and its own status. A control in two sets of a \
          framework is reviewed in both. AWS does not document whether they share evidence; this rule assumes that \
          they do not.\n\n\
          Keep the control in one set. If you need it in both, ignore the finding with a reason.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let mut first_of = BTreeMap::new();
    for (set_index, set) in
        parsed.document.root.get("controlSets").map(Node::items).unwrap_or_default().iter().enumerate()
    {
        let mut reported = Vec::new();
        for (index, control) in set.get("controls").map(Node::items).unwrap_or_default().iter().enumerate() {
            let Some(name) = ControlRef::from_node(control) else { continue };
            let (first_set, first) = *first_of.entry(name.clone()).or_insert((set_index, control.span));
            if first_set == set_index || reported.contains(&name) {
                continue;
            }
            let message = format!("the framework has the control `{name}` in several sets");
            reported.push(name);
            let finding = parsed.finding(&RULE, &format!("/controlSets/{set_index}/controls/{index}"), message);
            let finding = finding.related(parsed.file, first, "first listed here");
            found.push(finding.help("its evidence is reviewed once per set; keep both if that is intended"));
        }
    }
}

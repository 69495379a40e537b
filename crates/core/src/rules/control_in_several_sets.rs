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
    summary: "A framework has a control in several control sets.",
    why: "Each control set of an assessment has its own reviewers and its own state. A control in two sets of a \
          framework is reviewed in both. AWS does not say whether they share their evidence; this rule assumes that \
          they do not.\n\n\
          Keep the control in one set. Where both are meant, ignore the finding and say why.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let mut first_of = BTreeMap::new();
    for (set_index, set) in
        parsed.document.root.get("controlSets").map(Node::items).unwrap_or_default().iter().enumerate()
    {
        let mut told = Vec::new();
        for (index, control) in set.get("controls").map(Node::items).unwrap_or_default().iter().enumerate() {
            let Some(name) = ControlRef::from_node(control) else { continue };
            let (first_set, first) = *first_of.entry(name.clone()).or_insert((set_index, control.span));
            if first_set == set_index || told.contains(&name) {
                continue;
            }
            let message = format!("the framework has the control `{name}` in several sets");
            told.push(name);
            let fault = parsed.finding(&RULE, &format!("/controlSets/{set_index}/controls/{index}"), message);
            let fault = fault.related(parsed.file, first, "first here");
            found.push(fault.help("its evidence is reviewed once for each; keep both where that is meant"));
        }
    }
}

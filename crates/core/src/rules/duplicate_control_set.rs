use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::document::Node;
use crate::rules::Parsed;
use crate::source::Span;

pub(crate) static RULE: Rule = Rule {
    id: "duplicate-control-set",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "Two control sets of a framework have the same name.",
    why: "",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for (index, set) in parsed.document.root.get("controlSets").map(Node::items).unwrap_or_default().iter().enumerate()
    {
        let Some((name, node)) = set.get("name").and_then(|node| Some((node.as_str()?, node))) else { continue };
        let Some(first) = seen.get(name) else {
            seen.insert(name, node.span);
            continue;
        };
        let message = format!("a control set named `{name}` is there twice");
        let fault = parsed.finding(&RULE, &format!("/controlSets/{index}/name"), message);
        let fault = fault.related(parsed.file, *first, "first here");
        found.push(fault.help("rename one of the two, or bring their controls together"));
    }
}

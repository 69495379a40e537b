use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::Node;
use crate::rules::Parsed;
use crate::source::Span;

pub(crate) static RULE: Rule = Rule {
    id: "duplicate-control-set",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "Two control sets of a framework have the same name.",
    why: "A plan knows the control sets of a framework by their names, and so keeps the id of each when the file is \
          edited. Two of one name cannot be told apart, neither by the plan nor by those who are given one of them to \
          review. [The API](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateAssessmentFramework.html) does not \
          say whether the service takes them.\n\n\
          Rename one of the two, or bring their controls together in one set.",
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

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
    why: "A plan identifies the control sets of a framework by name, so that each keeps its ID when you edit the file. \
          It cannot distinguish two sets with the same name, and neither can their reviewers. [The API](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateAssessmentFramework.html) does not \
          document whether the service accepts them.\n\n\
          Rename one of the two, or merge them into one control set.",
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
        let message = format!("two control sets are named `{name}`");
        let finding = parsed.finding(&RULE, &format!("/controlSets/{index}/name"), message);
        let finding = finding.related(parsed.file, *first, "first defined here");
        found.push(finding.help("rename one of the two, or merge them"));
    }
}

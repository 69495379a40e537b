use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::document::Node;
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "too-many-controls",
    severity: Severity::Error,
    hard: false,
    since: "0.1.0",
    summary: "A framework has more controls than Audit Manager takes.",
    why: "",
};

/// Controls in a framework.
const MOST: usize = 1400;

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let sets = parsed.document.root.get("controlSets").map(Node::items).unwrap_or_default();
    let count: usize = sets.iter().map(|set| set.get("controls").map(Node::items).unwrap_or_default().len()).sum();
    if count > MOST {
        let message = format!("the framework has {count} controls; at most {MOST} are allowed");
        found.push(parsed.finding_at_key(&RULE, "/controlSets", message).help("split the framework"));
    }
}

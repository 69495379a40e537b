use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::document::Node;
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "many-control-sets",
    severity: Severity::Info,
    hard: false,
    since: "0.1.0",
    summary: "A framework has more control sets than the console can edit.",
    why: "",
};

/// What the console takes, <https://docs.aws.amazon.com/audit-manager/latest/userguide/create-custom-frameworks-from-scratch.html>.
const MOST: usize = 10;

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let count = parsed.document.root.get("controlSets").map(Node::items).unwrap_or_default().len();
    if count > MOST {
        let message = format!("the framework has {count} control sets; the console takes {MOST}, the API more");
        let fault = parsed.finding_at_key(&RULE, "/controlSets", message);
        found.push(fault.help("it can be edited here only; bring sets together where people edit it in the console"));
    }
}

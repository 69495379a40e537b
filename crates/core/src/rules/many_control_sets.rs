use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::Node;
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "many-control-sets",
    level: Level::Info,
    hard: false,
    since: "0.1.0",
    summary: "A framework has more control sets than the console can edit.",
    why: "The console allows [up to ten control sets](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/create-custom-frameworks-from-scratch.html) in a \
          custom framework. The API and controlsync allow more. AWS does not document what the console does with such \
          a framework: most likely it cannot save changes to it.\n\n\
          If the framework is edited only through its file, no change is needed. Otherwise merge control sets, or \
          split the framework.",
};

/// The limit of the console,
/// <https://docs.aws.amazon.com/audit-manager/latest/userguide/create-custom-frameworks-from-scratch.html>.
const MOST: usize = 10;

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let count = parsed.document.root.get("controlSets").map(Node::items).unwrap_or_default().len();
    if count > MOST {
        let message = format!("the framework has {count} control sets; the console can edit at most {MOST}");
        let finding = parsed.finding_at_key(&RULE, "/controlSets", message);
        found.push(finding.help("edit it only here, or merge control sets so that it can be edited in the console"));
    }
}

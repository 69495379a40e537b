use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::Node;
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "many-control-sets",
    level: Level::Info,
    hard: false,
    since: "0.1.0",
    summary: "A framework has more control sets than the console can edit.",
    why: "The console takes [up to ten control sets](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/create-custom-frameworks-from-scratch.html) in \
          a custom framework. The API takes more, and so does controlsync. AWS does not say what the console does \
          with such a framework: most likely it refuses to save changes of it.\n\n\
          Nothing needs to change where the files are the only way in. Otherwise bring sets together or split the \
          framework.",
};

/// What the console takes, <https://docs.aws.amazon.com/audit-manager/latest/userguide/create-custom-frameworks-from-scratch.html>.
const MOST: usize = 10;

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let count = parsed.document.root.get("controlSets").map(Node::items).unwrap_or_default().len();
    if count > MOST {
        let message = format!("the framework has {count} control sets; the console takes {MOST}, the API more");
        let fault = parsed.finding_at_key(&RULE, "/controlSets", message);
        found.push(fault.help("edit it here only, or bring sets together so that people can edit it in the console"));
    }
}

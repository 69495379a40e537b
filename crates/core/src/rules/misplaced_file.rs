use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::Node;
use crate::rules::Parsed;
use crate::source::FileKind;

pub(crate) static RULE: Rule = Rule {
    id: "misplaced-file",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A file holds a framework where controls are, or a control where frameworks are.",
    why: "The folder decides what a file is: below `controls/` a control, below `frameworks/` a framework. This \
          file has members that only the other kind has, so nothing else in it is looked at, and nothing is made of \
          it.\n\n\
          Move the file to the other folder.",
};

/// Members that a control has and a framework has not.
const OF_CONTROLS: [&str; 5] =
    ["datasources", "controlMappingSources", "testingInformation", "actionPlanTitle", "actionPlanInstructions"];

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let root: &Node = &parsed.document.root;
    let control = OF_CONTROLS.iter().find(|key| root.entry(key).is_some());
    let framework = root.entry("controlSets");
    let (held, folder, entry) = match (parsed.source.kind(), control, framework) {
        (FileKind::Control, None, Some(entry)) => (FileKind::Framework, "frameworks", entry),
        (FileKind::Framework, Some(key), None) => match root.entry(key) {
            Some(entry) => (FileKind::Control, "controls", entry),
            None => return,
        },
        _ => return,
    };
    let message = format!("the file holds a {}, but stands where {}s are", held.noun(), parsed.source.kind().noun());
    let fault = Diagnostic::new(&RULE, parsed.file, entry.key_span, message).at(format!("/{}", entry.key));
    found.push(fault.help(format!("move it below `{folder}/`")));
}

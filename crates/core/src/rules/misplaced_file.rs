use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::Node;
use crate::rules::Parsed;
use crate::source::FileKind;

pub(crate) static RULE: Rule = Rule {
    id: "misplaced-file",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A file under `controls/` defines a framework, or one under `frameworks/` a control.",
    why: "The directory determines what a file defines: a control under `controls/`, a framework under `frameworks/`. \
          This file has keys that only the other kind has, so the rest of it is not checked, and no object is created \
          for it.\n\n\
          Move the file to the other directory.",
};

/// Keys that a control can have and a framework cannot.
const OF_CONTROLS: [&str; 5] =
    ["datasources", "controlMappingSources", "testingInformation", "actionPlanTitle", "actionPlanInstructions"];

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let root: &Node = &parsed.document.root;
    let control = OF_CONTROLS.iter().find(|key| root.entry(key).is_some());
    let framework = root.entry("controlSets");
    let (actual, directory, entry) = match (parsed.source.kind(), control, framework) {
        (FileKind::Control, None, Some(entry)) => (FileKind::Framework, "frameworks", entry),
        (FileKind::Framework, Some(key), None) => match root.entry(key) {
            Some(entry) => (FileKind::Control, "controls", entry),
            None => return,
        },
        _ => return,
    };
    let expected = parsed.source.kind();
    let message = format!("this file defines a {}, but its directory is for {}s", actual.noun(), expected.noun());
    let finding = Diagnostic::new(&RULE, parsed.file, entry.key_span, message).at(format!("/{}", entry.key));
    found.push(finding.help(format!("move it under `{directory}/`")));
}

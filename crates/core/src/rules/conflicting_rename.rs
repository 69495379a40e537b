use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::AllFiles;

pub(crate) static RULE: Rule = Rule {
    id: "conflicting-rename",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "Two definitions list the same name in `renamedFrom`.",
    why: "`renamedFrom` names an object to rename in place, so that it keeps its ID, its evidence and its place in \
          frameworks and assessments. One object can be renamed to one definition only: with two, the order of the \
          files would decide.\n\n\
          Keep the old name in the definition that continues the object, and remove it from the other. If a control \
          was split in two, the second one is a new control.",
};

pub(super) fn check(all: &AllFiles<'_>, found: &mut Vec<Diagnostic>) {
    let mut first_of = BTreeMap::new();
    for old in all.old_names() {
        let Some((file, location)) = first_of.get(&(old.kind, old.name)) else {
            let location = all.catalog.span(all.sources, old.file, &old.pointer());
            first_of.insert((old.kind, old.name), (old.file, location));
            continue;
        };
        if *file == old.file {
            continue;
        }
        let message = format!("two definitions list `{}` in `renamedFrom`", old.name);
        let finding = all.finding(&RULE, old.file, &old.pointer(), message);
        let finding = finding.related(*file, *location, "also listed here");
        found.push(finding.help("an object can be renamed to one of them only: remove the name from the other"));
    }
}

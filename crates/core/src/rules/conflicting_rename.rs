use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::Whole;

pub(crate) static RULE: Rule = Rule {
    id: "conflicting-rename",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "Two definitions claim to have had the same name.",
    why: "`renamedFrom` names the object that is to be renamed in place, so that it keeps its id, its evidence and \
          its place in frameworks and assessments. One object can become only one other: with two claims the order \
          of the files would decide.\n\n\
          Keep the old name where the object lives on, and remove it from the other definition. Where one control \
          was split in two, the second is a new control.",
};

pub(super) fn check(whole: &Whole<'_>, found: &mut Vec<Diagnostic>) {
    let mut first_of = BTreeMap::new();
    for old in whole.old_names() {
        let Some((file, place)) = first_of.get(&(old.kind, old.name)) else {
            let place = whole.catalog.span(whole.sources, old.file, &old.pointer());
            first_of.insert((old.kind, old.name), (old.file, place));
            continue;
        };
        if *file == old.file {
            continue;
        }
        let message = format!("two definitions were called `{}` before", old.name);
        let fault = whole.finding(&RULE, old.file, &old.pointer(), message).related(*file, *place, "claimed here too");
        found.push(fault.help("an object can become one of them only: remove the name from one of the two"));
    }
}

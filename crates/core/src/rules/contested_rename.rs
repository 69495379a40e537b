use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::rules::Whole;

pub(crate) static RULE: Rule = Rule {
    id: "contested-rename",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "Two definitions claim to have had the same name.",
    why: "",
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

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::Whole;

pub(crate) static RULE: Rule = Rule {
    id: "renamed-from-existing",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "`renamedFrom` names something that the catalog still defines.",
    why: "`renamedFrom` renames an object of the account in place. A name that the catalog still defines is in \
          use: to rename its object would take it away from the other definition, which would make a new one \
          without evidence and without a place in assessments.\n\n\
          Remove the old definition if this one replaces it. If both are to stay, remove the name from \
          `renamedFrom`.",
};

pub(super) fn check(whole: &Whole<'_>, found: &mut Vec<Diagnostic>) {
    for old in whole.old_names() {
        let Some(files) = whole.catalog.files_of_name.get(&(old.kind, old.name.to_owned())) else { continue };
        let noun = old.kind.noun();
        if *files == [old.file] {
            let message = format!("`renamedFrom` names the {noun} `{}` itself", old.name);
            found.push(
                whole.finding(&RULE, old.file, &old.pointer(), message).help("write the name that it had before"),
            );
            continue;
        }
        let message = format!("`renamedFrom` names the {noun} `{}`, which the catalog still defines", old.name);
        let mut fault = whole.finding(&RULE, old.file, &old.pointer(), message);
        if let Some(file) = files.first() {
            fault = fault.related(*file, whole.catalog.span(whole.sources, *file, "/name"), "defined here");
        }
        found.push(fault.help("remove the old definition, or the name here"));
    }
}

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::AllFiles;

pub(crate) static RULE: Rule = Rule {
    id: "renamed-from-existing",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "`renamedFrom` lists a name that the catalog still defines.",
    why: "`renamedFrom` renames an object of the account in place. If the catalog still defines the old name, the \
          rename would take the object away from that definition. A new object without evidence, and not in any \
          assessment, would be created for it.\n\n\
          Remove the old definition if this one replaces it. To keep both, remove the name from `renamedFrom`.",
};

pub(super) fn check(all: &AllFiles<'_>, found: &mut Vec<Diagnostic>) {
    for old in all.old_names() {
        let Some(files) = all.catalog.files_of_name.get(&(old.kind, old.name.to_owned())) else { continue };
        let noun = old.kind.noun();
        if *files == [old.file] {
            let message = format!("`renamedFrom` lists the {noun} `{}` itself", old.name);
            found.push(all.finding(&RULE, old.file, &old.pointer(), message).help("use its old name"));
            continue;
        }
        let message = format!("`renamedFrom` lists the {noun} `{}`, which the catalog still defines", old.name);
        let mut finding = all.finding(&RULE, old.file, &old.pointer(), message);
        if let Some(file) = files.first() {
            finding = finding.related(*file, all.catalog.span(all.sources, *file, "/name"), "defined here");
        }
        found.push(finding.help("remove the old definition, or remove the name here"));
    }
}

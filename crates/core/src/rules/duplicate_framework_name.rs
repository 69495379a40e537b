use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::AllFiles;
use crate::source::FileKind;

pub(crate) static RULE: Rule = Rule {
    id: "duplicate-framework-name",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "Two files define a framework with the same name.",
    why: "A framework is identified by its name: a plan looks up the object with that name in the account. If two \
          files define the same name, it is unclear which one the account should match.\n\n\
          Rename one of the two, or merge their control sets into one file. A framework that already exists in an \
          account is renamed in place if its file lists the old name in `renamedFrom`.",
};

pub(super) fn check(all: &AllFiles<'_>, found: &mut Vec<Diagnostic>) {
    found.extend(all.duplicates(&RULE, FileKind::Framework));
}

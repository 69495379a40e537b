use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::AllFiles;
use crate::source::FileKind;

pub(crate) static RULE: Rule = Rule {
    id: "duplicate-control-name",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "Two files define a control with the same name.",
    why: "A control is identified by its name: frameworks list controls by name, and a plan looks up the object with \
          that name in the account. If two files define the same name, it is unclear which one the account should \
          match.\n\n\
          Rename one of the two, and update the frameworks that use it; or remove one of the files. Often one file is \
          a copy that was not finished. A control that already exists in an account keeps its history if its file \
          lists the old name in `renamedFrom`.",
};

pub(super) fn check(all: &AllFiles<'_>, found: &mut Vec<Diagnostic>) {
    found.extend(all.duplicates(&RULE, FileKind::Control));
}

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::Whole;
use crate::source::FileKind;

pub(crate) static RULE: Rule = Rule {
    id: "duplicate-framework-name",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "Two files define a framework of the same name.",
    why: "A framework is known by its name: a plan looks for the object of that name in the account. Where two files \
          define the same name, the account could follow only one of them, and nobody could say which.\n\n\
          Rename one of the two, or bring their control sets together in one file. A framework that is already in an \
          account is renamed in place where its file names the old name in `renamedFrom`.",
};

pub(super) fn check(whole: &Whole<'_>, found: &mut Vec<Diagnostic>) {
    found.extend(whole.duplicates(&RULE, FileKind::Framework));
}

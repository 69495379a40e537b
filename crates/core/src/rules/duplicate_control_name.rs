use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::Whole;
use crate::source::FileKind;

pub(crate) static RULE: Rule = Rule {
    id: "duplicate-control-name",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "Two files define a control of the same name.",
    why: "A control is known by its name: to frameworks, which list controls by name, and to a plan, which looks for \
          the object of that name in the account. Where two files define the same name, the account could follow only \
          one of them, and nobody could say which.\n\n\
          Rename one of the two, and the lines of frameworks that mean it; or remove one of the files. It is often a \
          copy that was to become something else. A control that is already in an account keeps its history where its \
          file names the old name in `renamedFrom`.",
};

pub(super) fn check(whole: &Whole<'_>, found: &mut Vec<Diagnostic>) {
    found.extend(whole.duplicates(&RULE, FileKind::Control));
}

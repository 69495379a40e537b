use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::rules::Whole;
use crate::source::Kind;

pub(crate) static RULE: Rule = Rule {
    id: "duplicate-framework-name",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "Two files define a framework of the same name.",
    why: "",
};

pub(super) fn check(whole: &Whole<'_>, found: &mut Vec<Diagnostic>) {
    found.extend(whole.duplicates(&RULE, Kind::Framework));
}

use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "unused-suppression",
    severity: Severity::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A comment ignores a finding that is not there.",
    why: "",
};

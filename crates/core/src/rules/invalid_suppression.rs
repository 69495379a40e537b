use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "invalid-suppression",
    severity: Severity::Error,
    hard: false,
    since: "0.1.0",
    summary: "A comment asks for something that cannot be ignored or does not exist.",
    why: "",
};

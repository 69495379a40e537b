use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "empty-list",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "A list is empty that the service wants filled.",
    why: "",
};

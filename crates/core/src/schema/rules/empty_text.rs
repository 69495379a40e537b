use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "empty-text",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "A text is empty that the service wants filled.",
    why: "",
};

use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "unknown-value",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "A value is none of those that the service takes.",
    why: "",
};

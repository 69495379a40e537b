use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "forbidden-character",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "A text has a character that the service refuses.",
    why: "",
};

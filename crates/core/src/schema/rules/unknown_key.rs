use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "unknown-key",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "A member is not one that this file can have.",
    why: "",
};

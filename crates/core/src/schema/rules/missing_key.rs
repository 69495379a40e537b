use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "missing-key",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "A required member is missing.",
    why: "",
};

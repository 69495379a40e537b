use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "duplicate-key",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "A key is there twice in one mapping.",
    why: "",
};

use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "invalid-tag-key",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "A tag key is one that the service refuses.",
    why: "",
};

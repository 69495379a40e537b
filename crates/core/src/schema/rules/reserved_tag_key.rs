use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "reserved-tag-key",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "A tag key is reserved for AWS or for controlsync.",
    why: "",
};

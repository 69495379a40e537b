use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "too-many-controls",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "A framework has more controls than the service takes.",
    why: "",
};

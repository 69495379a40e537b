use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "complex-key",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "A key is a list, a mapping or an alias.",
    why: "",
};

use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "unquoted-text",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "YAML takes a value for a number, a boolean or a date where a text is wanted.",
    why: "",
};

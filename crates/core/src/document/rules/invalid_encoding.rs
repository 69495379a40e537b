use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "invalid-encoding",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "The file is not UTF-8.",
    why: "",
};

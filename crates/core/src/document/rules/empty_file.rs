use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "empty-file",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "The file holds no definition.",
    why: "",
};

use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "file-too-complex",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "The file holds more values than the budget allows.",
    why: "",
};

use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "file-too-large",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "The file is larger than 1 MiB.",
    why: "",
};

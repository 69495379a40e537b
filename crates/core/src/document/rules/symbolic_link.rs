use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "symbolic-link",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "The file is a symbolic link, which is not followed.",
    why: "",
};

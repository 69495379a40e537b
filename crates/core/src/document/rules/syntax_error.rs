use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "syntax-error",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "The file is not valid YAML, JSON or TOML.",
    why: "",
};

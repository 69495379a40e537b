use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "unsupported-tag",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "A YAML tag is used that has no meaning here.",
    why: "",
};

use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "nesting-too-deep",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "Lists and mappings are nested deeper than 64 levels.",
    why: "",
};

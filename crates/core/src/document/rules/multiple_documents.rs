use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "multiple-documents",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "The file holds more than one YAML document.",
    why: "",
};

use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "text-too-long",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "A text is longer than the service takes.",
    why: "",
};

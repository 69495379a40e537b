use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "alias-expansion",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "Anchors and aliases bring in more than the budget allows.",
    why: "",
};

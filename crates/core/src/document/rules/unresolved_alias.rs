use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "unresolved-alias",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "An alias names an anchor that is not there.",
    why: "",
};

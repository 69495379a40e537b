use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "quota-exceeded",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "The plan would pass a quota of the account.",
    why: "",
};

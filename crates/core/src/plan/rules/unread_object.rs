use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "unread-object",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "The account holds the object, but it was not read.",
    why: "",
};

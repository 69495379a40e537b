use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "wrong-type",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "A member has the wrong type.",
    why: "",
};

use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "too-many-tags",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "An object has more tags than AWS takes.",
    why: "",
};

use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "unmanaged-object",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "The account holds an object of the name that no catalogue has made.",
    why: "",
};

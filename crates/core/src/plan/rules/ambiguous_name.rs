use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "ambiguous-name",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "The account holds several objects of one name.",
    why: "",
};

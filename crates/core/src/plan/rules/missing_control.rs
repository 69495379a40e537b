use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "missing-control",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "A framework names a control that neither the catalogue nor the account has.",
    why: "",
};

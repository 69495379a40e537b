use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "too-many-sources",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "A control has more sources than the service takes.",
    why: "",
};

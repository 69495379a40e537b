use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "suppression-without-reason",
    severity: Severity::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A comment ignores a finding and does not say why.",
    why: "",
};

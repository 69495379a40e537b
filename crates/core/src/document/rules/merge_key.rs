use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "merge-key",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "A merge key (`<<`) is used, which YAML 1.2 does not have.",
    why: "",
};

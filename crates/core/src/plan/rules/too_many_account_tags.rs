use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "too-many-account-tags",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "With the tags that others have set, an object would have more than AWS takes.",
    why: "",
};

use crate::diagnostic::{Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "finished-rename",
    severity: Severity::Info,
    hard: false,
    since: "0.1.0",
    summary: "`renamedFrom` names what the account no longer has to rename.",
    why: "",
};

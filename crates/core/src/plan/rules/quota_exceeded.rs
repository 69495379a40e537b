use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "quota-exceeded",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "The plan would exceed a quota of the account.",
    why: "An account can have [500 custom controls and 100 custom frameworks](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/service-quotas.html) per Region, including shared \
          frameworks in its library. This plan would exceed the quota. No objects of that kind are created, because an \
          incomplete catalog is worse than none. Changes to existing objects are applied.\n\n\
          Delete unused objects in the console, or remove files. controlsync uses the documented quotas, even if AWS \
          has raised yours.",
};

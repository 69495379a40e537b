use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "quota-exceeded",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "The plan would exceed a quota of the account.",
    why: "An account can have [500 custom controls and 100 custom frameworks](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/service-quotas.html) per Region, including shared \
          frameworks in its library. This plan would exceed the quota: the service then rejects the last of the new \
          objects, and everything else is applied.\n\n\
          Delete unused objects in the console, remove files, or request a higher quota in Service Quotas (L-0255B75F \
          for controls, L-8935A6F1 for frameworks). controlsync cannot read what AWS has granted: set it under \
          `[quotas]` in `controlsync.toml`.",
};

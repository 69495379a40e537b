use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "invalid-value",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A value is none of those that are allowed there.",
    why: "Some members take one of a few values, exactly as [the API](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateControlMappingSource.html) spells \
          them. The spelling follows no single rule: `AWS_Config` and `AWS_Cloudtrail`, but `MANUAL` and `DAILY`. The \
          service refuses any other. In `controlsync.toml` levels are `off`, `info`, `warning` and `error`.\n\n\
          Write one of the values that the finding names. The fix does that where one is close; it is safe if only \
          case or the signs between words differ.",
};

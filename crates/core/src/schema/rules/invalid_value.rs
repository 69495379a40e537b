use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "invalid-value",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A value is not one of the allowed values.",
    why: "Some keys accept only a few values, spelled exactly as in [the API](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateControlMappingSource.html). The \
          spelling is inconsistent: `AWS_Config` and `AWS_Cloudtrail`, but `MANUAL` and `DAILY`. The service rejects \
          anything else. In `controlsync.toml`, levels are `off`, `info`, `warning` and `error`.\n\n\
          Use one of the values that the finding lists. The fix replaces the value with a similar allowed one; it is a \
          safe fix if only case or punctuation differs.",
};

use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "invalid-tag-key",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A tag key is too long, or has a character that the service refuses.",
    why: "[The API](https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_TagResource.html) takes keys of \
          1 to 128 characters, from the letters of the English alphabet, digits and `+ - = . , _ : ; < /`. The [user \
          guide](https://docs.aws.amazon.com/audit-manager/latest/userguide/tagging.html) also names the blank and \
          `@`, but the pattern of the API leaves them out, and controlsync keeps to the stricter one. Tags are sent \
          together with the object, so that one wrong key keeps a new control from being created.\n\n\
          Rename the key: `CostCentre` or `Cost-Centre` for `Cost Centre`. Values may have blanks.",
};

use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "invalid-tag-key",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A tag key is too long or contains a character that the service does not allow.",
    why: "[The API](https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_TagResource.html) allows keys of \
          1 to 128 characters: English letters, digits and `+ - = . , _ : ; < /`. The [user guide](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/tagging.html) also lists the space and `@`, but \
          the pattern in the API does not, and controlsync follows the stricter one. Tags are sent together with the \
          object, so one invalid key prevents a new control from being created.\n\n\
          Rename the key: for example, use `CostCenter` or `Cost-Center` instead of `Cost Center`. Values can contain \
          spaces.",
};

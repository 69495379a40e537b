use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "too-many-account-tags",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "With the tags that others have set, an object would have more than AWS takes.",
    why: "AWS takes [50 tags](https://docs.aws.amazon.com/audit-manager/latest/userguide/tagging.html) on a control or \
          a framework. controlsync leaves tags alone that somebody else has set: cost allocation, a tag policy, a \
          person. With those, the tags of the file and three of its own, this object would have more. The service \
          would refuse the tags after the object itself was changed, so neither is done.\n\n\
          Remove tags in the file or in `controlsync.toml`, or in the account those that others have set and nobody \
          needs.",
};

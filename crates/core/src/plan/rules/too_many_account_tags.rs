use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "too-many-account-tags",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "An object would have more tags than AWS allows, including tags that the catalog does not manage.",
    why: "AWS allows [50 tags](https://docs.aws.amazon.com/audit-manager/latest/userguide/tagging.html) on a control \
          or a framework. controlsync keeps tags that the catalog does not manage, such as tags for cost allocation or \
          from a tag policy. Together with the tags of the file and three of controlsync, this object would have more \
          than 50. The service would reject the tags after the object was changed, so neither change is applied.\n\n\
          Remove tags from the file or from `controlsync.toml`, or remove unused tags in the account that the catalog \
          does not manage.",
};

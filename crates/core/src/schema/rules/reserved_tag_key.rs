use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "reserved-tag-key",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A tag key is reserved for AWS or for controlsync.",
    why: "AWS reserves [keys that start with `aws:`](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/tagging.html), and the service rejects them. Tags \
          that start with `controlsync:` record which catalog owns an object and what was last applied. Set by hand, \
          they could assign the object to another catalog, or hide a change that another user made in the console.\n\n\
          Remove the tag: AWS and controlsync set theirs automatically. Such tags are usually copied from the account \
          together with a definition. Use another prefix for your own tags.",
};

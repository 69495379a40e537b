use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "reserved-tag-key",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A tag key is reserved for AWS or for controlsync.",
    why: "AWS keeps [keys that start with `aws:`](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/tagging.html) for itself, and the service refuses \
          them. Tags that start with `controlsync:` say which catalog an object belongs to and what was last \
          applied. Set by hand, they could give the object to another catalog, or hide that somebody changed it in \
          the console.\n\n\
          Remove the tag: AWS and controlsync set theirs themselves. Such tags often come in with a definition copied \
          out of the account. Give your own tags another prefix.",
};

use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "too-many-tags",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A definition has more than 47 tags.",
    why: "A resource can have [at most 50 tags](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/tagging.html). controlsync marks each object with \
          three tags, which leaves 47. With more, the object could not be created, or could not be marked as managed \
          by this catalog.\n\n\
          Remove tags that are not used, or combine several into one: a value can have 255 characters. Tags from \
          `[tags]` in `controlsync.toml` are added to these; `too-many-merged-tags` counts both.",
};

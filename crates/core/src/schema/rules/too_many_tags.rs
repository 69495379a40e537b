use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "too-many-tags",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A definition has more than 47 tags of its own.",
    why: "A resource has [at most 50 tags](https://docs.aws.amazon.com/audit-manager/latest/userguide/tagging.html). \
          controlsync marks each object with three of its own, so that 47 are left. With more, the object could not be \
          created, or could not be marked as this catalog's.\n\n\
          Remove tags that nothing reads, or bring several together: a value takes 255 characters. Tags from `[tags]` \
          in `controlsync.toml` come on top; `too-many-merged-tags` counts both.",
};

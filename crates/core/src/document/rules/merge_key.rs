use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "merge-key",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A mapping contains a merge key (`<<`), which YAML 1.2 does not support.",
    why: "`<<` is an [extension of YAML 1.1](https://yaml.org/type/merge.html) that is not part of version 1.2. A YAML \
          1.2 parser reads it as an ordinary key named `<<`, a YAML 1.1 parser merges the keys of another mapping. The \
          same file then defines two different controls. controlsync does not merge, so the keys from the other \
          mapping are missing.\n\n\
          Write out the keys. An alias for a complete value, such as `sourceKeyword: *keyword`, works in both \
          versions.",
};

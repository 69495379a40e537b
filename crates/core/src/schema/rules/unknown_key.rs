use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "unknown-key",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A file or a part of it has a member that is not known.",
    why: "A member that is not known means nothing, and most often it is a misspelt one. If it were skipped, a control \
          could be applied without its `datasources`, and nobody would notice before the evidence is missing. So it is \
          an error, in `controlsync.toml` too.\n\n\
          Correct the spelling, or the indentation: `keywordValue` belongs inside `sourceKeyword`. Put notes of your \
          own into comments, and labels such as an owner into `tags`. The fix renames a key that is close to a known \
          one; it is a safe fix if they differ only in case or in the signs between words.",
};

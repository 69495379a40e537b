use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "unknown-key",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A file contains an unknown key.",
    why: "An unknown key has no effect, and is usually a typo. If it were ignored, a control could be applied without \
          its `datasources`, and the mistake would show only when evidence is missing. It is therefore an error, also \
          in `controlsync.toml`.\n\n\
          Correct the spelling or the indentation: for example, `keywordValue` belongs inside `sourceKeyword`. Put \
          notes into comments, and labels such as an owner into `tags`. The fix renames a key that is similar to a \
          known one; it is a safe fix if only case or punctuation differs.",
};

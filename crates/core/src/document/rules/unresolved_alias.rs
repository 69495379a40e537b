use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "unresolved-alias",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "An alias has no anchor above it, or stands inside the value of its own.",
    why: "`*name` stands for the value that `&name` marks, and the mark must [come earlier in the same file](\
          https://yaml.org/spec/1.2.2/#71-alias-nodes). Without one the alias stands for nothing; inside the value \
          that its own anchor marks it would never end. Files cannot share anchors.\n\n\
          Correct the name, move the anchor above its first use, or write the value out. Most often no alias was \
          meant: put a text that starts with `*`, such as `*.example.com`, in quotes.",
};

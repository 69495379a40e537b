use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "unresolved-alias",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "An alias has no anchor above it, or is inside the value of its own anchor.",
    why: "`*name` repeats the value that `&name` marks, and the anchor must [come first in the same file](\
          https://yaml.org/spec/1.2.2/#71-alias-nodes). Without an anchor, the alias has no value; inside the value of \
          its own anchor, it would never end. Files cannot share anchors.\n\n\
          Correct the name, move the anchor above its first use, or write out the value. Usually no alias is intended: \
          put a string that starts with `*`, such as `*.example.com`, in quotes.",
};

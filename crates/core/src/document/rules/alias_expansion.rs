use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "alias-expansion",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "Anchors and aliases bring in more than 50,000 values or 1 MiB of text.",
    why: "An alias stands for all that its anchor names, and aliases of aliases multiply it: a file of a few lines can \
          stand for millions of values. Readers that write them out run out of memory, an attack known as the [billion \
          laughs](https://en.wikipedia.org/wiki/Billion_laughs_attack). controlsync stops at 50,000 values, or at 1 \
          MiB of text that anchors and aliases bring in, and reads nothing more of the file.\n\n\
          A definition stays far below both. Repeat a single value by its alias, and remove what is built up from \
          other aliases.",
};

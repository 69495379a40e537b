use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "alias-expansion",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "Anchors and aliases expand to more than 50,000 values or 1 MiB of text.",
    why: "An alias repeats everything that its anchor marks, and aliases of aliases multiply it: a file of a few lines \
          can expand to millions of values. Parsers that expand them run out of memory, an attack known as [billion \
          laughs](https://en.wikipedia.org/wiki/Billion_laughs_attack). controlsync stops at 50,000 values, or at 1 \
          MiB of text from anchors and aliases, and does not read the rest of the file.\n\n\
          A definition needs far less than that. Use an alias to repeat a single value, and remove aliases that are \
          built from other aliases.",
};

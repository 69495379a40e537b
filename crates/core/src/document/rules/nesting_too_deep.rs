use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "nesting-too-deep",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "Lists and mappings are nested more than 64 levels deep.",
    why: "A control or a framework needs four levels of lists and mappings. Above 64 levels, controlsync does not read \
          the file: thousands of brackets make recursive parsers [run out of stack](\
          https://cwe.mitre.org/data/definitions/674.html).\n\n\
          Such a file is broken, or was written by a tool that failed. Write the definition from scratch. Put a string \
          that contains brackets in quotes.",
};

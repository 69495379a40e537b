use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "unquoted-string",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "YAML takes a value for a number, a boolean or a date where a text is wanted.",
    why: "Without quotes, [YAML reads](https://yaml.org/spec/1.2.2/#103-core-schema) `1.10` as the number 1.1, `0042` \
          as 42, and `true` as a boolean. The API wants a text. Turned back into one, the value would often be \
          another: version 1.10 would become 1.1. TOML likewise tells texts, numbers and dates apart by the quotes.\n\n\
          Put the value in quotes; the fix does that and keeps every character.",
};

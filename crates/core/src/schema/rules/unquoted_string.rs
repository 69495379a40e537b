use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "unquoted-string",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A string needs quotes: YAML reads it as a number, a boolean or a date.",
    why: "Without quotes, [YAML reads](https://yaml.org/spec/1.2.2/#103-core-schema) `1.10` as the number 1.1, `0042` \
          as 42, and `true` as a boolean. The API requires a string. Converting the value back often changes it: \
          version 1.10 would become 1.1. TOML also tells strings, numbers and dates apart by their quotes.\n\n\
          Put the value in quotes. The fix does that and keeps every character.",
};

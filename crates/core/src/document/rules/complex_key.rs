use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "complex-key",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A key is a list, a mapping or an alias.",
    why: "[YAML](https://yaml.org/spec/1.2.2/#3211-nodes) lets any value be a key. JSON does not, and every key of a \
          definition or a tag is a text. There is no way to send `[Family, Service]: Backup` to Audit Manager. The \
          entry is left out, and its value is not checked.\n\n\
          Write a text as the key; where a list was to give several keys the same value, write an entry for each. Put \
          a key in quotes if it starts with `[`, `{` or `*`. Braces that a template should have replaced, such as `{{ \
          name }}`, also make such keys.",
};

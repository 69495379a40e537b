use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "complex-key",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A key is a list, a mapping or an alias.",
    why: "In [YAML](https://yaml.org/spec/1.2.2/#3211-nodes), any value can be a key. In JSON, and therefore in \
          definitions and tags, every key is a string. `[Family, Service]: Backup` cannot be sent to Audit Manager. \
          The entry is skipped, and its value is not checked.\n\n\
          Use a string as the key. To give several keys the same value, write an entry for each. Put a key in quotes \
          if it starts with `[`, `{` or `*`. Template placeholders that were not replaced, such as `{{ name }}`, also \
          produce such keys.",
};

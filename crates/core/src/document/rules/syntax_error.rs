use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "syntax-error",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A file is not valid YAML, JSON or TOML.",
    why: "The file violates the grammar of [YAML 1.2](https://yaml.org/spec/1.2.2/), [JSON](\
          https://www.rfc-editor.org/rfc/rfc8259) or [TOML](https://toml.io/en/v1.0.0). It is not read, so more \
          findings may appear once the error is fixed.\n\n\
          In YAML the usual cause is a string that needs quotes: one that contains `: `, or that starts with `@`, `` ` \
          ``, `%`, `[` or `{`. Other causes are [tabs in the indentation](\
          https://yaml.org/spec/1.2.2/#61-indentation-spaces), an apostrophe inside `'…'`, which is written `''`, and \
          a backslash inside `\"…\"`, which is written `\\\\`. If the reported line looks correct, check the line \
          above it.",
};

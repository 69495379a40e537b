use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "syntax-error",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A file is not valid YAML, JSON or TOML.",
    why: "What stands in the file does not follow the grammar of [YAML 1.2](https://yaml.org/spec/1.2.2/), [JSON](\
          https://www.rfc-editor.org/rfc/rfc8259) or [TOML](https://toml.io/en/v1.0.0). Nothing of the file is read, \
          so other findings may appear once this one is mended.\n\n\
          In YAML the cause is mostly a text that wants quotes: one with `: ` in it, or one that starts with `@`, `` ` \
          ``, `%`, `[` or `{`. Others are [tabs in the indentation](\
          https://yaml.org/spec/1.2.2/#61-indentation-spaces), an apostrophe inside `'…'`, which is written `''`, and \
          a backslash inside `\"…\"`, which is written `\\\\`. Where the place shown looks right, look at the line \
          above it.",
};

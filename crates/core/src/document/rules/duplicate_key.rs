use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "duplicate-key",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A mapping contains the same key twice.",
    why: "Keys of a mapping must be [unique in YAML](https://yaml.org/spec/1.2.2/#3211-nodes), but parsers handle \
          duplicates differently: PyYAML silently [keeps the last one](https://github.com/yaml/pyyaml/issues/165), \
          others reject the file. In a review, the first one looks as if it were in effect. controlsync uses \
          neither.\n\n\
          Keep one of the two. If you need both, for example two lists of `datasources`, merge them into one list.",
};

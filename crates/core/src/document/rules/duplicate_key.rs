use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "duplicate-key",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A key is there twice in one mapping.",
    why: "Keys of a mapping are [unique in YAML](https://yaml.org/spec/1.2.2/#3211-nodes), but readers differ in what \
          they do with a second one: PyYAML [keeps the last](https://github.com/yaml/pyyaml/issues/165) and says \
          nothing, others refuse the file. In review the first one looks as if it were in force. controlsync takes \
          neither for the right one.\n\n\
          Keep one of the two. Where both were meant, as with two lists of `datasources`, make one list of them.",
};

use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "multiple-documents",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A file holds more than one YAML document.",
    why: "A line `---` starts [another document](https://yaml.org/spec/1.2.2/#92-streams) in the same file. Some \
          readers, [Go's](https://pkg.go.dev/gopkg.in/yaml.v3#Unmarshal) among them, take the first document and drop \
          the others without a word: their controls would never reach the account. controlsync reads none of the \
          file.\n\n\
          Give each definition a file of its own. A single `---` above the definition does no harm.",
};

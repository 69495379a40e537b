use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "multiple-documents",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A file contains more than one YAML document.",
    why: "A line `---` starts [another document](https://yaml.org/spec/1.2.2/#92-streams) in the same file. Some \
          parsers, including [Go's](https://pkg.go.dev/gopkg.in/yaml.v3#Unmarshal), read the first document and \
          silently drop the others: their controls would never be created. controlsync does not read the file.\n\n\
          Put each definition into its own file. A single `---` above the definition is fine.",
};

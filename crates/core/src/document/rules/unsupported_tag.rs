use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "unsupported-tag",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A YAML tag has no meaning here.",
    why: "A [tag](https://yaml.org/spec/1.2.2/#24-tags) such as `!Ref` or `!include` asks the reader for something \
          special. CloudFormation and some other tools know their own; controlsync knows those of YAML's [core schema](\
          https://yaml.org/spec/1.2.2/#103-core-schema), such as `!!str`. To take the value as it stands would send \
          `TeamName` where `!Ref TeamName` was meant to be replaced.\n\n\
          Write the value itself. Put a text that starts with `!` in quotes.",
};

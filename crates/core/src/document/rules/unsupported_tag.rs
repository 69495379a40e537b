use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "unsupported-tag",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A YAML tag is not supported.",
    why: "A [tag](https://yaml.org/spec/1.2.2/#24-tags) such as `!Ref` or `!include` asks the parser for special \
          processing. CloudFormation and some other tools define their own tags; controlsync supports those of YAML's \
          [core schema](https://yaml.org/spec/1.2.2/#103-core-schema), such as `!!str`. If the tag were ignored, `!Ref \
          TeamName` would be sent as the string `TeamName`.\n\n\
          Write the value itself. Put a string that starts with `!` in quotes.",
};

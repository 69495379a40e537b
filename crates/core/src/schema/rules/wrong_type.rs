use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "wrong-type",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A value has the wrong type: a string, a list or a mapping is expected.",
    why: "Each key of a definition requires a string, a list or a mapping, as in [the API](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateControl.html). A value of another \
          type is ambiguous: for example, a list of tags is not the mapping that the service requires. The contents of \
          the value are not checked until its type is correct.\n\n\
          Usually a `- ` is missing or extra, or the lines below a key have the wrong indentation. A key without a \
          value is not an empty string: write the string, or remove the key.",
};

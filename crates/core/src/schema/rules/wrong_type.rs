use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "wrong-type",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A text, a list or a mapping stands where another of them is wanted.",
    why: "A definition has texts, lists and mappings in fixed places, as [the API](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateControl.html) has them. With another \
          type, what is meant cannot be told: a list of tags is not the mapping that the service takes. What stands \
          inside the value is not checked until the type is right.\n\n\
          Mostly a `- ` is too much or missing, or the lines below a key are indented wrongly. A key with nothing \
          behind it has no value at all, which is not the same as an empty text: write the text, or remove the key.",
};

use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "empty-string",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A string is empty, but the service requires at least one character.",
    why: "Names, keywords and the [description of a framework](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateAssessmentFramework.html) require at \
          least one character; the service rejects a change with an empty one. Other strings, such as the description \
          of a control, can be empty.\n\n\
          Write a value. The description of a framework and the keyword of a manual data source can be left out. A \
          framework without a description in its file keeps the description that it has in the account.",
};

use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "empty-string",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A text is empty where the service wants at least one character.",
    why: "Names, keywords and the [description of a framework](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateAssessmentFramework.html) have at \
          least one character; the service refuses a change with an empty one. Other texts, such as the description of \
          a control, may be empty.\n\n\
          Write the text. The description of a framework and the keyword of a manual source may be left out. A \
          framework without a description in its file keeps the one that the account has.",
};

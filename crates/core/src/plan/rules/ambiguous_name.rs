use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "ambiguous-name",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "Several objects in the account have the same name.",
    why: "The account has two or more objects with this name. Files identify objects by name only, so a plan cannot \
          tell which one to change, or which control a framework should use. Changes that involve these objects are \
          skipped; all other changes are applied.\n\n\
          Rename or delete all but one of them in the Audit Manager console. First check which one is in use: deleting \
          a control [removes it from all custom frameworks and assessments](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_DeleteControl.html) and cannot be undone. \
          AWS does not document whether names are unique.\n\n\
          Several AWS controls can also share a name: select one of them with `id:`.",
};

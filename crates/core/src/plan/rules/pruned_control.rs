use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "pruned-control",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A framework names a control whose file is gone, and `--prune` would delete it.",
    why: "The control carries the name of this catalog, and no file defines it any more. With `--prune` it is to be \
          deleted, and [with it goes its place in all frameworks and assessments](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_DeleteControl.html). A framework of the \
          same catalog still names it, so one of the two is a slip, and the control is not deleted.\n\n\
          Remove the line from the framework, or bring the file of the control back.",
};

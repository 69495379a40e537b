use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "pruned-control",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A framework uses a control that has no file and that `--prune` would delete.",
    why: "The control is managed by this catalog, but no file defines it anymore. `--prune` would delete it, which \
          [removes it from all frameworks and assessments](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_DeleteControl.html). A framework of the \
          same catalog still uses it, so one of the two is a mistake, and the control is not deleted.\n\n\
          Remove the line from the framework, or restore the file of the control.",
};

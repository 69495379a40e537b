use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "completed-rename",
    level: Level::Info,
    hard: false,
    since: "0.1.0",
    summary: "`renamedFrom` lists a name that no longer needs to be renamed.",
    why: "The rename is complete in this account: the object has its new name. As long as the old name stays in \
          `renamedFrom`, a plan looks for it, and no other definition can use it.\n\n\
          Remove the line when all accounts of this catalog have the new name. If the account also has an object with \
          the old name, controlsync neither renames nor deletes it: delete it in the console if it is no longer \
          needed. Note that deleting a control [removes it from all frameworks and assessments](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/delete-controls.html).",
};

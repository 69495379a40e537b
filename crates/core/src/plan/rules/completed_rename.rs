use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "completed-rename",
    level: Level::Info,
    hard: false,
    since: "0.1.0",
    summary: "`renamedFrom` names what the account no longer has to rename.",
    why: "`renamedFrom` has done its work in this account: the object has the new name, and nothing is left to \
          rename. As long as the line stays, a plan looks for the old name, and no other definition can claim it.\n\n\
          Remove the line once all accounts that this catalog is for have the new name. Where the account holds \
          an object of the old name as well, nothing renames or removes that one: remove it in the console if \
          nobody needs it. Mind that deleting a control [takes it out of all frameworks and assessments](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/delete-controls.html).",
};

use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "unmanaged-object",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "The account has an object with this name that is not managed by any catalog.",
    why: "The account already has an object with this name that is not managed by any catalog. A user created it in \
          the console, or another tool did. Applying the file would overwrite their work, so a plan does not change \
          the object and shows what would change.\n\n\
          If only tags would change, controlsync adopts the object automatically (`--adopt identical`, the \
          default). Otherwise edit the file to match the account, or use `--adopt all` once to overwrite the account \
          with the file. An edit of a control [affects all active assessments](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/edit-controls.html) that use it. If the two \
          objects are unrelated, choose another name.",
};

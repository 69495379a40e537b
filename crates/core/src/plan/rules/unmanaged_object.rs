use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "unmanaged-object",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "The account holds an object of the name that no catalog has made.",
    why: "The account already holds an object of this name that no catalog has made. Somebody made it in the \
          console, or another tool did. To bring it to what the file says would overwrite their work, so a plan stops \
          at it and shows what would change.\n\n\
          Where nothing but tags would change, controlsync takes the object over by itself (`--adopt identical`, which \
          is the default). Else bring the file to what the account holds; or use `--adopt all` once, and let the file \
          win. An edit of a control [reaches all active assessments](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/edit-controls.html) that hold it. Where the two \
          have nothing to do with each other, choose another name.",
};

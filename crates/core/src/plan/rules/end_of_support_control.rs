use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "end-of-support-control",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A framework has a control that AWS supports no more.",
    why: "AWS replaces standard controls now and then. The old ones stay in frameworks that have them, with the state \
          `END_OF_SUPPORT`; the console then says \"Replacement available\", and [does not copy such a framework](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/framework-issues.html) until they are replaced.\n\n\
          Name the control that replaces it. Where an audit is to be finished with the old one, keep its id \
          until then.",
};

use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "end-of-support-control",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A framework uses a control that AWS no longer supports.",
    why: "AWS replaces standard controls from time to time. The old ones stay in the frameworks that use them, with \
          the state `END_OF_SUPPORT`. The console then shows \"Replacement available\", and [does not copy such a \
          framework](https://docs.aws.amazon.com/audit-manager/latest/userguide/framework-issues.html) until they are \
          replaced.\n\n\
          Use the control that replaces it. To finish an audit with the old control, keep its ID until then.",
};

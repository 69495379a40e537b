use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "suppression-without-reason",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A comment ignores a finding without a reason.",
    why: "A year later, an ignored finding without a reason looks like a mistake. It is unclear whether the comment \
          can be removed, and an auditor who reads the file has to ask.\n\n\
          Write the reason after the rule: `# controlsync: ignore unlisted-config-rule our account lists it`.",
};

use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "suppression-without-reason",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A comment ignores a finding and does not say why.",
    why: "A finding that is ignored without a reason looks like an oversight a year later. Nobody knows whether it \
          may go, and an auditor who reads the file has to ask.\n\n\
          Write the reason behind the rule: `# controlsync: ignore unlisted-config-rule our account lists it`.",
};

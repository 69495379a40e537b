use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "invalid-suppression",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A comment asks for something that cannot be ignored or does not exist.",
    why: "A comment `# controlsync: ignore RULE reason` hides a finding of that rule on its line or on the next \
          one. This comment hides nothing: its rule does not exist, or findings of the rule cannot be ignored. \
          These are the limits of the service, faults after which controlsync cannot work with the file, and what \
          depends on the account.\n\n\
          Correct the rule, or remove the comment. `controlsync explain` lists all rules.",
};

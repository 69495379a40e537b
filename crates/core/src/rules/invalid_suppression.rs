use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "invalid-suppression",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A comment ignores a rule that does not exist or cannot be ignored.",
    why: "A comment `# controlsync: ignore RULE reason` ignores a finding of that rule on its own line or on the \
          next one. This comment ignores nothing: its rule does not exist, or its findings cannot be ignored. Findings cannot \
          be ignored if they are about limits of the service, about errors that prevent controlsync from using the \
          file, or about the state of the account.\n\n\
          Correct the rule, or remove the comment. `controlsync explain` lists all rules.",
};

use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "unreadable-object",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "The account lists an object, but the service does not return it.",
    why: "The account lists the object, but the service does not return its details. It may have been deleted between \
          the two requests, or have just been created. Its contents are unknown: changing it would be a guess, and \
          creating it again could produce a duplicate. The object and everything that depends on it are skipped.\n\n\
          Run the command again. If the finding remains, look at the object in the console.",
};

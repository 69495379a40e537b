use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "unreadable-object",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "The account holds the object, but it was not read.",
    why: "The list of the account names the object, but the service does not give it out when it is asked for it. It \
          may have been deleted between the two requests, or have been made a moment ago. What it holds is not known: \
          to change it would be a guess, and to create it again could make a second one. So it is left alone, with \
          what depends on it.\n\n\
          Run the command again. Where the finding stays, look at the object in the console.",
};

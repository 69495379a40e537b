use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "unused-suppression",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A comment ignores a finding that is not there.",
    why: "The comment hides nothing: what it was for is mended, the line has moved, or the rule no longer finds it. \
          Left alone, it hides the next finding of that rule there, whose reason may be another.\n\n\
          Remove the comment; the fix does that. A comment counts for its own line or, alone on a line, for the \
          next line with content. Above everything else in a file it also counts for findings about the file as a \
          whole.",
};

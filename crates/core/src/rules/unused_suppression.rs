use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "unused-suppression",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A comment ignores a finding that does not exist.",
    why: "The comment ignores nothing: the problem was fixed, the line was moved, or the rule no longer reports it. If \
          it stays, it ignores the next finding of that rule on the same line, which may have another reason.\n\n\
          Remove the comment. The fix does that. A comment applies to its own line or, if it is alone on a line, to \
          the next line with content. Above all other content of a file, it also applies to findings about the file \
          itself.",
};

use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "empty-file",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A file does not contain a definition.",
    why: "Every file under `controls/` defines one control, and every file under `frameworks/` defines one framework. \
          A file with only comments defines none: its contents may have been deleted by mistake or never written. If \
          it were silently skipped, the definition would seem to have been removed.\n\n\
          Write the definition, or remove the file.",
};

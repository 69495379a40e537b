use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "empty-file",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A file holds no definition.",
    why: "Every file below `controls/` defines one control, and every file below `frameworks/` one framework. A file \
          with nothing but comments defines none. Somebody may have emptied it by mistake or never finished it. \
          Skipped without a word, it would look as if the definition had been removed.\n\n\
          Write the definition, or remove the file.",
};

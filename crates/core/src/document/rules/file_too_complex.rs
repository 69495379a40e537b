use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "file-too-complex",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A file contains more than 50,000 values.",
    why: "A file can contain up to 50,000 values, including keys. The limit prevents a broken or malicious file from \
          using all memory and time of a check. A framework with 1,400 controls has about 1,500 values, so a file \
          above the limit is probably not a definition, but for example the output of a tool in the wrong directory. \
          The file is not read.\n\n\
          Move it out of `controls/` and `frameworks/`. A file defines one control or one framework; split a file that \
          contains several.",
};

use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "file-too-large",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A file is larger than 1 MiB.",
    why: "controlsync reads files of up to 1 MiB (1,048,576 bytes), so that no file can use all memory and time of a \
          check. The strings of a definition are [short](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateControl.html), and a framework of a \
          thousand controls usually needs less than a tenth of the limit. A larger file is not read at all: the \
          finding has no line number.\n\n\
          Move evidence, exports and other data out of `controls/` and `frameworks/`.",
};

use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "merge-key",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A mapping has a merge key (`<<`), which YAML 1.2 does not have.",
    why: "`<<` is an [addition to YAML 1.1](https://yaml.org/type/merge.html) that version 1.2 does not have. A reader \
          of 1.2 takes it for an ordinary key called `<<`, a reader of 1.1 brings in the members of another mapping. \
          One file then defines two different controls. controlsync brings nothing in, so members that the merge was \
          to supply are missing too.\n\n\
          Write the members out. An alias for a whole value, such as `sourceKeyword: *keyword`, is part of both \
          versions and works.",
};

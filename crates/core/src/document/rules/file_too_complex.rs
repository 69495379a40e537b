use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "file-too-complex",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A file holds more than 50,000 values.",
    why: "A file may hold 50,000 values, keys counted. The bound keeps a broken or hostile file from taking all memory \
          and time of a check. A framework of 1,400 controls has some 1,500 values, so a file above the bound is \
          hardly a definition: it may be the output of a tool that landed in the wrong folder. Nothing in it is \
          read.\n\n\
          Move it out of `controls/` and `frameworks/`. One file holds one control or one framework; split a file that \
          collects many.",
};

use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "nesting-too-deep",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "Lists and mappings are nested deeper than 64 levels.",
    why: "A control needs four levels of lists and mappings, a framework as many. At more than 64 controlsync stops \
          and reads nothing of the file: a text of thousands of brackets makes readers that follow each level [run out \
          of stack](https://cwe.mitre.org/data/definitions/674.html).\n\n\
          Such a file is broken or made by a tool that went wrong. Write the definition anew. Put a text that holds \
          brackets in quotes.",
};

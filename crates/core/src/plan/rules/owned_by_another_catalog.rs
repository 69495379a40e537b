use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "owned-by-another-catalog",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "The account holds an object of the name that belongs to another catalog.",
    why: "The object of this name carries the tag `controlsync:catalog` with the name of another catalog: another \
          repository makes it from its files. If both wrote to it, each run of the one would undo the other. So a plan \
          does not touch what another catalog owns, whatever `--adopt` says.\n\n\
          Choose another name for yours. Where it is the same catalog under a new name, set `catalog` in \
          `controlsync.toml` to the name in the tag. Where the object is to move here, remove its file there, then \
          run `plan` and `apply` once with `--take-over` and the name in the tag.",
};

use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "owned-by-another-catalog",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "The account has an object with this name that is owned by another catalog.",
    why: "The tag `controlsync:catalog` of this object contains the name of another catalog, so another repository \
          manages it. If both catalogs changed it, each would undo the changes of the other. A plan therefore never \
          changes an object that is owned by another catalog, not even with `--adopt`.\n\n\
          Choose another name for your object. If the catalog was renamed, set `catalog` in `controlsync.toml` to the \
          name in the tag. To move the object to this catalog, remove its file from the other one, then run `plan` and \
          `apply` once with `--take-over` and the name in the tag.",
};

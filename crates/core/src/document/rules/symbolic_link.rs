use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "symbolic-link",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A file is a symbolic link, which controlsync does not follow.",
    why: "A link in a catalog could read any file that the user can open: a check of an untrusted pull request would \
          then print lines of that file. Each link would also define the same object again. controlsync does not \
          follow links, so that it reads exactly what git shows in a review. The definition behind the link is \
          missing.\n\n\
          Replace the link with the file, or remove it. A framework can use a control from any directory of the \
          catalog, so copies are not needed.",
};

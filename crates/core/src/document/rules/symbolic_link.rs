use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "symbolic-link",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A file is a symbolic link, which is not followed.",
    why: "A link in a catalog could bring in any file that the reader may open: a check of somebody's pull request \
          would then print lines of it. The same definition would also be read once for each link to it. controlsync \
          follows no links, so that what git shows in review is what is read, and the definition behind the link is \
          missing.\n\n\
          Put the file itself here, or remove the link. A framework can name a control wherever its file stands, so \
          that no copies are needed.",
};

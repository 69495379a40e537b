use crate::catalog::MAX_USER_TAGS;
use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::Node;
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "too-many-merged-tags",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "An object has more than 47 tags, including those of `controlsync.toml`.",
    why: "AWS allows [50 tags](https://docs.aws.amazon.com/audit-manager/latest/userguide/tagging.html) on a control \
          or a framework. controlsync uses three of them to mark the objects of the catalog, which leaves 47. The tags \
          in `[tags]` in `controlsync.toml` are added to those of every file, except for keys that the file sets \
          itself. With more than 47, the object could not be created.\n\n\
          Remove tags from the file, or from `controlsync.toml` if not every object needs them.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let own = parsed.document.root.get("tags").map(Node::entries).unwrap_or_default();
    let added = parsed.default_tags.keys().filter(|key| own.iter().all(|entry| entry.key != **key)).count();
    let count = own.len() + added;
    // The schema reports a file that has too many on its own.
    if count <= MAX_USER_TAGS || own.len() > MAX_USER_TAGS {
        return;
    }
    let message =
        format!("there are {count} tags, including those of `controlsync.toml`; at most {MAX_USER_TAGS} are allowed");
    found.push(parsed.finding_at_key(&RULE, "/tags", message).help("remove some of them"));
}

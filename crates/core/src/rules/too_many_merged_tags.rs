use crate::catalog::MAX_USER_TAGS;
use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::Node;
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "too-many-merged-tags",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "An object has more than 47 tags, those of `controlsync.toml` counted.",
    why: "AWS takes [50 tags](https://docs.aws.amazon.com/audit-manager/latest/userguide/tagging.html) on a control or \
          a framework. Three of them are controlsync's own, by which it knows what belongs to the catalog, so 47 are \
          left. The tags of `[tags]` in `controlsync.toml` are added to those of every file, but for keys that the \
          file has itself. With more than 47 the object could not be made.\n\n\
          Remove tags from the file, or from `controlsync.toml` where not every object needs them.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let own = parsed.document.root.get("tags").map(Node::entries).unwrap_or_default();
    let added = parsed.default_tags.keys().filter(|key| own.iter().all(|entry| entry.key != **key)).count();
    let count = own.len() + added;
    // More than that on its own is what the schema finds.
    if count <= MAX_USER_TAGS || own.len() > MAX_USER_TAGS {
        return;
    }
    let message =
        format!("with those of `controlsync.toml` there are {count} tags; at most {MAX_USER_TAGS} are allowed");
    found.push(parsed.finding_at_key(&RULE, "/tags", message).help("remove some of them"));
}

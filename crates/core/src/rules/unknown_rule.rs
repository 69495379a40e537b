use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::{Node, escape};
use crate::rules::Parsed;
use crate::suggest::closest;

pub(crate) static RULE: Rule = Rule {
    id: "unknown-rule",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "`controlsync.toml` names a rule that does not exist.",
    why: "The line in `[lint.rules]` sets the level of a rule that does not exist. It has no effect, and the intended \
          rule keeps its level: a build that should fail does not, or one that should not fail does.\n\n\
          Write the ID exactly as findings show it, in brackets after the level; `controlsync explain` lists all \
          rules. The fix uses the most similar one, so review it.",
};

pub(super) fn check(parsed: &Parsed<'_>, rules: &[&'static Rule], found: &mut Vec<Diagnostic>) {
    let levels = parsed.document.root.get("lint").and_then(|lint| lint.get("rules"));
    for entry in levels.map(Node::entries).unwrap_or_default() {
        if rules.iter().find(|rule| rule.id == entry.key).is_some() {
            continue;
        }
        let meant = closest(&entry.key, rules.iter().map(|rule| rule.id));
        let help = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "remove the line".to_owned(),
        };
        let message = format!("unknown rule `{}`", entry.key);
        let pointer = format!("/lint/rules/{}", escape(&entry.key));
        let fix = meant.and_then(|meant| parsed.editor().rename_key("/lint/rules", &entry.key, meant, false));
        found.push(parsed.finding_at_key(&RULE, &pointer, message).help(help).fix(fix));
    }
}

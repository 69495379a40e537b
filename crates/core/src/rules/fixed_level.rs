use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::{Node, escape};
use crate::rules::{self, Parsed};

pub(crate) static RULE: Rule = Rule {
    id: "fixed-level",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "`controlsync.toml` changes the level of a rule that is always an error.",
    why: "The rule that is named here finds what the service refuses, or what leaves open what is meant. A plan from \
          such a file could only fail, so its findings are errors whatever `controlsync.toml` says. The line does \
          nothing, and looks as if it did.\n\n\
          Remove the line, and mend what the rule finds. `controlsync explain RULE` says of every rule whether its \
          level can be changed.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let levels = parsed.document.root.get("lint").and_then(|lint| lint.get("rules"));
    for entry in levels.map(Node::entries).unwrap_or_default() {
        let Some(rule) = rules::find(&entry.key).filter(|rule| rule.hard) else { continue };
        if entry.value.as_str() == Some("error") {
            continue;
        }
        let message = format!("`{}` is always an error: the service, or the catalog, cannot work with it", rule.id);
        let fault = parsed.finding_at_key(&RULE, &format!("/lint/rules/{}", escape(&entry.key)), message);
        found.push(fault.help("remove the line, and mend what the rule finds"));
    }
}

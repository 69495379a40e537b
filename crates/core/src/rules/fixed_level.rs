use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::{Node, escape};
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "fixed-level",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "`controlsync.toml` changes the level of a rule that is always an error.",
    why: "The rule reports what the service rejects or what is ambiguous. A plan from such a file could only fail, so \
          its findings are always errors. The line has no effect, although it looks as if it had.\n\n\
          Remove the line, and fix what the rule reports. `controlsync explain RULE` shows whether the level of a rule \
          can be changed.",
};

pub(super) fn check(parsed: &Parsed<'_>, rules: &[&'static Rule], found: &mut Vec<Diagnostic>) {
    let levels = parsed.document.root.get("lint").and_then(|lint| lint.get("rules"));
    for entry in levels.map(Node::entries).unwrap_or_default() {
        let Some(rule) = rules.iter().find(|rule| rule.id == entry.key).filter(|rule| rule.hard) else { continue };
        if entry.value.as_str() == Some("error") {
            continue;
        }
        let message = format!("the level of `{}` cannot be changed: it is always an error", rule.id);
        let finding = parsed.finding_at_key(&RULE, &format!("/lint/rules/{}", escape(&entry.key)), message);
        found.push(finding.help("remove the line, and fix what the rule reports"));
    }
}

use crate::diagnostic::{Level, Rule};
use crate::evidence::config_rules::{ConfigSource, rule_name};
use crate::evidence::facts::ConfigRule;
use crate::evidence::setup::Found;

pub(crate) static RULE: Rule = Rule {
    id: "rule-scope-limited",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A rule evaluates only some of the resources.",
    why: "[The scope of a rule](https://docs.aws.amazon.com/config/latest/APIReference/API_Scope.html) can limit it to one resource, \
          to resources with a tag, or to fewer types than it knows. Then its evidence says nothing about all others.\n\n\
          If that is intended, say so in the control and ignore the finding in `controlsync.toml`; otherwise remove the limit where \
          the rule is deployed.",
};

/// The limit of a rule, in words.
fn limit(rule: &ConfigRule, types: &[&str]) -> Option<String> {
    if let Some(limit) = &rule.scope_limit {
        return Some(limit.clone());
    }
    let missing: Vec<&str> =
        types.iter().copied().filter(|of| !rule.scope_types.iter().any(|in_scope| in_scope == of)).collect();
    let limited = !rule.scope_types.is_empty() && !missing.is_empty();
    limited.then(|| format!("{}, without {}", rule.scope_types.join(", "), missing.join(", ")))
}

pub(crate) fn check(subject: &ConfigSource<'_>, found: &mut Found) {
    let limits: Vec<(&ConfigRule, String)> =
        subject.rules.iter().filter_map(|rule| Some((*rule, limit(rule, &subject.need.types)?))).collect();
    // One rule without a limit evaluates everything.
    if let (Some((rule, limit)), true) = (limits.first(), limits.len() == subject.rules.len()) {
        let message = format!("`{}` evaluates only {limit}", rule_name(&rule.name));
        found.problem(&RULE, message, "remove the limit of its scope, if it is not intended");
    }
}

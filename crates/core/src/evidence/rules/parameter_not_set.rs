use crate::diagnostic::{Level, Rule};
use crate::evidence::config_rules::{ConfigSource, rules_in_words};
use crate::evidence::setup::Found;

pub(crate) static RULE: Rule = Rule {
    id: "parameter-not-set",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A deployed rule does not set a parameter that the control demands.",
    why: "The control demands a value with `requiredParameters`, and the rule sets none: then it does not check this, or with a value \
          that AWS chooses. Only the console fills in [the defaults of managed rules](\
          https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html). If other rules with the \
          identifier set it, this is a warning.\n\n\
          Set the parameter of the rule where it is deployed.",
};

pub(crate) fn check(subject: &ConfigSource<'_>, found: &mut Found) {
    for (name, demand) in &subject.source.required_parameters {
        let unset: Vec<&str> = subject
            .rules
            .iter()
            .filter(|rule| !rule.parameters.contains_key(name))
            .map(|rule| rule.name.as_str())
            .collect();
        if unset.is_empty() {
            continue;
        }
        let level = if unset.len() < subject.rules.len() { Level::Warning } else { Level::Error };
        let message = format!("{} does not set `{name}`; the control demands {demand}", rules_in_words(&unset));
        let help = "set the parameter of the rule where it is deployed";
        found.problem_at(&RULE, level, &format!("requiredParameters/{name}"), message, help);
    }
}

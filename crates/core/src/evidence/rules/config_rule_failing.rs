use crate::diagnostic::{Level, Rule};
use crate::evidence::config_rules::{ConfigSource, rules_in_words};
use crate::evidence::setup::Found;

pub(crate) static RULE: Rule = Rule {
    id: "config-rule-failing",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "The last evaluation of a rule failed.",
    why: "A rule that cannot evaluate, for example because the role of its function has no permission, has no new results. Only a \
          failure after the last success counts. If several rules feed the source and some evaluate, this is a warning.\n\n\
          [The evaluation status](https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigRuleEvaluationStatus.html) says \
          what failed. Fix that, and evaluate the rule again.",
};

pub(crate) fn check(subject: &ConfigSource<'_>, found: &mut Found) {
    let Some(evaluations) = subject.evaluations(found) else { return };
    let failing: Vec<_> = evaluations
        .iter()
        .filter(|(_, of)| of.failed_at.is_some_and(|failed| of.succeeded_at.is_none_or(|succeeded| succeeded < failed)))
        .collect();
    let Some((_, first)) = failing.first() else { return };
    let level = if failing.len() < subject.rules.len() { Level::Warning } else { Level::Error };
    let names: Vec<&str> = failing.iter().map(|(rule, _)| rule.name.as_str()).collect();
    let why = first.error.as_deref().unwrap_or("AWS Config does not say why");
    let message = format!("the last evaluation of {} failed: {why}", rules_in_words(&names));
    let help = "fix what it reports, then `aws configservice start-config-rules-evaluation --config-rule-names NAME`";
    found.problem_at(&RULE, level, "", message, help);
}

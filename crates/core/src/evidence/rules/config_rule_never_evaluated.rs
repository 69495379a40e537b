use crate::diagnostic::{Level, Rule};
use crate::evidence::config_rules::{ConfigSource, rules_in_words};
use crate::evidence::facts::DAY;
use crate::evidence::facts::Evaluation;
use crate::evidence::recording;
use crate::evidence::setup::Found;

pub(crate) static RULE: Rule = Rule {
    id: "config-rule-never-evaluated",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A rule has never evaluated anything.",
    why: "Audit Manager collects results, and there are none. A new rule can take up to 24 hours. A rule about resources that do not \
          exist, or whose type is not recorded, has nothing to evaluate. So this is an error only if the rule is older than 24 hours, \
          its types are recorded and such resources exist; otherwise it is a warning.\n\n\
          Start an evaluation: [`StartConfigRulesEvaluation`](\
          https://docs.aws.amazon.com/config/latest/APIReference/API_StartConfigRulesEvaluation.html) does no harm.",
};

/// Whether a rule has never been evaluated, neither successfully nor with an error, which `config-rule-failing` reports.
pub(crate) fn is_due(of: &Evaluation) -> bool {
    of.succeeded_at.is_none() && of.failed_at.is_none()
}

pub(crate) fn check(subject: &ConfigSource<'_>, found: &mut Found) {
    let Some(evaluations) = subject.evaluations(found) else { return };
    let never: Vec<_> = evaluations.iter().filter(|(_, of)| is_due(of)).collect();
    if never.is_empty() {
        return;
    }
    let some_evaluate = evaluations.iter().any(|(_, of)| of.succeeded_at.is_some());
    let old = never.iter().all(|(_, of)| of.activated_at.is_some_and(|at| at + DAY < subject.now));
    let certain = !some_evaluate && old && resources_wait(subject, found);
    let level = if certain { Level::Error } else { Level::Warning };
    let names: Vec<&str> = never.iter().map(|(rule, _)| rule.name.as_str()).collect();
    let message = format!("{} has never been evaluated", rules_in_words(&names));
    let help = if old {
        "start an evaluation: `aws configservice start-config-rules-evaluation --config-rule-names NAME`"
    } else {
        "wait: the first evaluation can take 24 hours"
    };
    found.problem_at(&RULE, level, "", message, help);
}

/// Whether there are resources that the rules could evaluate. A rule about the account always has one.
fn resources_wait(subject: &ConfigSource<'_>, found: &mut Found) -> bool {
    let types = subject.types();
    if types.is_empty() {
        return true;
    }
    let Some(recorders) = found.known(&subject.account.recorders) else { return false };
    let Some(recorder) = recording::own(recorders) else { return false };
    let seen = |of: &&str| recorder.recording && recording::gap(recorder, of).is_none();
    let seen: Vec<&str> = types.iter().copied().filter(seen).collect();
    if seen.is_empty() {
        return false;
    }
    let Some(resources) = found.known(&subject.account.resources) else { return false };
    seen.iter().any(|of| resources.get(*of).is_some_and(|count| *count > 0))
}

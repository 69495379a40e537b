use crate::diagnostic::{Level, Rule};
use crate::evidence::config_rules::{ConfigSource, names_in_words};
use crate::evidence::recording;
use crate::evidence::setup::Found;
use crate::keywords::Trigger;

pub(crate) static RULE: Rule = Rule {
    id: "resource-type-not-recorded",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "The recorder skips the resource types that a rule evaluates.",
    why: "A recorder can record [all supported types, some, or all but some](\
          https://docs.aws.amazon.com/config/latest/developerguide/select-resources.html). All supported types do not include the \
          global ones of IAM (users, groups, roles, policies), unless the recorder is told to. A rule on changes has no results for \
          a type that is not recorded. If only some types of the rule are missing, or it also runs periodically, this is a warning: \
          it collects evidence, but not about them.\n\n\
          Let the recorder record the type. For IAM, one Region is enough to see each change, but Audit Manager collects in its own \
          Region: the types must be recorded there. AWS Control Tower manages its recorders itself: ask its administrator.",
};

pub(crate) fn check(subject: &ConfigSource<'_>, found: &mut Found) {
    let both = match subject.trigger() {
        Some(Trigger::Changes) => false,
        Some(Trigger::Both) => true,
        Some(Trigger::Periodic) | None => return,
    };
    let types = subject.types();
    if types.is_empty() {
        return;
    }
    let Some(recorders) = found.known(&subject.account.recorders) else { return };
    let Some(recorder) = recording::own(recorders) else { return };
    let missing: Vec<(&str, &str)> = types.iter().filter_map(|of| Some((*of, recording::gap(recorder, of)?))).collect();
    let Some((_, why)) = missing.first() else { return };
    let level = if both || missing.len() < types.len() { Level::Warning } else { Level::Error };
    let names: Vec<&str> = missing.iter().map(|(of, _)| *of).collect();
    let message =
        format!("the configuration recorder `{}` does not record {}: {why}", recorder.name, names_in_words(&names));
    let help = if recording::is_of_control_tower(recorder) {
        "AWS Control Tower manages this recorder: ask its administrator to record the type"
    } else {
        "add the type to the recorder"
    };
    found.problem_at(&RULE, level, "", message, help);
}

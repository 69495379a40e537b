use crate::diagnostic::{Level, Rule};
use crate::evidence::assessed::AssessedIn;
use crate::evidence::config_rules::names_in_words;
use crate::evidence::setup::Found;

pub(crate) static RULE: Rule = Rule {
    id: "control-inactive-in-assessment",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A control is inactive in its assessment.",
    why: "A control can be [inactive in an assessment](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/change-assessment-control-status.html): then no evidence is \
          collected for it there. If it is active in another assessment, this is a warning.\n\n\
          Set its status to `Under review` in the assessment, if it was not made inactive for a reason.",
};

pub(crate) fn check(subject: &AssessedIn<'_>, found: &mut Found) {
    let inactive: Vec<&str> =
        subject.entries.iter().filter(|(_, of)| !of.active).map(|(assessment, _)| assessment.name.as_str()).collect();
    if inactive.is_empty() {
        return;
    }
    let elsewhere = subject.active().next().is_some();
    if !elsewhere && !subject.complete {
        // It may be active in an assessment that was not read.
        return;
    }
    let level = if elsewhere { Level::Warning } else { Level::Error };
    let message = format!("the control is inactive in the assessment {}", names_in_words(&inactive));
    let help = "set its status to `Under review` in the assessment, if it was not made inactive for a reason";
    found.problem_at(&RULE, level, "", message, help);
}

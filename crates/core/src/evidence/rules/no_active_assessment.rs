use crate::diagnostic::{Level, Rule};
use crate::evidence::assessed::AssessedIn;
use crate::evidence::config_rules::names_in_words;
use crate::evidence::setup::Found;

pub(crate) static RULE: Rule = Rule {
    id: "no-active-assessment",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "No active assessment has a control.",
    why: "Audit Manager collects evidence only for [active assessments](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/create-assessments.html). A framework alone collects nothing, and \
          an assessment keeps the controls that its framework had when it was created.\n\n\
          Create an assessment from a framework that has the control. The first evidence can take 24 hours. Leave assessments that \
          exist as they are: they hold the evidence of their audits.",
};

pub(crate) fn check(subject: &AssessedIn<'_>, found: &mut Found) {
    if !subject.complete || !subject.entries.is_empty() || subject.frameworks.is_empty() {
        return;
    }
    let frameworks = names_in_words(&subject.frameworks);
    let help = match subject.applied {
        Some(false) => format!("apply the catalog, then create an assessment from {frameworks}"),
        _ => format!("create an assessment from {frameworks}"),
    };
    let message = match subject.applied {
        Some(false) => "the control is not in the account, and no active assessment has it".to_owned(),
        _ => "no active assessment has this control".to_owned(),
    };
    found.problem(&RULE, message, help);
}

use crate::diagnostic::{Level, Rule};
use crate::evidence::assessed::AssessedIn;
use crate::evidence::setup::Found;

pub(crate) static RULE: Rule = Rule {
    id: "not-in-a-framework",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "No framework and no active assessment has a control.",
    why: "Audit Manager collects evidence for the controls of active assessments, and an assessment gets its controls from a framework. \
          A control that is in neither collects nothing.\n\n\
          Add the control to a framework, and create an assessment from it. An existing assessment does not get the controls that its \
          framework gets later.",
};

pub(crate) fn check(subject: &AssessedIn<'_>, found: &mut Found) {
    if subject.complete && subject.entries.is_empty() && subject.frameworks.is_empty() {
        let message = "no framework of the catalog and no active assessment has this control";
        found.problem(&RULE, message, "add it to a framework, then create an assessment from that");
    }
}

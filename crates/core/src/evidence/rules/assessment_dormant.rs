use crate::diagnostic::{Level, Rule};
use crate::evidence::collected::SourceEvidence;
use crate::evidence::facts::Assessment;
use crate::evidence::facts::DAY;
use crate::evidence::setup::{Found, Setup};

pub(crate) static RULE: Rule = Rule {
    id: "assessment-dormant",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "An active assessment has collected nothing for days, in none of its controls.",
    why: "If Audit Manager was turned off and on again, [its assessments stay as they are, but collect nothing](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/evidence-collection-issues.html) until each was edited and saved. \
          Nothing in the API shows that. This is reported if a source of the control is ready and should collect daily, and no \
          control of the assessment has collected anything for days.\n\n\
          Open the assessment in the console, choose Edit, and save it without a change.",
};

/// Days without evidence after which an assessment counts as dormant.
const DAYS: i64 = 3;

/// Whether nothing in an assessment has collected for days; false if that is not known.
fn is_dormant(assessment: &Assessment, subject: &SourceEvidence<'_>) -> bool {
    let long_ago = |at: i64| at + DAYS * DAY < subject.now;
    let (Some(detail), Some(collected)) = (assessment.detail.known(), assessment.collected.known()) else {
        return false;
    };
    if !long_ago(assessment.created_at + DAY) || collected.values().any(|at| !long_ago(*at)) {
        return false;
    }
    let never = detail.controls.iter().all(|control| control.evidence == 0);
    let counts = subject.facts.counts.get(&assessment.id);
    never || counts.is_some_and(|counts| counts.values().all(|counted| long_ago(counted.since)))
}

/// Whether the assessments of a source are the reason that it has no evidence.
pub(crate) fn applies(subject: &SourceEvidence<'_>) -> bool {
    let daily = subject.window.is_some_and(|window| window <= DAYS * DAY);
    daily
        && subject.setup == Setup::Ready
        && !subject.assessments.is_empty()
        && subject.assessments.iter().all(|assessment| is_dormant(assessment, subject))
}

pub(crate) fn check(subject: &SourceEvidence<'_>, found: &mut Found) {
    if !applies(subject) {
        return;
    }
    if let Some(assessment) = subject.assessments.first() {
        let message = format!(
            "the assessment `{}` is active, but no control in it has collected evidence for {DAYS} days",
            assessment.name
        );
        found.problem(&RULE, message, "open the assessment in the console, choose Edit, and save it without a change");
    }
}

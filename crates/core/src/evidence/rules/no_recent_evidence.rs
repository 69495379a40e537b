use crate::diagnostic::{Level, Rule};
use crate::evidence::collected::{LastEvidence, SourceEvidence};
use crate::evidence::facts::{DAY, day};
use crate::evidence::rules::assessment_dormant;
use crate::evidence::setup::{Found, Setup};

pub(crate) static RULE: Rule = Rule {
    id: "no-recent-evidence",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A source is ready, but has collected nothing for longer than it should take.",
    why: "Periodic rules, controls of Security Hub and daily API calls should bring evidence every day, weekly and monthly calls in \
          their time. With some days to spare, this source is late. Rules on changes and CloudTrail events have no such time: no \
          change, no evidence. Evidence is counted by service, so that a finding needs a service without any.\n\n\
          Look at the problems of the source first. If there are none, check in the console whether the assessment and the control \
          in it are active, and [what AWS lists](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/evidence-collection-issues.html).",
};

pub(crate) fn check(subject: &SourceEvidence<'_>, found: &mut Found) {
    let Some(window) = subject.window.filter(|_| subject.setup == Setup::Ready) else { return };
    let oldest = subject.assessments.iter().map(|assessment| assessment.created_at).min();
    // An assessment needs a day to start.
    if oldest.is_none_or(|created| created + DAY + window > subject.now) || assessment_dormant::applies(subject) {
        return;
    }
    let since = match subject.last {
        LastEvidence::Never => "has never collected evidence".to_owned(),
        LastEvidence::On(last) | LastEvidence::OfService(last) if last + window < subject.now => {
            format!("has collected nothing since {}", day(last))
        }
        _ => return,
    };
    let days = window / DAY;
    let message = format!("the source is ready, but {since}; {days} days should bring evidence");
    found.problem(&RULE, message, "check in the console whether the assessment and the control in it are active");
}

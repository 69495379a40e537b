use crate::diagnostic::{Level, Rule};
use crate::evidence::hub::HubSource;
use crate::evidence::setup::Found;

pub(crate) static RULE: Rule = Rule {
    id: "security-hub-off",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "AWS Security Hub CSPM is off in an account.",
    why: "A source of type `AWS_Security_Hub` collects findings of AWS Security Hub CSPM. Where it is off, there are none: \
          [it must be on in every account and Region of the assessment](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/evidence-collection-issues.html).\n\n\
          Turn on Security Hub CSPM with the standard that has the control. That costs money for each check.",
};

pub(crate) fn check(subject: &HubSource<'_>, found: &mut Found) {
    if subject.is_on(found) == Some(false) {
        let help = format!("turn it on with {}, which has the control", subject.control.standard);
        found.problem(&RULE, "AWS Security Hub CSPM is off", help);
    }
}

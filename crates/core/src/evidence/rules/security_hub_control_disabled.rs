use crate::diagnostic::{Level, Rule};
use crate::evidence::hub::{ControlState, HubSource};
use crate::evidence::setup::Found;

pub(crate) static RULE: Rule = Rule {
    id: "security-hub-control-disabled",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A Security Hub control is disabled.",
    why: "[A disabled control](https://docs.aws.amazon.com/securityhub/latest/userguide/disable-controls-overview.html) has no \
          findings, so that Audit Manager collects nothing. Suppressed findings are collected. An ID of AWS FSBP is enough in any \
          standard; one of CIS v1.2.0 or PCI DSS counts in that standard.\n\n\
          Enable the control, or remove the source if the control was disabled for a reason.",
};

pub(crate) fn check(subject: &HubSource<'_>, found: &mut Found) {
    if subject.state(found) == ControlState::Disabled {
        let message = format!("the control `{}` of Security Hub is disabled", subject.control.keyword);
        found.problem(&RULE, message, "enable it in Security Hub, if it was not disabled for a reason");
    }
}

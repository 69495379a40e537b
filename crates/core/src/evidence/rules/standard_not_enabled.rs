use crate::diagnostic::{Level, Rule};
use crate::evidence::hub::{ControlState, HubSource};
use crate::evidence::need::is_foundational;
use crate::evidence::setup::Found;

pub(crate) static RULE: Rule = Rule {
    id: "standard-not-enabled",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "The Security Hub standard of a control is not enabled, or does not run.",
    why: "Security Hub runs a control only with a [standard](\
          https://docs.aws.amazon.com/securityhub/latest/userguide/standards-view-manage.html) that has it. IDs of CIS v1.2.0 and \
          PCI DSS belong to that standard alone. The IDs of AWS FSBP are those that Security Hub shows for all standards: any \
          standard with the control is enough. A standard that is incomplete does not run all of its controls, most often because \
          nothing records in AWS Config.\n\n\
          Enable the standard, or use the ID of a standard that is enabled.",
};

pub(crate) fn check(subject: &HubSource<'_>, found: &mut Found) {
    let ControlState::NoStandard(status) = subject.state(found) else { return };
    let standard = subject.control.standard;
    if let Some(status) = status {
        let message = format!("the standard {standard} does not run: {status}");
        found.problem(&RULE, message, "fix what Security Hub reports about the standard");
    } else if is_foundational(subject.control) {
        let help = format!("enable a standard that has `{}`", subject.control.keyword);
        found.problem(&RULE, "no standard of Security Hub is enabled", help);
    } else {
        let message = format!("the standard {standard} is not enabled");
        let help = format!(
            "enable it, or use the ID of AWS FSBP, `{}`, if Audit Manager lists that",
            subject.control.consolidated
        );
        found.problem(&RULE, message, help);
    }
}

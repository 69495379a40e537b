use crate::diagnostic::{Level, Rule};
use crate::evidence::hub::HubSource;
use crate::evidence::setup::Found;

pub(crate) static RULE: Rule = Rule {
    id: "evidence-receiver-disabled",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "The EventBridge rule that brings findings of Security Hub to Audit Manager is disabled or missing.",
    why: "Audit Manager creates the rule `AuditManagerSecurityHubFindingsReceiver` when it is set up. [While it is disabled or missing](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/evidence-collection-issues.html), no finding of Security Hub \
          becomes evidence.\n\n\
          Enable the rule in EventBridge. If it is missing, ask AWS Support: Audit Manager creates it, not you.",
};

/// Name of the rule.
pub const RECEIVER: &str = "AuditManagerSecurityHubFindingsReceiver";

pub(crate) fn check(subject: &HubSource<'_>, found: &mut Found) {
    let Some(receiver) = found.known(&subject.audit_manager.receiver) else { return };
    let place = &subject.audit_manager.place;
    match receiver {
        Some(receiver) if receiver.enabled => {}
        Some(_) => {
            let help = format!("enable it: `aws events enable-rule --name {RECEIVER}`");
            found.problem(&RULE, format!("the EventBridge rule `{RECEIVER}` of {place} is disabled"), help);
        }
        None => {
            let message = format!("{place} has no EventBridge rule `{RECEIVER}`");
            found.problem(&RULE, message, "ask AWS Support: Audit Manager creates this rule when it is set up");
        }
    }
}

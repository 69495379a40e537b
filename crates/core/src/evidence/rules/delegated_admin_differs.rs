use crate::diagnostic::{Level, Rule};
use crate::evidence::hub::HubSource;
use crate::evidence::setup::Found;

pub(crate) static RULE: Rule = Rule {
    id: "delegated-admin-differs",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "Audit Manager and Security Hub have different delegated administrators.",
    why: "In an organization, the [delegated administrator of Audit Manager and of Security Hub](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/setup-recommendations.html) must be the same account, \
          otherwise findings of member accounts do not become evidence.\n\n\
          Ask the administrators of the organization which account is meant to be both. Moving an administrator affects every \
          account: it is not a change for one control.",
};

pub(crate) fn check(subject: &HubSource<'_>, found: &mut Found) {
    let ours = subject.audit_manager.administrator.known().and_then(Option::as_deref);
    let theirs = subject.account.hub_administrator.known().and_then(Option::as_deref);
    if let (Some(ours), Some(theirs)) = (ours, theirs)
        && ours != theirs
    {
        let message = format!("the administrator of Audit Manager is account {ours}, that of Security Hub is {theirs}");
        found.problem(&RULE, message, "ask the administrators of the organization which account is meant to be both");
    }
}

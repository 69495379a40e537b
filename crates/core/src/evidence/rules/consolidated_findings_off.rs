use crate::diagnostic::{Level, Rule};
use crate::evidence::hub::HubSource;
use crate::evidence::setup::Found;

pub(crate) static RULE: Rule = Rule {
    id: "consolidated-findings-off",
    level: Level::Info,
    hard: false,
    since: "0.1.0",
    summary: "Security Hub has one finding for each standard, not for each control.",
    why: "Audit Manager's guide recommends [consolidated control findings](\
          https://docs.aws.amazon.com/securityhub/latest/userguide/controls-findings-create-update.html): with several standards, the \
          same check otherwise adds several pieces of evidence. Evidence is collected either way. IDs of CIS v1.2.0 and PCI DSS are \
          not in consolidated findings: nothing documents what Audit Manager then collects for them.",
};

pub(crate) fn check(subject: &HubSource<'_>, found: &mut Found) {
    // For IDs of another standard, the setting must be off.
    if let Some(Some(hub)) = subject.account.hub.known()
        && !hub.consolidated
        && crate::evidence::need::is_foundational(subject.control)
    {
        let help = "turn them on in the settings of Security Hub, unless a control uses IDs of CIS v1.2.0 or PCI DSS";
        found.problem(&RULE, "consolidated control findings are off", help);
    }
}

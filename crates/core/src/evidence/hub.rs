//! A source of Security Hub in an account.

use super::facts::{AccountFacts, AuditManagerFacts};
use super::need::{is_foundational, standard_in_arn};
use super::setup::{Found, Unknown};
use crate::keywords::security_hub::Control;

/// A source of Security Hub in an account.
pub(crate) struct HubSource<'a> {
    pub(crate) control: &'static Control,
    pub(crate) account: &'a AccountFacts,
    pub(crate) audit_manager: &'a AuditManagerFacts,
}

/// Whether Security Hub runs a control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ControlState {
    Enabled,
    Disabled,
    /// The standard that must be enabled is not, or does not run: its status, if it has one.
    NoStandard(Option<String>),
    /// Not known; the reason was reported.
    Unknown,
}

impl HubSource<'_> {
    /// Whether Security Hub is on; `None` if that was not read.
    pub(crate) fn is_on(&self, found: &mut Found) -> Option<bool> {
        found.known(&self.account.hub).map(Option::is_some)
    }

    /// Whether Security Hub, which is on, runs the control.
    pub(crate) fn state(&self, found: &mut Found) -> ControlState {
        let Some(Some(hub)) = self.account.hub.known() else { return ControlState::Unknown };
        let Some(standards) = found.known(&self.account.standards) else { return ControlState::Unknown };
        if is_foundational(self.control) {
            if standards.is_empty() {
                return ControlState::NoStandard(None);
            }
            return self.foundational(found);
        }
        if hub.consolidated {
            // Findings then have no ID of a standard.
            found.unknown(Unknown::Undecided(format!(
                "with consolidated control findings, nothing documents whether `{}` collects",
                self.control.keyword
            )));
            return ControlState::Unknown;
        }
        let Some(standard) = standards.iter().find(|of| of.arn.contains(standard_in_arn(self.control))) else {
            return ControlState::NoStandard(None);
        };
        if !standard.ready {
            return ControlState::NoStandard(Some(standard.status.clone()));
        }
        let not_asked = super::facts::Fact::default();
        let controls = self.account.standard_controls.get(&standard.subscription).unwrap_or(&not_asked);
        let Some(controls) = found.known(controls) else { return ControlState::Unknown };
        self.in_list(controls.get(self.control.keyword), found)
    }

    fn foundational(&self, found: &mut Found) -> ControlState {
        let Some(controls) = found.known(&self.account.hub_controls) else { return ControlState::Unknown };
        self.in_list(controls.get(self.control.consolidated), found)
    }

    fn in_list(&self, enabled: Option<&bool>, found: &mut Found) -> ControlState {
        match enabled {
            Some(true) => ControlState::Enabled,
            Some(false) => ControlState::Disabled,
            None => {
                let message = format!("Security Hub did not say whether `{}` is enabled", self.control.keyword);
                found.unknown(Unknown::Undecided(message));
                ControlState::Unknown
            }
        }
    }
}

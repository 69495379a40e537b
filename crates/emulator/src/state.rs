//! The state of all services, in all accounts of one Region.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::audit_manager::library;
use crate::audit_manager::state::AccountState;
use crate::cloud_trail::state::CloudTrailState;
use crate::config::state::ConfigState;
use crate::event_bridge::state::EventBridgeState;
use crate::security_hub::state::SecurityHubState;
use crate::sts::state::StsState;

/// The state of all services, in all accounts of one Region. Cheap to clone, however many accounts there are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct State {
    /// In the home account, the only one that has it.
    pub(crate) audit_manager: AccountState,
    /// Those of the home account.
    #[serde(flatten)]
    pub(crate) home: Services,
    /// The roles of all accounts.
    #[serde(default)]
    pub(crate) sts: Arc<StsState>,
    /// The other accounts, by ID.
    #[serde(default)]
    pub(crate) accounts: Arc<BTreeMap<String, Arc<Services>>>,
}

/// The services that every account has for itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Services {
    pub(crate) config: Arc<ConfigState>,
    pub(crate) security_hub: Arc<SecurityHubState>,
    pub(crate) event_bridge: Arc<EventBridgeState>,
    pub(crate) cloud_trail: Arc<CloudTrailState>,
}

impl Services {
    /// Returns the services of a new account in which Audit Manager is not set up.
    fn without_audit_manager() -> Self {
        Self { event_bridge: Arc::new(EventBridgeState::without_rules()), ..Self::default() }
    }

    fn age(&mut self, millis: u64) {
        Arc::make_mut(&mut self.config).age(millis);
        Arc::make_mut(&mut self.security_hub).age(millis);
        Arc::make_mut(&mut self.cloud_trail).age(millis);
    }
}

impl State {
    /// Returns the state of a new home account.
    pub(crate) fn new(account: &str, region: &str) -> Self {
        Self::with(library::new_account(account, region))
    }

    /// Returns a state in which all services but Audit Manager are as in a new account.
    pub(crate) fn with(audit_manager: AccountState) -> Self {
        Self { audit_manager, home: Services::default(), sts: Arc::default(), accounts: Arc::default() }
    }

    /// The home account and the Region.
    pub(crate) fn place(&self) -> (&str, &str) {
        (&self.audit_manager.account, &self.audit_manager.region)
    }

    /// The services of an account.
    pub(crate) fn services(&self, account: &str) -> Cow<'_, Services> {
        if account == self.audit_manager.account {
            return Cow::Borrowed(&self.home);
        }
        let member = self.accounts.get(account);
        member.map_or_else(|| Cow::Owned(Services::without_audit_manager()), |member| Cow::Borrowed(member.as_ref()))
    }

    /// The services of an account, to change them. An unknown account becomes a new one.
    pub(crate) fn services_mut(&mut self, account: &str) -> &mut Services {
        if account == self.audit_manager.account {
            return &mut self.home;
        }
        let members = Arc::make_mut(&mut self.accounts);
        let new = || Arc::new(Services::without_audit_manager());
        Arc::make_mut(members.entry(account.to_owned()).or_insert_with(new))
    }

    /// Adds or updates the resources that AWS provides to those of this version.
    pub(crate) fn update_library(&mut self) {
        library::add(&mut self.audit_manager);
    }

    /// Makes all times in all accounts this many milliseconds older.
    pub(crate) fn age(&mut self, millis: u64) {
        self.audit_manager.age(millis);
        self.home.age(millis);
        Arc::make_mut(&mut self.sts).age(millis);
        for member in Arc::make_mut(&mut self.accounts).values_mut() {
            Arc::make_mut(member).age(millis);
        }
    }

    /// Returns a description of the first inconsistency.
    pub(crate) fn inconsistency(&self) -> Option<String> {
        self.audit_manager.inconsistency()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMBER: &str = "222222222222";

    #[test]
    fn a_change_of_one_account_copies_no_other() {
        let mut state = State::new("000000000000", "us-east-1");
        for number in 0..3 {
            state.services_mut(&format!("22222222222{number}"));
        }
        let before = state.clone();
        Arc::make_mut(&mut state.services_mut(MEMBER).config).resource_counts.insert("AWS::IAM::User".to_owned(), 1);
        let same = |account| Arc::ptr_eq(&before.accounts[account], &state.accounts[account]);
        assert_eq!([MEMBER, "222222222220", "222222222221"].map(same), [false, true, true]);
        assert!(before.services(MEMBER).config.resource_counts.is_empty());
    }

    #[test]
    fn another_account_has_no_rule_of_audit_manager() {
        let mut state = State::new("000000000000", "us-east-1");
        assert_eq!(state.services("000000000000").event_bridge.rules.len(), 1);
        assert!(state.services(MEMBER).event_bridge.rules.is_empty());
        assert!(state.services_mut(MEMBER).event_bridge.rules.is_empty());
    }

    #[test]
    fn a_state_without_accounts_is_read() {
        let state = State::new("000000000000", "us-east-1");
        let mut value = serde_json::to_value(&state).unwrap();
        let members = value.as_object_mut().unwrap();
        assert!(members.contains_key("config") && members.contains_key("cloudTrail"));
        members.remove("sts");
        members.remove("accounts");
        assert_eq!(serde_json::from_value::<State>(value).unwrap(), state);
    }
}

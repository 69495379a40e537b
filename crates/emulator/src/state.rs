//! The state of all services, in all accounts and Regions.

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

/// The state of all services, in all accounts and Regions. Cheap to clone, however many accounts there are.
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
    pub(crate) accounts: Members,
    /// Regions besides that of Audit Manager, by name, with their accounts; the home account is one of them.
    #[serde(default)]
    pub(crate) regions: Arc<BTreeMap<String, Members>>,
}

/// Accounts, by ID.
type Members = Arc<BTreeMap<String, Arc<Services>>>;

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
        Self {
            audit_manager,
            home: Services::default(),
            sts: Arc::default(),
            accounts: Arc::default(),
            regions: Arc::default(),
        }
    }

    /// The home account and the Region.
    pub(crate) fn place(&self) -> (&str, &str) {
        (&self.audit_manager.account, &self.audit_manager.region)
    }

    /// The Region of a request: the one that it is signed for, if it is known, otherwise that of Audit Manager.
    pub(crate) fn region<'a>(&self, signed: Option<&'a str>, home: &'a str) -> &'a str {
        signed.filter(|signed| self.regions.contains_key(*signed)).unwrap_or(home)
    }

    /// Makes a Region known.
    pub(crate) fn add_region(&mut self, name: &str) {
        if name != self.audit_manager.region {
            Arc::make_mut(&mut self.regions).entry(name.to_owned()).or_default();
        }
    }

    /// The services of an account in a Region. A Region that is not known is that of Audit Manager.
    pub(crate) fn services(&self, account: &str, region: &str) -> Cow<'_, Services> {
        let found = match self.regions.get(region) {
            None if account == self.audit_manager.account => return Cow::Borrowed(&self.home),
            None => self.accounts.get(account),
            Some(members) => members.get(account),
        };
        found.map_or_else(|| Cow::Owned(Services::without_audit_manager()), |found| Cow::Borrowed(found.as_ref()))
    }

    /// The same services, to change them. An unknown account becomes a new one.
    pub(crate) fn services_mut(&mut self, account: &str, region: &str) -> &mut Services {
        let members = if self.regions.contains_key(region) {
            Arc::make_mut(&mut self.regions).entry(region.to_owned()).or_default()
        } else if account == self.audit_manager.account {
            return &mut self.home;
        } else {
            &mut self.accounts
        };
        let new = || Arc::new(Services::without_audit_manager());
        Arc::make_mut(Arc::make_mut(members).entry(account.to_owned()).or_insert_with(new))
    }

    /// All services, by account and Region.
    pub(crate) fn places(&self) -> BTreeMap<(&str, &str), &Services> {
        let (home, here) = self.place();
        let regions = self.regions.iter().map(|(region, members)| (region.as_str(), members));
        let members = regions.chain([(here, &self.accounts)]).flat_map(|(region, members)| {
            members.iter().map(move |(account, services)| ((account.as_str(), region), services.as_ref()))
        });
        members.chain([((home, here), &self.home)]).collect()
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
        let regions = Arc::make_mut(&mut self.regions).values_mut();
        for members in regions.chain([&mut self.accounts]) {
            for member in Arc::make_mut(members).values_mut() {
                Arc::make_mut(member).age(millis);
            }
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
    const HERE: &str = "us-east-1";

    #[test]
    fn a_change_of_one_account_copies_no_other() {
        let mut state = State::new("000000000000", "us-east-1");
        for number in 0..3 {
            state.services_mut(&format!("22222222222{number}"), HERE);
        }
        let before = state.clone();
        Arc::make_mut(&mut state.services_mut(MEMBER, HERE).config)
            .resource_counts
            .insert("AWS::IAM::User".to_owned(), 1);
        let same = |account| Arc::ptr_eq(&before.accounts[account], &state.accounts[account]);
        assert_eq!([MEMBER, "222222222220", "222222222221"].map(same), [false, true, true]);
        assert!(before.services(MEMBER, HERE).config.resource_counts.is_empty());
    }

    #[test]
    fn another_account_has_no_rule_of_audit_manager() {
        let mut state = State::new("000000000000", "us-east-1");
        assert_eq!(state.services("000000000000", HERE).event_bridge.rules.len(), 1);
        assert!(state.services(MEMBER, HERE).event_bridge.rules.is_empty());
        assert!(state.services_mut(MEMBER, HERE).event_bridge.rules.is_empty());
    }

    #[test]
    fn an_account_has_other_services_in_another_region() {
        let mut state = State::new("000000000000", HERE);
        let users = |state: &State, region| {
            state.services("000000000000", region).config.resource_counts.get("AWS::IAM::User").copied()
        };
        assert_eq!(state.region(Some("eu-west-1"), HERE), HERE, "a Region that is not known");
        state.add_region("eu-west-1");
        assert_eq!(state.region(Some("eu-west-1"), HERE), "eu-west-1");
        for (region, count) in [(HERE, 1), ("eu-west-1", 2)] {
            let config = &mut state.services_mut("000000000000", region).config;
            Arc::make_mut(config).resource_counts.insert("AWS::IAM::User".to_owned(), count);
        }
        state.services_mut(MEMBER, "eu-west-1");
        assert_eq!((users(&state, HERE), users(&state, "eu-west-1")), (Some(1), Some(2)));
        let places: Vec<_> = state.places().into_keys().collect();
        assert_eq!(places, [("000000000000", "eu-west-1"), ("000000000000", HERE), (MEMBER, "eu-west-1")]);
    }

    #[test]
    fn a_state_without_accounts_is_read() {
        let state = State::new("000000000000", "us-east-1");
        let mut value = serde_json::to_value(&state).unwrap();
        let members = value.as_object_mut().unwrap();
        assert!(members.contains_key("config") && members.contains_key("cloudTrail"));
        members.remove("sts");
        members.remove("accounts");
        members.remove("regions");
        // Parts that came later.
        for name in ["results", "aggregators", "generated"] {
            members["config"].as_object_mut().unwrap().remove(name);
        }
        members["securityHub"].as_object_mut().unwrap().remove("findings");
        assert_eq!(serde_json::from_value::<State>(value).unwrap(), state);
    }
}

//! The options of an emulator, at the start and while it runs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::audit_manager::options::{AccountStatus, AuditManager};
use crate::protocol::account;
use crate::protocol::service_options::ServiceOptions;

/// The options of an emulator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    /// The home account: twelve digits. Other accounts come from a seed.
    pub account: String,
    /// The Region, in the ARNs of resources.
    pub region: String,
    /// Path of the state file; `None` keeps the state in memory.
    pub state: Option<PathBuf>,
    /// The options of Audit Manager.
    pub audit_manager: AuditManager,
    /// The options of AWS Config.
    pub config: ServiceOptions,
    /// The options of Security Hub.
    pub security_hub: ServiceOptions,
    /// The options of EventBridge.
    pub event_bridge: ServiceOptions,
    /// The options of CloudTrail.
    pub cloud_trail: ServiceOptions,
    /// The options of STS, which has no lists.
    #[serde(default)]
    pub sts: ServiceOptions,
    /// The options of single accounts by ID, where they differ from those above.
    #[serde(default)]
    pub accounts: BTreeMap<String, AccountOptions>,
}

/// The options of one account. `None` for those of all accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct AccountOptions {
    /// The options of AWS Config.
    pub config: Option<ServiceOptions>,
    /// The options of Security Hub.
    pub security_hub: Option<ServiceOptions>,
    /// The options of EventBridge.
    pub event_bridge: Option<ServiceOptions>,
    /// The options of CloudTrail.
    pub cloud_trail: Option<ServiceOptions>,
    /// The options of STS.
    pub sts: Option<ServiceOptions>,
}

impl Options {
    /// Returns the options that apply to an account. Audit Manager is set up in the home account only.
    pub(crate) fn of_account(mut self, account: &str) -> Self {
        if account != self.account {
            self.audit_manager.account_status = AccountStatus::Inactive;
        }
        if let Some(own) = self.accounts.remove(account) {
            for (all, own) in [
                (&mut self.config, own.config),
                (&mut self.security_hub, own.security_hub),
                (&mut self.event_bridge, own.event_bridge),
                (&mut self.cloud_trail, own.cloud_trail),
                (&mut self.sts, own.sts),
            ] {
                if let Some(own) = own {
                    *all = own;
                }
            }
        }
        self
    }

    /// Checks the IDs of accounts.
    ///
    /// # Errors
    ///
    /// One is not valid; the error is a message.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.accounts.keys().try_for_each(|account| account::check(account))
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            account: "000000000000".to_owned(),
            region: "us-east-1".to_owned(),
            state: None,
            audit_manager: AuditManager::default(),
            config: ServiceOptions::default(),
            security_hub: ServiceOptions::default(),
            event_bridge: ServiceOptions::default(),
            cloud_trail: ServiceOptions::default(),
            sts: ServiceOptions::default(),
            accounts: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::pages::Pages;

    #[test]
    fn an_account_has_its_own_options_where_they_differ() {
        let pages = ServiceOptions { pages: Pages::Endless, ..ServiceOptions::default() };
        let own = AccountOptions { config: Some(pages.clone()), ..AccountOptions::default() };
        let accounts = BTreeMap::from([("222222222222".to_owned(), own)]);
        let rate = ServiceOptions { rate: Some(1), ..ServiceOptions::default() };
        let options = Options { sts: rate.clone(), accounts, ..Options::default() };
        let of = options.clone().of_account("222222222222");
        assert_eq!((of.config, of.sts), (pages, rate.clone()));
        assert_eq!(of.audit_manager.account_status, AccountStatus::Inactive);
        let home = options.of_account("000000000000");
        assert_eq!((home.config, home.sts), (ServiceOptions::default(), rate));
        assert_eq!(home.audit_manager.account_status, AccountStatus::Active);
    }

    #[test]
    fn options_of_what_is_not_an_account_are_rejected() {
        let accounts = BTreeMap::from([("all".to_owned(), AccountOptions::default())]);
        let message = Options { accounts, ..Options::default() }.check();
        assert_eq!(message, Err("\"all\" is not a valid account ID; use 12 digits".to_owned()));
    }
}

//! The state that all connections share, and the test API on it.

use std::convert::Infallible;
use std::sync::{PoisonError, RwLock};

use crate::audit_manager::seed::SeedError;
use crate::faults::Faults;
use crate::options::Options;
use crate::rate::Rate;
use crate::requests::Log;
use crate::seed::Seed;
use crate::store::{NotSaved, Store};

/// The state that all connections share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) options: RwLock<Options>,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
    pub(crate) rate: Rate,
}

impl Shared {
    pub(crate) fn options(&self) -> Options {
        self.options.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the options, except for account, Region and state file.
    pub(crate) fn reconfigure(&self, change: impl FnOnce(&mut Options)) {
        let mut options = self.options.write().unwrap_or_else(PoisonError::into_inner);
        let before = options.clone();
        change(&mut options);
        options.account = before.account;
        options.region = before.region;
        options.state = before.state;
    }

    /// Adds resources to the accounts.
    pub(crate) async fn seed(&self, seed: Seed) -> Result<(), SeedError> {
        let options = self.options();
        let added = self.store.write(|state| seed.add_to(state, &options)).await;
        added.unwrap_or_else(|not_saved| Err(SeedError::NotSaved(not_saved.0)))
    }

    /// Makes everything in all accounts this many milliseconds older.
    pub(crate) async fn pass_time(&self, millis: u64) -> Result<(), NotSaved> {
        let passed = self.store.write(|state| {
            state.age(millis);
            Ok::<_, Infallible>(())
        });
        passed.await.map(|Ok(())| ())
    }
}

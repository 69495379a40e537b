//! What AWS Config and Security Hub say about the checks of a catalog: rows go into a roll-up as they are read.

use std::cell::RefCell;
use std::future::Future;

use controlsync_core::change_result::Failure;
use controlsync_core::compliance::Rollup;
use controlsync_core::compliance::facts::{Aggregator, DetailsRead, Reached, Reading, ResourceRow, RuleRow};
use controlsync_core::evidence::facts::{Fact, Place, Unread, UnreadReason};
use futures_util::future::join;
use tokio::time::{Instant, timeout_at};

use crate::answer::Of;
use crate::services::{AccountServices, Services};
use crate::{findings, results};

/// When reading ends; never, without a time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deadline(pub Option<Instant>);

impl Deadline {
    /// Why something was not read by then.
    pub(crate) fn unread() -> Unread {
        let (service, message) = ("the account".to_owned(), "the time of the run".to_owned());
        Unread { service, action: String::new(), reason: UnreadReason::TooSlow, message }
    }

    /// Waits for work that is not over.
    pub(crate) async fn wait<T>(self, work: impl Future<Output = T>) -> Result<T, Unread> {
        match self.0 {
            None => Ok(work.await),
            // Work that is over time must not send a request.
            Some(end) if Instant::now() >= end => Err(Self::unread()),
            Some(end) => timeout_at(end, work).await.map_err(|_| Self::unread()),
        }
    }

    /// Returns whether something was read, and in time.
    async fn fact(self, of: Of, work: impl Future<Output = Result<(), Failure>>) -> Fact<()> {
        self.wait(work).await.map_or_else(Fact::Unread, |read| of.fact(read))
    }
}

/// Why there is no aggregator to read.
#[derive(Debug)]
pub enum NoAggregator {
    /// The aggregators cannot be read.
    Unreadable(Failure),
    /// There is none with the name; which there are, in words.
    Missing(String),
}

/// A roll-up that several accounts are read into at the same time.
#[derive(Debug)]
pub struct Shared<'r, 'a>(RefCell<&'r mut Rollup<'a>>);

/// Whether the rows of an account were read to the end.
#[derive(Debug)]
pub struct OfAccount {
    /// The results of its rules.
    pub rules: Fact<()>,
    /// Its findings.
    pub findings: Fact<()>,
}

impl OfAccount {
    /// Nothing was read, for one reason.
    pub fn unread(why: &Unread) -> Self {
        Self { rules: Fact::Unread(why.clone()), findings: Fact::Unread(why.clone()) }
    }
}

impl<'r, 'a> Shared<'r, 'a> {
    /// Shares a roll-up.
    pub const fn new(rollup: &'r mut Rollup<'a>) -> Self {
        Self(RefCell::new(rollup))
    }

    /// Adds the result of a rule, and keeps it if its resources must be read.
    fn rule(&self, row: RuleRow, failing: &mut Vec<RuleRow>) {
        let mut rollup = self.0.borrow_mut();
        rollup.rule(&row);
        if rollup.needs_details(&row) {
            failing.push(row);
        }
    }

    /// Sorts rules by when their resources are read: there may not be time for all.
    fn sort(&self, failing: &mut [RuleRow]) {
        let rollup = self.0.borrow();
        failing.sort_by_cached_key(|row| !rollup.may_be_accepted(row));
    }

    fn resource(&self, row: &ResourceRow) {
        self.0.borrow_mut().resource(row);
    }

    fn details(&self, row: &RuleRow, read: Fact<()>) {
        let end = DetailsRead { place: row.place.clone(), rule: row.rule.clone(), read };
        self.0.borrow_mut().details(&end);
    }
}

/// Returns an aggregator of AWS Config with the accounts that it has.
///
/// # Errors
///
/// There is none with the name, or the aggregators cannot be read.
pub async fn aggregator(services: &Services, name: &str) -> Result<Aggregator, NoAggregator> {
    let config = &services.of_account.config;
    let found = Box::pin(results::aggregator(config, name)).await.map_err(NoAggregator::Unreadable)?;
    if let Some(found) = found {
        return Ok(found);
    }
    let names = Box::pin(results::aggregator_names(config)).await.map_err(NoAggregator::Unreadable)?;
    let known = if names.is_empty() { "it has none".to_owned() } else { format!("it has {}", names.join(", ")) };
    Err(NoAggregator::Missing(format!("the account has no aggregator with this name in this Region; {known}")))
}

/// Reads the results of an aggregator, and all findings that the account sees: those of its members if it is the administrator of
/// Security Hub.
pub async fn of_aggregator(services: &Services, name: &str, rollup: &Shared<'_, '_>, deadline: Deadline) -> Reading {
    let (config, hub) = (&services.of_account.config, &services.of_account.findings);
    let rules = async {
        let mut failing = Vec::new();
        let read = results::of_aggregator(config, name, |row| rollup.rule(row, &mut failing));
        let read = deadline.fact(config.of, Box::pin(read)).await;
        rollup.sort(&mut failing);
        for row in &failing {
            let visit = |resource| rollup.resource(&resource);
            let details = results::resources_of_aggregator(config, name, row, visit);
            rollup.details(row, deadline.fact(config.of, Box::pin(details)).await);
        }
        read
    };
    let controls = rollup.0.borrow().security_controls();
    let findings = async {
        let visit = |row| rollup.0.borrow_mut().finding(&row);
        deadline.fact(hub.of, Box::pin(findings::of_controls(hub, &controls, None, visit))).await
    };
    let (rules, findings) = join(Box::pin(rules), Box::pin(findings)).await;
    Reading { rules: Reached::Together(rules), findings: Reached::Together(findings) }
}

/// Reads the results and findings of the account of the credentials.
pub async fn of_own_account(services: &Services, place: &Place, rollup: &Shared<'_, '_>) -> OfAccount {
    of_account(&services.of_account, place, rollup).await
}

/// Reads the results and findings of an account: both at the same time, because each service has its own rate.
pub(crate) async fn of_account(services: &AccountServices, place: &Place, rollup: &Shared<'_, '_>) -> OfAccount {
    let (config, hub) = (&services.config, &services.findings);
    let (names, controls) = {
        let rollup = rollup.0.borrow();
        (rollup.rules_of(place), rollup.security_controls())
    };
    let rules = async {
        let mut failing = Vec::new();
        let read = results::of_rules(config, place, &names, |row| rollup.rule(row, &mut failing)).await;
        for row in &failing {
            let read = results::of_resources(config, row, |resource| rollup.resource(&resource)).await;
            rollup.details(row, config.of.fact(read));
        }
        config.of.fact(read)
    };
    let account = Some(place.account.as_str()).filter(|account| !account.is_empty());
    let findings = async {
        let visit = |row| rollup.0.borrow_mut().finding(&row);
        hub.of.fact(findings::of_controls(hub, &controls, account, visit).await)
    };
    let (rules, findings) = join(Box::pin(rules), Box::pin(findings)).await;
    OfAccount { rules, findings }
}

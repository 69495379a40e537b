//! What the checks of a catalog say, in all accounts that a roll-up asks for.

use std::collections::BTreeMap;

use controlsync_core::compliance::Rollup;
use controlsync_core::compliance::facts::{Reached, Reading};
use controlsync_core::evidence::facts::{AccountFacts, Facts};
use futures_util::{StreamExt as _, stream};

use crate::compliance::{self, Deadline, OfAccount, Shared};
use crate::members::Access;
use crate::services::Services;

/// Where results are read.
#[derive(Clone, Copy, Debug)]
pub enum Origin<'a> {
    /// In an aggregator of AWS Config, by its name.
    Aggregator(&'a str),
    /// In the account itself, and in the others if they can be entered.
    Accounts(Option<Access<'a>>),
}

/// Reads what the checks say into a roll-up, until a deadline: the accounts first of which the setup was read. What was not read by then
/// has that as a fact.
pub async fn read(
    services: &Services,
    origin: Origin<'_>,
    facts: &Facts,
    rollup: &mut Rollup<'_>,
    deadline: Deadline,
) -> Reading {
    let home = &facts.audit_manager.place;
    let mut places = rollup.places().to_vec();
    let rollup = Shared::new(rollup);
    let access = match origin {
        Origin::Aggregator(name) => return compliance::of_aggregator(services, name, &rollup, deadline).await,
        Origin::Accounts(access) => access,
    };
    places.retain(|place| place == home || access.is_some());
    places.sort_by_key(|place| !facts.accounts.get(place).is_some_and(AccountFacts::is_read));
    let mut all: BTreeMap<_, _> =
        places.iter().map(|place| (place.clone(), OfAccount::unread(&Deadline::unread()))).collect();
    let (own, others): (Vec<_>, Vec<_>) = places.into_iter().partition(|place| place == home);
    let rollup = &rollup;
    let own = stream::iter(own).then(|place| async move {
        let of = compliance::of_own_account(services, &place, rollup).await;
        (place, of)
    });
    let others = stream::iter(access).flat_map(|access| access.results(others.clone(), rollup));
    let mut read = std::pin::pin!(stream::select(Box::pin(own), Box::pin(others)));
    while let Ok(Some((place, of))) = deadline.wait(read.next()).await {
        all.insert(place, of);
    }
    let (rules, findings) =
        all.into_iter().map(|(place, of)| ((place.clone(), of.rules), (place, of.findings))).unzip();
    Reading { rules: Reached::Each(rules), findings: Reached::Each(findings) }
}

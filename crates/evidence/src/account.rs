//! Everything that the sources of a catalog need in one account and Region.

use controlsync_core::evidence::facts::{AccountFacts, Fact, Hub, Place, Seconds, Trail};
use controlsync_core::evidence::wanted::Wanted;
use futures_util::future::join3;

use crate::central::OfAccount;
use crate::services::AccountServices;
use crate::{cloud_trail, config, security_hub};

/// What is known of an account before it is read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Known<'a> {
    /// It is that of Audit Manager.
    Home,
    /// It is another one; with what a policy says about its Security Hub, and how that of the administrator reports, which is the same in
    /// all member accounts (<https://docs.aws.amazon.com/securityhub/latest/userguide/controls-findings-create-update.html>).
    Member(Option<(OfAccount<'a>, &'a Hub)>),
}

/// Reads the services at the same time: each has its own rate.
pub(crate) async fn read(
    services: &AccountServices,
    wanted: &Wanted<'_>,
    known: Known<'_>,
    place: Place,
    now: Seconds,
) -> AccountFacts {
    let (config, hub, trails) = join3(
        Box::pin(of_config(services, wanted)),
        Box::pin(of_security_hub(services, wanted, known)),
        Box::pin(of_cloud_trail(services, wanted)),
    )
    .await;
    AccountFacts {
        place,
        read_at: now,
        hub: hub.hub,
        standards: hub.standards,
        standard_controls: hub.standard_controls,
        hub_controls: hub.hub_controls,
        hub_administrator: hub.hub_administrator,
        trails,
        ..config
    }
}

async fn of_cloud_trail(services: &AccountServices, wanted: &Wanted<'_>) -> Fact<Vec<Trail>> {
    if !wanted.cloudtrail {
        return Fact::default();
    }
    let client = &services.cloud_trail;
    client.of.fact(cloud_trail::trails(client).await)
}

async fn of_config(services: &AccountServices, wanted: &Wanted<'_>) -> AccountFacts {
    let mut facts = AccountFacts::default();
    if !wanted.config() {
        return facts;
    }
    let client = &services.config;
    facts.recorders = client.of.fact(config::recorders(client).await);
    facts.rules = client.of.fact(config::rules(client).await);
    wanted.drop_other_rules(&mut facts);
    let evaluations = config::evaluations(client, &wanted.evaluations(&facts)).await;
    facts.evaluations = client.of.fact(evaluations);
    let resources = config::resources(client, &wanted.resource_types(&facts)).await;
    facts.resources = client.of.fact(resources);
    facts
}

async fn of_security_hub(services: &AccountServices, wanted: &Wanted<'_>, known: Known<'_>) -> AccountFacts {
    let mut facts = AccountFacts::default();
    if !wanted.security_hub() {
        return facts;
    }
    let client = &services.security_hub;
    let policy = match known {
        Known::Home => None,
        Known::Member(policy) => policy,
    };
    facts.hub = match policy {
        Some((policy, hub)) => Fact::Known(policy.is_on().then(|| hub.clone())),
        None => client.of.fact(security_hub::hub(client).await),
    };
    if facts.hub.known().is_none_or(Option::is_none) {
        return facts;
    }
    // Whether a standard runs, only the account says.
    facts.standards = client.of.fact(security_hub::standards(client).await);
    let said = wanted.consolidated().into_iter().map(|id| (id, policy.and_then(|(policy, _)| policy.runs(id))));
    let said: Vec<(&str, Option<bool>)> = said.collect();
    let open = said.iter().filter(|(_, runs)| runs.is_none()).map(|(id, _)| *id).collect();
    let mut controls = security_hub::controls(client, &open).await;
    if let Ok(controls) = &mut controls {
        controls.extend(said.into_iter().filter_map(|(id, runs)| Some((id.to_owned(), runs?))));
    }
    facts.hub_controls = client.of.fact(controls);
    for subscription in wanted.subscriptions(&facts).into_iter().map(str::to_owned).collect::<Vec<_>>() {
        let controls = client.of.fact(security_hub::of_standard(client, &subscription).await);
        facts.standard_controls.insert(subscription, controls);
    }
    if matches!(known, Known::Home) {
        facts.hub_administrator = client.of.fact(security_hub::administrator(client).await);
    }
    facts
}

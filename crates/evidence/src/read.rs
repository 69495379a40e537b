//! Reads everything that the sources of a catalog need, in one account and Region.

use std::collections::{BTreeMap, BTreeSet};

use controlsync_core::change_result::Failure;
use controlsync_core::evidence;
use controlsync_core::evidence::facts::{
    AccountFacts, AuditManagerFacts, Counts, Fact, Facts, Folder, Place, Seconds, Trail,
};
use controlsync_core::evidence::wanted::Wanted;
use futures_util::future::{join, join3};

use crate::answer::is_general;
use crate::services::Services;
use crate::{audit_manager, cloud_trail, config, event_bridge, security_hub};

/// What to read.
#[derive(Debug)]
pub struct Request<'a> {
    /// What the sources of the catalog need.
    pub wanted: &'a Wanted<'a>,
    /// Names of the controls whose evidence folders to read.
    pub folders: &'a BTreeSet<&'a str>,
    /// What an earlier run counted.
    pub counts: &'a Counts,
    /// The account, if the credentials say it.
    pub account: Option<&'a str>,
    /// The current time.
    pub now: Seconds,
}

/// Reads the account.
///
/// # Errors
///
/// No request can succeed: there are no valid credentials, or no connection to Audit Manager. Everything else that fails is a fact that
/// was not read.
pub async fn read(services: &Services, request: Request<'_>) -> Result<Facts, Failure> {
    let wanted = request.wanted;
    let (home, account) =
        join(Box::pin(of_audit_manager(services, &request)), Box::pin(of_account(services, wanted))).await;
    let (mut home, shown) = home?;
    let mut account = account;
    let known = request.account.map(str::to_owned).or(shown);
    let place = Place { account: known.unwrap_or_default(), region: services.region.clone() };
    home.place = place.clone();
    account.place = place;
    Ok(Facts { read_at: request.now, audit_manager: home, accounts: vec![account] })
}

async fn of_audit_manager(
    services: &Services,
    request: &Request<'_>,
) -> Result<(AuditManagerFacts, Option<String>), Failure> {
    let client = &services.audit_manager;
    let controls = audit_manager::controls(client).await;
    if let Err(failure) = &controls
        && is_general(failure)
    {
        return Err(failure.clone());
    }
    let assessments = audit_manager::assessments(client).await;
    let account_of = |shown: Option<&Option<String>>| shown.and_then(Clone::clone);
    let shown = account_of(controls.as_ref().ok().map(|(_, account)| account))
        .or_else(|| account_of(assessments.as_ref().ok().map(|(_, account)| account)));
    let mut facts = AuditManagerFacts {
        controls: client.of.fact(controls.map(|(controls, _)| controls)),
        assessments: client.of.fact(assessments.map(|(assessments, _)| assessments)),
        ..AuditManagerFacts::default()
    };
    facts.counts = match facts.assessments.known() {
        Some(assessments) => evidence::count(request.counts, assessments, request.now),
        None => request.counts.clone(),
    };
    facts.folders = folders(services, &facts, request.folders).await;
    if request.wanted.security_hub() {
        facts.administrator = client.of.fact(audit_manager::administrator(client).await);
        let events = &services.event_bridge;
        facts.receiver = events.of.fact(event_bridge::receiver(events).await);
    }
    Ok((facts, shown))
}

/// Reads the evidence folders of some controls, in every assessment that has them.
async fn folders(
    services: &Services,
    facts: &AuditManagerFacts,
    controls: &BTreeSet<&str>,
) -> BTreeMap<String, Fact<Vec<Folder>>> {
    let client = &services.audit_manager;
    let mut all: BTreeMap<String, Result<Vec<Folder>, Failure>> = BTreeMap::new();
    for assessment in facts.assessments.known().into_iter().flatten() {
        let of_assessment = assessment.detail.known().into_iter().flat_map(|detail| &detail.controls);
        for control in of_assessment.filter(|control| controls.contains(control.name.as_str())) {
            let read = audit_manager::folders(client, &assessment.id, control).await;
            let entry = all.entry(control.id.clone()).or_insert_with(|| Ok(Vec::new()));
            match (entry, read) {
                (Ok(folders), Ok(more)) => folders.extend(more),
                (entry, Err(failure)) => *entry = Err(failure),
                (Err(_), Ok(_)) => {}
            }
        }
    }
    all.into_iter().map(|(id, folders)| (id, client.of.fact(folders))).collect()
}

/// Reads the services at the same time: each has its own rate.
async fn of_account(services: &Services, wanted: &Wanted<'_>) -> AccountFacts {
    let (config, hub, trails) = join3(
        Box::pin(of_config(services, wanted)),
        Box::pin(of_security_hub(services, wanted)),
        Box::pin(of_cloud_trail(services, wanted)),
    )
    .await;
    AccountFacts {
        hub: hub.hub,
        standards: hub.standards,
        standard_controls: hub.standard_controls,
        hub_controls: hub.hub_controls,
        hub_administrator: hub.hub_administrator,
        trails,
        ..config
    }
}

async fn of_cloud_trail(services: &Services, wanted: &Wanted<'_>) -> Fact<Vec<Trail>> {
    if !wanted.cloudtrail {
        return Fact::default();
    }
    let client = &services.cloud_trail;
    client.of.fact(cloud_trail::trails(client).await)
}

async fn of_config(services: &Services, wanted: &Wanted<'_>) -> AccountFacts {
    let mut facts = AccountFacts::default();
    if !wanted.config() {
        return facts;
    }
    let client = &services.config;
    facts.recorders = client.of.fact(config::recorders(client).await);
    facts.rules = client.of.fact(config::rules(client).await);
    let evaluations = config::evaluations(client, &wanted.evaluations(&facts)).await;
    facts.evaluations = client.of.fact(evaluations);
    let resources = config::resources(client, &wanted.resource_types(&facts)).await;
    facts.resources = client.of.fact(resources);
    facts
}

async fn of_security_hub(services: &Services, wanted: &Wanted<'_>) -> AccountFacts {
    let mut facts = AccountFacts::default();
    if !wanted.security_hub() {
        return facts;
    }
    let client = &services.security_hub;
    facts.hub = client.of.fact(security_hub::hub(client).await);
    if facts.hub.known().is_none_or(Option::is_none) {
        return facts;
    }
    facts.standards = client.of.fact(security_hub::standards(client).await);
    let controls = security_hub::controls(client, &wanted.consolidated()).await;
    facts.hub_controls = client.of.fact(controls);
    for subscription in wanted.subscriptions(&facts).into_iter().map(str::to_owned).collect::<Vec<_>>() {
        let controls = client.of.fact(security_hub::of_standard(client, &subscription).await);
        facts.standard_controls.insert(subscription, controls);
    }
    facts.hub_administrator = client.of.fact(security_hub::administrator(client).await);
    facts
}

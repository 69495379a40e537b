//! Reads Audit Manager, with what the sources of a catalog need in its own account and Region.

use std::collections::{BTreeMap, BTreeSet};

use controlsync_core::change_result::Failure;
use controlsync_core::evidence;
use controlsync_core::evidence::facts::{AccountFacts, AuditManagerFacts, Counts, Fact, Facts, Folder, Place, Seconds};
use controlsync_core::evidence::wanted::Wanted;

use crate::account::Known;
use crate::answer::is_general;
use crate::services::Services;
use crate::{account, audit_manager, event_bridge, sts};

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

/// Returns the account of the credentials, if STS says it.
pub async fn account(services: &Services) -> Option<String> {
    // Every answer of Audit Manager may show it, too.
    sts::account(&services.sts).await.ok()
}

/// Reads what the account of Audit Manager has as every account in a scope has it.
pub async fn own_account(services: &Services, wanted: &Wanted<'_>, now: Seconds) -> AccountFacts {
    let place = Place { account: String::new(), region: services.region.clone() };
    account::read(&services.of_account, wanted, Known::Home, place, now).await
}

/// Reads Audit Manager and what belongs to it.
///
/// # Errors
///
/// No request can succeed: there are no valid credentials, or no connection to Audit Manager. Everything else that fails is a fact that
/// was not read.
pub async fn audit_manager(services: &Services, request: &Request<'_>) -> Result<AuditManagerFacts, Failure> {
    let (mut facts, shown) = Box::pin(of_audit_manager(services, request)).await?;
    let account = request.account.map(str::to_owned).or(shown).unwrap_or_default();
    facts.place = Place { account, region: services.region.clone() };
    facts.read_at = request.now;
    Ok(facts)
}

/// Brings together what was read of Audit Manager, of its own account, and of others.
pub fn together(
    audit_manager: AuditManagerFacts,
    mut own: AccountFacts,
    members: impl IntoIterator<Item = AccountFacts>,
) -> Facts {
    own.place.clone_from(&audit_manager.place);
    let accounts = members.into_iter().chain([own]).map(|account| (account.place.clone(), account)).collect();
    Facts { audit_manager, accounts }
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

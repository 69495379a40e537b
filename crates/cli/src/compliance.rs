//! Reads what AWS Config and Security Hub say about the checks of controls, for the commands that report it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use controlsync_core::check::Checked;
use controlsync_core::compliance::facts::{Aggregator, Reached, Reading as Read};
use controlsync_core::compliance::{Compliance, Input, LISTED, Rollup};
use controlsync_core::evidence::facts::{Facts, Place};
use controlsync_core::evidence::wanted::Wanted;
use controlsync_core::keywords::Keywords;
use controlsync_evidence::compliance::{self as results_of, OfAccount, Shared};
use controlsync_evidence::{Role, Services};
use futures_util::StreamExt as _;

use crate::error::bail;
use crate::evidence::{Reading, Run, without_role};
use crate::options::Global;
use crate::progress::Progress;
use crate::session::{Session, unreadable};

/// What to report about compliance.
pub struct Asked<'a> {
    /// Name of the aggregator that has the results; `None` to ask each account.
    pub aggregator: Option<&'a str>,
    /// Names of the frameworks.
    pub frameworks: &'a BTreeSet<&'a str>,
}

/// Reads the accounts, and what AWS Config and Security Hub say about the checks of the controls: by account, or from an aggregator.
///
/// # Errors
///
/// Those of [`read`], and there is no aggregator with the name.
pub async fn read(
    session: &Session,
    global: &Global,
    checked: &Checked,
    reading: &Reading<'_>,
    asked: &Asked<'_>,
) -> Result<Compliance> {
    let keywords = Keywords::of(&checked.sources);
    let wanted = Wanted::of(&checked.catalog, &keywords, reading.controls);
    let services = session.services();
    let run = Run::new(session, global, &services, &wanted, reading);
    let role = reading.scope.role()?;
    let gathered = run.gather(checked, reading, role.as_ref()).await?;
    let aggregator = match asked.aggregator {
        Some(name) => Some(find_aggregator(&services, name).await?),
        None => None,
    };
    let input = Input {
        evidence: gathered.input(checked, &keywords, run.now),
        controls: reading.controls,
        frameworks: asked.frameworks,
        aggregator: aggregator.as_ref(),
        listed: LISTED,
    };
    let mut rollup = Rollup::new(input);
    let progress = Progress::of_requests("reading results", global);
    let results = results(&run, &services, &mut rollup, asked.aggregator, role.as_ref(), &gathered.facts);
    let reading = run.with_progress(&progress, Box::pin(results)).await;
    drop(progress);
    global.log(|| format!("{} requests", services.sent()));
    let mut compliance = rollup.finish(&reading);
    if aggregator.is_none() {
        let unread = compliance.places.iter().filter(|place| **place != compliance.home).collect();
        let note = without_role(&unread, role.as_ref());
        compliance.notes.extend(note);
    }
    Ok(compliance)
}

async fn find_aggregator(services: &Services, name: &str) -> Result<Aggregator> {
    if let Some(aggregator) = results_of::aggregator(services, name).await.map_err(unreadable)? {
        return Ok(aggregator);
    }
    let names = results_of::aggregator_names(services).await.map_err(unreadable)?;
    let known = if names.is_empty() { "it has none".to_owned() } else { format!("it has {}", names.join(", ")) };
    bail!(Usage, "--aggregator {name:?}: the account has no aggregator with this name in this Region; {known}");
}

/// Reads what the checks say into a roll-up: from an aggregator, or in the account itself and in the others through their role.
async fn results(
    run: &Run<'_>,
    services: &Services,
    rollup: &mut Rollup<'_>,
    aggregator: Option<&str>,
    role: Option<&Role>,
    facts: &Facts,
) -> Read {
    let places = rollup.places().to_vec();
    let rollup = Shared::new(rollup);
    if let Some(name) = aggregator {
        return results_of::of_aggregator(services, name, &rollup).await;
    }
    let home = &facts.audit_manager.place;
    let (mut rules, mut findings) = (BTreeMap::new(), BTreeMap::new());
    let mut keep = |place: Place, of: OfAccount| {
        rules.insert(place.clone(), of.rules);
        findings.insert(place, of.findings);
    };
    if places.contains(home) {
        keep(home.clone(), results_of::of_own_account(services, home, &rollup).await);
    }
    if let Some(role) = role {
        let others = places.into_iter().filter(|place| place != home).collect();
        let mut stream = std::pin::pin!(run.through(role).results(others, &rollup));
        while let Some((place, of)) = stream.next().await {
            keep(place, of);
        }
    }
    Read { rules: Reached::Each(rules), findings: Reached::Each(findings) }
}

//! Reads what AWS Config and Security Hub say about the checks of controls, for the commands that report it.

use std::collections::BTreeSet;

use anyhow::Result;
use controlsync_core::check::Checked;
use controlsync_core::compliance::facts::Aggregator;
use controlsync_core::compliance::{Compliance, Input, LISTED, Rollup};
use controlsync_core::evidence::wanted::Wanted;
use controlsync_core::keywords::Keywords;
use controlsync_evidence::Services;
use controlsync_evidence::checks::{self, Origin};
use controlsync_evidence::compliance::{self as results_of, Deadline, NoAggregator};

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
    let origin = match asked.aggregator {
        Some(name) => Origin::Aggregator(name),
        None => Origin::Accounts(role.as_ref().map(|role| run.through(role))),
    };
    let results = checks::read(&services, origin, &gathered.facts, &mut rollup, Deadline::default());
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
    match results_of::aggregator(services, name).await {
        Ok(aggregator) => Ok(aggregator),
        Err(NoAggregator::Unreadable(failure)) => Err(unreadable(failure).into()),
        Err(NoAggregator::Missing(why)) => bail!(Usage, "--aggregator {name:?}: {why}"),
    }
}

//! Reads evidence for the commands that show it, and keeps what was read for the next run.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use controlsync_aws::audit_manager::account::SnapshotKey;
use controlsync_core::check::Checked;
use controlsync_core::evidence::facts::{Counts, Facts, Seconds};
use controlsync_core::evidence::wanted::Wanted;
use controlsync_core::evidence::{Evidence, Input, evaluate};
use controlsync_core::keywords::Keywords;
use controlsync_core::report::evidence::text;
use controlsync_evidence::{KeptFacts, Request, Services};

use crate::options::Global;
use crate::progress::Progress;
use crate::session::{Session, unreadable};
use crate::{cache, output};

/// Seconds for which facts of an earlier run are used.
const FRESH: Seconds = 15 * 60;
/// Time between two updates of the number of requests.
const PROGRESS: Duration = Duration::from_millis(200);

/// What to read.
pub struct Reading<'a> {
    /// Names of the controls.
    pub controls: &'a BTreeSet<&'a str>,
    /// Names of the controls whose evidence is read by service.
    pub folders: &'a BTreeSet<&'a str>,
    /// Whether facts of an earlier run are not used.
    pub refresh: bool,
}

/// Reads the account and evaluates its evidence, with the levels of the configuration.
///
/// # Errors
///
/// It is another account than the configuration names, or no request can succeed.
pub async fn read(session: &Session, global: &Global, checked: &Checked, reading: &Reading<'_>) -> Result<Evidence> {
    if let Some(account) = session.known_account() {
        session.check_account(Some(account))?;
    }
    let keywords = Keywords::of(&checked.sources);
    let wanted = Wanted::of(&checked.catalog, &keywords, reading.controls);
    let now = time::OffsetDateTime::now_utc().unix_timestamp();
    let facts = Box::pin(facts(session, global, &wanted, reading, now)).await?;
    let input = Input { catalog: &checked.catalog, sources: &checked.sources, keywords: &keywords, facts: &facts, now };
    let mut evidence = evaluate(input, reading.controls);
    checked.configure(&mut evidence.diagnostics);
    if facts.read_at != now && !global.quiet {
        output::print_aside(&text::cached(&evidence, now));
    }
    Ok(evidence)
}

/// Returns facts of the account: those of an earlier run, if they are fresh and complete, otherwise new ones.
async fn facts(
    session: &Session,
    global: &Global,
    wanted: &Wanted<'_>,
    reading: &Reading<'_>,
    now: Seconds,
) -> Result<Facts> {
    let services = session.services();
    let key = key(session, &services);
    let needs =
        [wanted.digest().as_str()].into_iter().chain(reading.folders.iter().copied()).collect::<Vec<_>>().join("\n");
    let kept = key.as_ref().map_or(Ok(None), |key| cache::load_facts(&global.catalog_dir, key));
    let kept = kept.unwrap_or_else(|reason| {
        if !global.quiet {
            anstream::eprintln!("note: the cache is not used: {reason}; reading the account again");
        }
        None
    });
    let is_fresh = |kept: &&KeptFacts| (0..FRESH).contains(&(now - kept.facts.read_at)) && kept.needs == needs;
    if let Some(fresh) = kept.as_ref().filter(|_| !reading.refresh).filter(is_fresh) {
        return Ok(fresh.facts.clone());
    }
    let counts = kept.map_or_else(Counts::default, |kept| kept.facts.audit_manager.counts);
    let account = session.known_account();
    let request = Request { wanted, folders: reading.folders, counts: &counts, account, now };
    let progress = Progress::of_requests("reading the account", global);
    let mut reading = Box::pin(controlsync_evidence::read(&services, request));
    let facts = loop {
        tokio::select! {
            facts = &mut reading => break facts.map_err(unreadable)?,
            () = tokio::time::sleep(PROGRESS) => progress.requests(services.sent()),
        }
    };
    drop(progress);
    global.log(|| format!("{} requests", services.sent()));
    if let Some(key) = key
        && let Err(error) = cache::save_facts(&global.catalog_dir, &key, &KeptFacts::new(&needs, &facts))
        && !global.quiet
    {
        anstream::eprintln!("warning: cannot write the cache for the next run: {error:#}");
    }
    Ok(facts)
}

/// Under which key facts are kept; `None` if they are not: those of the embedded emulator, and of an account that only the answers
/// show.
fn key(session: &Session, services: &Services) -> Option<SnapshotKey> {
    let account = session.known_account().filter(|_| !session.is_local())?.to_owned();
    let endpoint = services.endpoint().to_owned();
    Some(SnapshotKey { account, region: session.client.region().to_owned(), endpoint })
}

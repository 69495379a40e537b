//! Reads evidence for the commands that show it, and keeps what was read for the next run.

use std::collections::BTreeSet;
use std::future::Future;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use controlsync_aws::audit_manager::account::SnapshotKey;
use controlsync_core::check::Checked;
use controlsync_core::evidence::facts::{AccountFacts, AuditManagerFacts, Counts, Facts, Place, Seconds};
use controlsync_core::evidence::wanted::Wanted;
use controlsync_core::evidence::{Evidence, Input, accounts, evaluate, places};
use controlsync_core::keywords::Keywords;
use controlsync_core::pack_lock::Lock;
use controlsync_core::report::evidence::text;
use controlsync_evidence::members::{Access, PATIENCE};
use controlsync_evidence::{Kept, Members, Request, Role, Services, read};
use futures_util::StreamExt as _;
use futures_util::future::try_join;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::bail;
use crate::options::Global;
use crate::progress::Progress;
use crate::session::{Session, unreadable};
use crate::{cache, exported, output};

/// Seconds for which facts of an earlier run are used.
const FRESH: Seconds = 15 * 60;
/// Kind of the files that keep what an account has.
const ACCOUNT: &str = "account";
/// Time between two updates of the number of requests.
const PROGRESS: Duration = Duration::from_millis(200);

/// Which accounts to read, and how.
#[derive(Debug, clap::Args)]
pub struct Scope {
    /// Read the accounts of the assessments through the role with this name, which each of them has; without it, only the account of Audit
    /// Manager.
    #[arg(long, value_name = "NAME", env = "CONTROLSYNC_MEMBER_ROLE", hide_env_values = true)]
    role: Option<String>,

    /// External ID that the role requires.
    #[arg(long, value_name = "ID", env = "CONTROLSYNC_EXTERNAL_ID", hide_env_values = true, requires = "role")]
    external_id: Option<String>,

    /// Read and show only these accounts of the assessments, separated by commas.
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    accounts: Vec<String>,
}

impl Scope {
    /// Returns the role; `None` without one.
    pub fn role(&self) -> Result<Option<Role>> {
        let Some(name) = &self.role else { return Ok(None) };
        if !Role::is_name(name) {
            bail!(
                Usage,
                "invalid role {name:?} (--role or CONTROLSYNC_MEMBER_ROLE): expected its name, such as controlsync-evidence, with its path if it \
                 has one; it is the same in every account"
            );
        }
        Ok(Some(Role { name: name.clone(), external_id: self.external_id.clone() }))
    }

    /// Returns the accounts to read; `None` for all.
    fn selected(&self) -> Result<Option<BTreeSet<String>>> {
        for id in &self.accounts {
            if id.len() != 12 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
                bail!(Usage, "invalid account ID {id:?} in --accounts: expected 12 digits");
            }
        }
        Ok((!self.accounts.is_empty()).then(|| self.accounts.iter().cloned().collect()))
    }
}

/// What to read.
pub struct Reading<'a> {
    /// Names of the controls.
    pub controls: &'a BTreeSet<&'a str>,
    /// Names of the controls whose evidence is read by service.
    pub folders: &'a BTreeSet<&'a str>,
    /// Whether facts of an earlier run are not used.
    pub refresh: bool,
    /// The accounts.
    pub scope: &'a Scope,
    /// Directory of exported conformance packs; `None` for the default.
    pub packs: Option<&'a Path>,
}

/// What was read of the accounts, for evaluating it.
pub struct Gathered {
    pub facts: Facts,
    selected: Option<BTreeSet<String>>,
    lock: Option<Lock>,
}

impl Gathered {
    /// Returns the input of an evaluation.
    pub fn input<'a>(&'a self, checked: &'a Checked, keywords: &'a Keywords, now: Seconds) -> Input<'a> {
        Input {
            catalog: &checked.catalog,
            sources: &checked.sources,
            keywords,
            facts: &self.facts,
            accounts: self.selected.as_ref(),
            packs: self.lock.as_ref(),
            now,
        }
    }
}

/// Reads the accounts and evaluates their evidence, with the levels of the configuration.
///
/// # Errors
///
/// It is another account than the configuration names, a flag is invalid, or no request can succeed.
pub async fn read(session: &Session, global: &Global, checked: &Checked, reading: &Reading<'_>) -> Result<Evidence> {
    let keywords = Keywords::of(&checked.sources);
    let wanted = Wanted::of(&checked.catalog, &keywords, reading.controls);
    let services = session.services();
    let run = Run::new(session, global, &services, &wanted, reading);
    let (role, now) = (reading.scope.role()?, run.now);
    let gathered = run.gather(checked, reading, role.as_ref()).await?;
    global.log(|| format!("{} requests", services.sent()));
    let mut evidence = evaluate(gathered.input(checked, &keywords, now), reading.controls);
    checked.configure(&mut evidence.diagnostics);
    let unread = evidence.accounts.iter().filter(|(place, read_at)| read_at.is_none() && **place != evidence.home);
    let note = without_role(&unread.map(|(place, _)| place).collect(), role.as_ref());
    evidence.notes.extend(note);
    if evidence.read_at != now && !global.quiet {
        output::print_aside(&text::cached(&evidence, now));
    }
    Ok(evidence)
}

/// Checks that the selected accounts are in the scope of the assessments.
fn check_selected(selected: Option<&BTreeSet<String>>, in_scope: &BTreeSet<Place>) -> Result<()> {
    for id in selected.into_iter().flatten() {
        if !in_scope.iter().any(|place| place.account == *id) {
            bail!(Usage, "--accounts {id}: no active assessment that has these controls has this account in its scope");
        }
    }
    Ok(())
}

/// Says that other accounts are read only with a role.
pub fn without_role(unread: &BTreeSet<&Place>, role: Option<&Role>) -> Option<String> {
    (role.is_none() && !unread.is_empty()).then(|| {
        format!("not read without --role, the name of a role that each of them has: {}", places::in_words(unread))
    })
}

/// A run that reads accounts.
pub struct Run<'a> {
    session: &'a Session,
    global: &'a Global,
    services: &'a Services,
    wanted: &'a Wanted<'a>,
    /// What facts of an account are read for: others do not answer it.
    needs: String,
    pub now: Seconds,
    refresh: bool,
}

impl<'a> Run<'a> {
    /// Creates a run.
    pub fn new(
        session: &'a Session,
        global: &'a Global,
        services: &'a Services,
        wanted: &'a Wanted<'a>,
        reading: &Reading<'_>,
    ) -> Self {
        let now = time::OffsetDateTime::now_utc().unix_timestamp();
        Self { session, global, services, wanted, needs: wanted.digest(), now, refresh: reading.refresh }
    }

    /// Reads Audit Manager, its own account, and the other accounts in the scope through their role.
    pub async fn gather(&self, checked: &Checked, reading: &Reading<'_>, role: Option<&Role>) -> Result<Gathered> {
        if let Some(account) = self.session.known_account() {
            self.session.check_account(Some(account))?;
        }
        let selected = reading.scope.selected()?;
        let packs = reading.packs.map_or_else(|| exported::directory(&self.global.catalog_dir), Path::to_owned);
        let lock = exported::read_lock(&packs)?;
        let account = match self.session.known_account() {
            Some(account) => Some(account.to_owned()),
            None => read::account(self.services).await,
        };
        let progress = Progress::of_requests("reading the account", self.global);
        let home = self.home(account.as_deref(), reading.folders);
        let (home, own) = self.with_progress(&progress, Box::pin(home)).await?;
        let in_scope = accounts(&checked.catalog, &home, reading.controls, self.now);
        check_selected(selected.as_ref(), &in_scope)?;
        let is_chosen = |place: &Place| selected.as_ref().is_none_or(|selected| selected.contains(&place.account));
        let others = in_scope.into_iter().filter(|place| *place != home.place && is_chosen(place)).collect();
        let members = match role {
            Some(role) => Box::pin(self.members(role, &own, others)).await,
            None => Vec::new(),
        };
        Ok(Gathered { facts: read::together(home, own, members), selected, lock })
    }

    /// Waits for work that sends requests, and shows their number.
    pub async fn with_progress<T>(&self, progress: &Progress, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return done,
                () = tokio::time::sleep(PROGRESS) => progress.requests(self.services.sent()),
            }
        }
    }

    /// Returns Audit Manager and its own account: as an earlier run has read them, if that is fresh and complete.
    async fn home(&self, account: Option<&str>, folders: &BTreeSet<&str>) -> Result<(AuditManagerFacts, AccountFacts)> {
        let mut needs = vec![self.needs.clone()];
        needs.extend(folders.iter().map(|name| (*name).to_owned()));
        let needs = needs.join("\n");
        let file = self.file(account, "audit-manager");
        let kept: Option<Kept<AuditManagerFacts>> = file.as_deref().and_then(|file| self.load(file));
        let counts = kept.as_ref().map_or_else(Counts::default, |kept| kept.facts.counts.clone());
        let fresh = kept.filter(|kept| self.is_fresh(kept.facts.read_at, &kept.needs, &needs));
        let audit_manager = async {
            if let Some(kept) = fresh {
                return Ok(kept.facts);
            }
            let request = Request { wanted: self.wanted, folders, counts: &counts, account, now: self.now };
            let facts = Box::pin(read::audit_manager(self.services, &request)).await.map_err(unreadable)?;
            self.save(file.as_deref(), &Kept::new(&needs, facts.clone(), facts.is_complete()));
            Ok(facts)
        };
        let own = async {
            if let Some(kept) = self.kept_account(account) {
                return Ok(kept);
            }
            let facts = Box::pin(read::own_account(self.services, self.wanted, self.now)).await;
            self.keep_account(account, &facts);
            Ok(facts)
        };
        try_join(audit_manager, own).await
    }

    /// Returns other accounts: as an earlier run has read them, if that is fresh and complete.
    async fn members(&self, role: &Role, own: &AccountFacts, places: Vec<Place>) -> Vec<AccountFacts> {
        let total = places.len();
        let (mut read, mut open) = (Vec::new(), Vec::new());
        for place in places {
            match self.kept_account(Some(&place.account)) {
                Some(kept) => read.push(kept),
                None => open.push(place),
            }
        }
        if open.is_empty() {
            return read;
        }
        let progress = Progress::new("reading accounts", self.global);
        let members = Members::new(self.through(role), self.wanted, own, self.now).await;
        let mut stream = std::pin::pin!(members.read(open));
        while let Some(facts) = stream.next().await {
            let account = facts.place.account.clone();
            self.global.log(|| format!("read account {account}"));
            self.keep_account(Some(&account), &facts);
            read.push(facts);
            progress.set(read.len(), total);
        }
        read
    }

    /// Returns how other accounts are entered, through their role.
    pub const fn through(&self, role: &'a Role) -> Access<'a> {
        Access::new(self.services, role, PATIENCE)
    }

    /// Returns the name of the file that keeps facts of an account; `None` if they are not kept: those of the embedded emulator, and of
    /// an account that only the answers show.
    fn file(&self, account: Option<&str>, kind: &str) -> Option<String> {
        let account = account.filter(|_| !self.session.is_local())?.to_owned();
        let region = self.session.client.region().to_owned();
        Some(cache::facts_file(kind, &SnapshotKey { account, region, endpoint: self.services.endpoint().to_owned() }))
    }

    fn kept_account(&self, account: Option<&str>) -> Option<AccountFacts> {
        let kept: Kept<AccountFacts> = self.load(&self.file(account, ACCOUNT)?)?;
        self.is_fresh(kept.facts.read_at, &kept.needs, &self.needs).then_some(kept.facts)
    }

    fn keep_account(&self, account: Option<&str>, facts: &AccountFacts) {
        let kept = Kept::new(&self.needs, facts.clone(), facts.is_complete());
        self.save(self.file(account, ACCOUNT).as_deref(), &kept);
    }

    fn is_fresh(&self, read_at: Seconds, kept: &str, needs: &str) -> bool {
        !self.refresh && (0..FRESH).contains(&(self.now - read_at)) && kept == needs
    }

    fn load<T: Serialize + DeserializeOwned>(&self, file: &str) -> Option<Kept<T>> {
        cache::load_facts(&self.global.catalog_dir, file).unwrap_or_else(|reason| {
            if !self.global.quiet {
                anstream::eprintln!("note: the cache is not used: {reason}; reading the account again");
            }
            None
        })
    }

    fn save<T: Serialize + DeserializeOwned>(&self, file: Option<&str>, kept: &Kept<T>) {
        if let Some(file) = file
            && let Err(error) = cache::save_facts(&self.global.catalog_dir, file, kept)
            && !self.global.quiet
        {
            anstream::eprintln!("warning: cannot write the cache for the next run: {error:#}");
        }
    }
}

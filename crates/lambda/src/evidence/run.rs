//! One run: reads the catalog and the accounts, compares with what earlier runs have found, and reports.

use std::collections::BTreeSet;

use controlsync_aws::Connection;
use controlsync_aws::s3::Bucket;
use controlsync_core::change_result::Failure;
use controlsync_core::check::{Checked, Options, check};
use controlsync_core::evidence::facts::{AccountFacts, Facts, Place, Seconds, Unread, UnreadReason};
use controlsync_core::evidence::wanted::Wanted;
use controlsync_core::evidence::{Evidence, Input, accounts, evaluate};
use controlsync_core::keywords::Keywords;
use controlsync_core::run::{Ending, Retry, StateAccess, Triggers};
use controlsync_core::watch::{self, Memory, News, WatchReport, json, mail};
use controlsync_evidence::members::{Access, PATIENCE};
use controlsync_evidence::{Members, Request, Services, read};
use futures_util::StreamExt as _;
use futures_util::future::join;
use serde_json::json;
use time::OffsetDateTime;
use tokio::time::Instant;

use super::compliance_report::{Made, Reader, Results};
use super::environment::Environment;
use super::state::EvidenceState;
use super::steps::{self, Figures};
use super::times::Times;
use crate::bucket_catalog;
use crate::invocation::{Ended, Invocation, out_of_time, within};
use crate::log::{Log, LogLevel};
use crate::outbox::Entry;
use crate::reports::{Reports, TopicStates};
use crate::store;
use crate::trace;

/// The state and the object it is stored in.
type Store = store::Store<EvidenceState>;

/// How often the queue of the stack delivers a message.
pub const ATTEMPTS: u32 = 3;

/// The function with its clients. It serves all invocations of the process.
#[derive(Debug)]
pub struct Function {
    /// Its settings.
    pub environment: Environment,
    connection: Connection,
    bucket: Bucket,
    reports: Reports,
}

impl Function {
    /// Creates the clients of the function.
    pub fn new(environment: Environment, connection: &Connection) -> Self {
        Self {
            connection: connection.clone(),
            bucket: connection.bucket(&environment.shared.location.bucket),
            reports: Reports::new(connection, &environment.shared),
            environment,
        }
    }
}

/// What a run has found out.
struct Looked {
    checked: Checked,
    facts: Facts,
    /// The accounts in the scope of the assessments.
    scope: BTreeSet<Place>,
    evidence: Evidence,
}

/// Why a run has found out nothing.
type Failed = (&'static str, Failure);

/// What a run has found out, or why not, and what the evidence says, if it makes a report about that.
struct Seen {
    looked: Result<Looked, Failed>,
    results: Option<Result<Results, Failure>>,
}

impl Seen {
    const fn failed(why: Failed) -> Self {
        Self { looked: Err(why), results: None }
    }
}

/// Whether a run makes a report about compliance: those of the schedule, and on request. Uploads change the catalog, but no result.
const fn makes_report(triggers: Triggers) -> bool {
    triggers.schedule || triggers.report
}

/// A run in progress.
struct Run<'a> {
    function: &'a Function,
    invocation: &'a Invocation<'a>,
    services: Services,
    bucket: Bucket,
    log: &'a Log,
    started: Instant,
    times: Times,
    now: Seconds,
}

/// Runs once.
pub async fn run(function: &Function, invocation: &Invocation<'_>, log: &Log) -> Ended {
    let started = Instant::now();
    let reads_results = function.environment.reports.is_some() && makes_report(invocation.triggers);
    let run = Run {
        function,
        invocation,
        services: Services::new(&function.connection, false),
        bucket: function.bucket.for_run(),
        log,
        started,
        times: Times::of(started, invocation.time, reads_results),
        now: OffsetDateTime::now_utc().unix_timestamp(),
    };
    Box::pin(run.run()).await
}

// A run must report even if Lambda is about to end it, and must never lose a report. So the report is in the state before it is sent, and
// each part has a deadline of its own.
impl Run<'_> {
    async fn run(&self) -> Ended {
        let Times { setup, results: until, looking: end, delivery, .. } = self.times;
        let request = self.invocation.request;
        let mut topics = TopicStates::default();
        let load = Box::pin(Store::load(&self.bucket, &self.function.environment.shared.location.prefix, request));
        let (mut store, found) = match within(end, load).await {
            Ok((store, found)) => (Some(store), found),
            Err(failure) => {
                let failed = ("cannot read the state in the bucket", failure);
                return Box::pin(self.report(None, Seen::failed(failed), topics)).await;
            }
        };
        found.trace(self.log);
        let mut looked = Err(("the run did not finish", out_of_time()));
        if let Some(store) = &mut store {
            let patience = Instant::now() + delivery;
            self.function.reports.deliver(store, &mut topics, patience.min(end), self.log).await;
            let look = Box::pin(self.look(&store.state.memory, setup));
            if let Ok(done) = tokio::time::timeout_at(end, look).await {
                looked = done;
            }
        }
        let results = match (&looked, self.reader()) {
            (Ok(Looked { checked, facts, .. }), Some(reader)) => {
                Some(within(end, Box::pin(reader.read(checked, facts, until))).await)
            }
            _ => None,
        };
        Box::pin(self.report(store, Seen { looked, results }, topics)).await
    }

    /// What reads the results for a report about compliance, if this run makes one.
    fn reader(&self) -> Option<Reader<'_>> {
        let environment = &self.function.environment;
        let settings = environment.reports.as_ref().filter(|_| makes_report(self.invocation.triggers))?;
        Some(Reader { environment, settings, services: &self.services, log: self.log, now: self.now })
    }

    /// Reads the catalog and the accounts.
    async fn look(&self, memory: &Memory, soft: Instant) -> Result<Looked, Failed> {
        let environment = &self.function.environment;
        let mut files = bucket_catalog::Files::new();
        let sources =
            bucket_catalog::read(&self.bucket, &environment.shared.location.prefix, &mut files, &mut |_| {}).await;
        let sources = sources.map_err(|failure| ("cannot read the bucket", failure))?;
        let options = Options {
            catalog: environment.shared.catalog.clone(),
            today: Some(OffsetDateTime::now_utc().date().to_string()),
            ..Options::default()
        };
        let checked = check(sources, &options);
        self.log.line(LogLevel::Info, "read the catalog", json!({ "files": checked.sources.len() }));
        let keywords = Keywords::of(&checked.sources);
        let controls: BTreeSet<&str> = checked.catalog.controls.keys().map(String::as_str).collect();
        let wanted = Wanted::of(&checked.catalog, &keywords, &controls);
        let (facts, scope) = Box::pin(self.read(&checked, &wanted, &controls, memory, soft)).await?;
        let reached: BTreeSet<String> = facts.accounts.keys().map(|place| place.account.clone()).collect();
        let (catalog, sources) = (&checked.catalog, &checked.sources);
        let accounts = Some(&reached);
        // The bucket has no packs.
        let input =
            Input { catalog, sources, keywords: &keywords, facts: &facts, accounts, packs: None, now: self.now };
        let evidence = evaluate(input, &controls);
        Ok(Looked { checked, facts, scope, evidence })
    }

    /// Reads Audit Manager, its own account, and as many others as there is time for.
    async fn read(
        &self,
        checked: &Checked,
        wanted: &Wanted<'_>,
        controls: &BTreeSet<&str>,
        memory: &Memory,
        soft: Instant,
    ) -> Result<(Facts, BTreeSet<Place>), Failed> {
        let account = self.invocation.target.account.as_deref();
        let folders = BTreeSet::new();
        let request = Request { wanted, folders: &folders, counts: &memory.counts, account, now: self.now };
        let audit_manager = Box::pin(read::audit_manager(&self.services, &request));
        let own = Box::pin(read::own_account(&self.services, wanted, self.now));
        let (audit_manager, own) = join(audit_manager, own).await;
        let failed = |failure| ("cannot read Audit Manager", failure);
        let audit_manager = audit_manager.map_err(failed)?;
        // Without these, nothing is known of any control.
        for (operation, why) in
            [("ListControls", audit_manager.controls.unread()), ("ListAssessments", audit_manager.assessments.unread())]
        {
            if let Some(Unread { reason, message, .. }) = why {
                let transient = *reason != UnreadReason::Denied;
                return Err(failed(Failure { transient, ..Failure::new(operation, message.clone()) }));
            }
        }
        let scope = accounts(&checked.catalog, &audit_manager, controls, self.now);
        let members = match &self.function.environment.role {
            Some(_) => {
                let places = watch::queue(&scope, &audit_manager.place, memory);
                Box::pin(self.members(wanted, &own, places, soft)).await
            }
            None => Vec::new(),
        };
        Ok((read::together(audit_manager, own, members), scope))
    }

    async fn members(
        &self,
        wanted: &Wanted<'_>,
        own: &AccountFacts,
        places: Vec<Place>,
        soft: Instant,
    ) -> Vec<AccountFacts> {
        let Some(role) = self.function.environment.role.as_ref().filter(|_| !places.is_empty()) else {
            return Vec::new();
        };
        let total = places.len();
        let mut read = Vec::new();
        let done = async {
            let members = Members::new(Access::new(&self.services, role, PATIENCE), wanted, own, self.now).await;
            let mut stream = std::pin::pin!(members.read(places));
            while let Some(facts) = stream.next().await {
                read.push(facts);
            }
        };
        // What is not read by then, the next run reads first.
        let _ = tokio::time::timeout_at(soft, Box::pin(done)).await;
        steps::read(self.log, read.len(), total);
        read
    }

    /// Compares with earlier runs, writes the report to the outbox, and sends it.
    async fn report(&self, mut store: Option<Store>, seen: Seen, mut topics: TopicStates) -> Ended {
        let Self { function: Function { environment, .. }, invocation, log, .. } = self;
        let last = self.times.last;
        let before = store.as_mut().map(|store| std::mem::take(&mut store.state.memory)).unwrap_or_default();
        let Seen { looked, results } = seen;
        let retry = self.retry(&looked);
        let is_retried = retry.is_some_and(|retry| !retry.gives_up);
        let mut news = self.compare(&looked, before, is_retried);
        let looked = looked.as_ref();
        let made = self.make(looked.ok(), results, &news.memory).await;
        let compliance = made.as_ref().map(Made::report);
        if let Some(report) = &compliance {
            news.add_report(report);
        }
        let report = WatchReport {
            triggers: invocation.triggers,
            target: &invocation.target,
            catalog: &environment.shared.catalog_name(looked.ok().map(|looked| &looked.checked)),
            location: &environment.shared.url(),
            evidence: looked.ok().map(|looked| &looked.evidence),
            has_errors: looked.is_ok_and(|looked| looked.checked.has_errors()),
            compliance,
            failure: looked.err().map(|(what, failure)| (*what, failure)),
            has_role: environment.role.is_some(),
            deployment: &environment.deployment,
            news: &news,
            days_since_email: store.as_ref().and_then(|store| store.mailbox.days_since_email()),
            now: self.now,
        };
        let id = store.as_ref().map_or(invocation.request.to_owned(), |store| format!("{}/report", store.run()));
        let entry = self.messages(&report, &id);
        steps::end(log, &report, entry.as_ref().is_some_and(|entry| entry.mail.is_some()));
        let ending = Ending { unfinished: retry.is_some(), acted: false, report_only: false };
        let access = match &mut store {
            None => StateAccess::Unreadable,
            Some(store) => {
                store.state.memory.clone_from(&news.memory);
                self.keep(store, entry.as_ref(), &report, last).await
            }
        };
        if ending.sends(access, retry) {
            self.send(store.as_mut(), entry, &mut topics, last).await;
        }
        let retried = ending.retries(access, topics.any_refused()) && !invocation.messages.is_empty();
        let figures = Figures {
            function: invocation.function,
            requests: self.services.sent(),
            took: self.started.elapsed(),
            gives_up: !is_retried,
            retried,
            unreadable: invocation.unreadable,
        };
        steps::metrics(log, &report, &figures);
        Ended { outcome: report.outcome().name(), retry: retried, unreported: topics.any_refused() }
    }

    /// Writes the report about compliance before anything is told of it, so that no message names one that was not written.
    async fn make(
        &self,
        looked: Option<&Looked>,
        results: Option<Result<Results, Failure>>,
        memory: &Memory,
    ) -> Option<Made> {
        let (Looked { checked, .. }, reader, results) = (looked?, self.reader()?, results?);
        let before = memory.compliance.as_ref();
        Some(Box::pin(reader.make(&self.bucket, checked, results, before, self.times.looking)).await)
    }

    /// The retry of a run that failed with a transient error, if the queue has one.
    fn retry(&self, looked: &Result<Looked, Failed>) -> Option<Retry> {
        let transient = looked.as_ref().is_err_and(|(_, failure)| failure.transient);
        let receives: Vec<u32> = self.invocation.messages.iter().map(|message| message.receives).collect();
        (transient && !receives.is_empty()).then(|| Retry::of(&receives, ATTEMPTS))
    }

    /// Compares with earlier runs.
    fn compare(&self, looked: &Result<Looked, Failed>, before: Memory, is_retried: bool) -> News {
        match looked {
            Ok(Looked { checked, facts, scope, evidence }) => {
                News::new(watch::Run { checked, evidence, facts, scope, now: self.now }, before)
            }
            Err((what, failure)) => News::of_failed_run(before, format!("{what}: {failure}"), is_retried),
        }
    }

    /// The messages of a report. `None` if there is nothing to send.
    fn messages(&self, report: &WatchReport<'_>, id: &str) -> Option<Entry> {
        let Function { environment, reports, .. } = self.function;
        let due = report.due(environment.notify);
        let mail = || (mail::subject(report), mail::text(report));
        reports.entry(id, due, &report.attributes(), mail, || json::document(report))
    }

    /// Writes the state, with the report.
    async fn keep(
        &self,
        store: &mut Store,
        entry: Option<&Entry>,
        report: &WatchReport<'_>,
        end: Instant,
    ) -> StateAccess {
        trace::dropped(self.log, store.report(entry.cloned(), report.outcome().name()));
        if self.save(store, end).await { StateAccess::Written } else { StateAccess::Read }
    }

    /// Sends what is in the outbox, or the report that no state can keep.
    async fn send(&self, store: Option<&mut Store>, entry: Option<Entry>, topics: &mut TopicStates, end: Instant) {
        let reports = &self.function.reports;
        match (store, entry) {
            (Some(store), _) => {
                reports.deliver(store, topics, end, self.log).await;
                self.save(store, end).await;
            }
            (None, Some(entry)) => {
                reports.send(&entry, topics, end, self.log).await;
            }
            (None, None) => {}
        }
    }

    async fn save(&self, store: &mut Store, end: Instant) -> bool {
        match within(end, Box::pin(store.save())).await {
            Ok(()) => true,
            Err(failure) => {
                trace::failure(self.log, LogLevel::Error, "the state was not written", &failure);
                false
            }
        }
    }
}

//! One run: reads the bucket and the account, plans, applies the plan, and reports.

use std::time::Duration;

use controlsync_aws::Client;
use controlsync_aws::audit_manager::account::Reading;
use controlsync_aws::audit_manager::apply::{Applied, apply};
use controlsync_aws::s3::Bucket;
use controlsync_core::change_result::{ChangeResult, Failure};
use controlsync_core::check::{Checked, check};
use controlsync_core::plan::{Change, ObjectType, Plan, Target};
use controlsync_core::run::notice::{Facts, News};
use controlsync_core::run::{
    Ending, NotPlanned, Outcome, ReportedPlan, Retry, RunReport, StartedChange, StateAccess, defer_denied, json, mail,
};
use tokio::time::Instant;

use crate::bucket_catalog;
use crate::invocation::{Ended, Invocation, out_of_time, within};
use crate::log::{Log, LogLevel};
use crate::outbox::Entry;
use crate::reports::TopicStates;
use crate::store;
use crate::sync::environment::Environment;
use crate::sync::function::Function;
use crate::sync::state::FunctionState;
use crate::sync::steps::{self, Figures};
use crate::trace;

/// The state and the object it is stored in.
type Store = store::Store<FunctionState>;

/// How long before the deadline a run stops starting anything; at most this fraction of the invocation's time.
const RESERVE: Duration = Duration::from_secs(20);
const RESERVED_PART: u32 = 4;
/// The fraction of the invocation's time that is left at the end, even if a request hangs.
const LAST_PART: u32 = 20;
/// How long sending the messages of earlier runs may take.
const DELIVERY: Duration = Duration::from_secs(10);

/// A run in progress.
struct Run<'a> {
    function: &'a Function,
    invocation: &'a Invocation<'a>,
    client: Client,
    bucket: Bucket,
    log: &'a Log,
    started: Instant,
}

/// What the delivery of a report depends on.
#[derive(Clone, Copy)]
struct Delivery {
    ending: Ending,
    retry: Option<Retry>,
    /// When Lambda is about to end the process.
    end: Instant,
}

/// What a run has found out so far.
#[derive(Default)]
struct RunState {
    checked: Option<Checked>,
    plan: Option<Plan>,
    results: Option<Vec<ChangeResult>>,
    not_planned: Option<NotPlanned>,
    interrupted: Vec<(StartedChange, bool)>,
    /// Whether changes are being applied. Their results are unknown until all are done.
    writing: bool,
}

impl RunState {
    fn fail(&mut self, what: &'static str, failure: Failure) {
        self.not_planned = Some(NotPlanned::Failed { what, failure });
    }
}

/// Runs once.
pub async fn run(function: &Function, invocation: &Invocation<'_>, log: &Log) -> Ended {
    let run = Run {
        function,
        invocation,
        client: function.client.for_run(),
        bucket: function.bucket.for_run(),
        log,
        started: Instant::now(),
    };
    let reserve = RESERVE.min(invocation.time / RESERVED_PART);
    // From then on nothing new starts; requests in progress get half of the reserve to finish.
    let soft = run.started + invocation.time.saturating_sub(reserve);
    let timer = tokio::spawn({
        let stop = run.client.stop().clone();
        async move {
            tokio::time::sleep_until(soft).await;
            stop.request();
        }
    });
    let ended = Box::pin(run.run(soft + reserve / 2)).await;
    timer.abort();
    ended
}

// A run must report even if Lambda is about to end it, and must never lose a report. So the changes that it is about to make are in
// the state before the first of them, the report is in the state before it is sent, and each part has a deadline of its own.
impl Run<'_> {
    /// Runs until `end`, then only reports.
    async fn run(&self, end: Instant) -> Ended {
        let mut work = RunState::default();
        let mut topics = TopicStates::default();
        let prefix = &self.function.environment.shared.location.prefix;
        let load = Box::pin(Store::load(&self.bucket, prefix, self.invocation.request));
        let mut store = match within(end, load).await {
            Ok((store, found)) => {
                found.trace(self.log);
                Some(store)
            }
            Err(failure) => {
                work.fail("cannot read the state in the bucket", failure);
                None
            }
        };
        if let Some(store) = &mut store {
            // Unsent reports must not delay the changes to the account for long.
            let patience = Instant::now() + DELIVERY.min(self.invocation.time / RESERVED_PART);
            self.function.reports.deliver(store, &mut topics, patience.min(end), self.log).await;
            if Box::pin(tokio::time::timeout_at(end, self.work(store, &mut work))).await.is_err() {
                work.fail("the run did not finish", out_of_time());
            }
        }
        // Lambda kills the process shortly after this.
        let last = self.started + self.invocation.time - self.invocation.time / LAST_PART;
        self.report(store, work, topics, last).await
    }

    /// Reads, plans and applies. Returns early if one of these steps fails.
    async fn work(&self, store: &mut Store, work: &mut RunState) {
        let Self { function, invocation, client, bucket, log, .. } = self;
        let Environment { shared, settings, .. } = &function.environment;
        let (files, mut changed) = store.state.catalog();
        let sources = match bucket_catalog::read(bucket, &shared.location.prefix, files, &mut changed).await {
            Ok(sources) => sources,
            Err(failure) => return work.fail("cannot read the bucket", failure),
        };
        drop(changed);
        let checked = work.checked.insert(check(sources, &function.check_options()));
        steps::checked(log, checked);
        work.not_planned = NotPlanned::of(checked, store.state.catalog.as_deref());
        if work.not_planned.is_some() {
            return;
        }
        let mut reading = match Reading::start(client).await {
            Ok(reading) => reading,
            Err(failure) => return work.fail("cannot read the account", failure),
        };
        // Changed tags do not change an object's time of update: a report reads everything.
        let read_all = invocation.triggers.report;
        if let Some(snapshot) = store.state.snapshot().filter(|_| !read_all) {
            reading.remember(snapshot);
        }
        let options = settings.options(invocation.triggers);
        let planned = reading.plan(&checked.catalog, &checked.sources, &options, |_, _| {}).await;
        keep(store, &reading);
        let mut plan = match planned {
            Ok(plan) => plan,
            Err(failure) => return work.fail("cannot read the account", failure),
        };
        checked.configure(&mut plan.diagnostics);
        work.interrupted = interrupted(store, &plan, &reading);
        store.state.catalog = Some(plan.catalog.clone());
        let plan = work.plan.insert(plan);
        steps::planned(log, plan);
        if !settings.writes(invocation.triggers) {
            return;
        }
        if plan.changes.iter().any(Change::writes) {
            let run = store.run();
            let dropped = store.put(Entry::started(&run, plan.changes.iter().filter(|change| change.writes())));
            trace::dropped(log, dropped);
            if let Err(failure) = store.save().await {
                // A change that could not be reported after an interruption must not start.
                store.finish(&run);
                return work.fail("cannot write the state to the bucket", failure);
            }
        }
        work.writing = true;
        let Applied { mut results, written } =
            apply(client, plan, |change, result| steps::result(log, change, result)).await;
        work.writing = false;
        let receives: Vec<u32> = invocation.messages.iter().map(|message| message.receives).collect();
        steps::deferred(log, defer_denied(&mut results, &receives));
        reading.keep_written(written);
        keep(store, &reading);
        work.results = Some(results);
    }

    /// Collects what is new, writes the report to the outbox, and sends it.
    async fn report(&self, mut store: Option<Store>, work: RunState, mut topics: TopicStates, end: Instant) -> Ended {
        let Self { function, invocation, log, .. } = self;
        let Environment { settings, shared, .. } = &function.environment;
        let known = store.as_mut().map(|store| std::mem::take(&mut store.state.known)).unwrap_or_default();
        let uploads = store.as_ref().map(|store| store.state.uploads()).unwrap_or_default();
        let RunState { checked, plan, results, not_planned, interrupted, writing } = work;
        // While changes are being applied, their results are unknown: the next run reports them.
        let plan = plan.as_ref().filter(|_| !writing);
        let (checked, not_planned, results) = (checked.as_ref(), not_planned.as_ref(), results.as_deref());
        let deployment = &settings.deployment;
        let news = News::new(Facts { checked, not_planned, plan, results, deployment }, known);
        let before = store.as_ref().and_then(|store| store.state.reported_plan.as_deref());
        let reported_plan = ReportedPlan::of(before, settings.mode, plan, results);
        let mut report = RunReport {
            triggers: invocation.triggers,
            mode: settings.mode,
            target: &target(&invocation.target, plan),
            catalog: &shared.catalog_name(checked),
            location: &shared.url(),
            uploads: &uploads,
            checked,
            not_planned,
            plan,
            results,
            interrupted: &interrupted,
            news: &news,
            plan_is_known: reported_plan.is_known,
            days_since_email: store.as_ref().and_then(|store| store.mailbox.days_since_email()),
            deployment,
            retry: None,
        };
        let ending = Ending::of(&report);
        report.retry = self.retry(ending, end).await;
        let id = store.as_ref().map_or(invocation.request.to_owned(), |store| format!("{}/report", store.run()));
        let entry = self.messages(&report, &id);
        steps::end(log, &report, entry.as_ref().is_some_and(|entry| entry.mail.is_some()));
        let delivery = Delivery { ending, retry: report.retry, end };
        let state = match &mut store {
            None => self.send_without_state(entry, delivery, &mut topics).await,
            Some(store) => {
                remember(store, &report, ending, reported_plan.digest);
                self.save_and_send(store, entry, report.outcome(), delivery, &mut topics).await
            }
        };
        let retry = ending.retries(state, topics.any_refused());
        if retry {
            self.return_messages(report.retry, end).await;
        }
        let figures = Figures {
            function: invocation.function,
            account_calls: self.client.sent(),
            bucket_calls: self.bucket.sent(),
            took: self.started.elapsed(),
            retry,
            unreadable: invocation.unreadable,
        };
        steps::metrics(log, &report, &figures);
        Ended { outcome: report.outcome().name(), retry, unreported: topics.any_refused() }
    }

    /// When the messages are redelivered, if the run is retried.
    async fn retry(&self, ending: Ending, end: Instant) -> Option<Retry> {
        if !ending.unfinished {
            return None;
        }
        let retry = self.function.retry(self.invocation.messages, self.log);
        tokio::time::timeout_at(end, retry).await.ok().flatten()
    }

    /// The messages of a report. `None` if there is nothing to send.
    fn messages(&self, report: &RunReport<'_>, id: &str) -> Option<Entry> {
        let Function { environment, reports, .. } = self.function;
        let due = report.due(environment.settings.notify);
        let mail = || (mail::subject(report), mail::text(report));
        reports.entry(id, due, &report.attributes(), mail, || json::document(report))
    }

    /// Sends a report that no state can keep.
    async fn send_without_state(
        &self,
        entry: Option<Entry>,
        delivery: Delivery,
        topics: &mut TopicStates,
    ) -> StateAccess {
        if let Some(entry) = entry.filter(|_| delivery.ending.sends(StateAccess::Unreadable, delivery.retry)) {
            self.function.reports.send(&entry, topics, delivery.end, self.log).await;
        }
        StateAccess::Unreadable
    }

    /// Writes the state with the report, sends the report, and writes the state without what was sent.
    async fn save_and_send(
        &self,
        store: &mut Store,
        entry: Option<Entry>,
        outcome: Outcome,
        delivery: Delivery,
        topics: &mut TopicStates,
    ) -> StateAccess {
        let Delivery { ending, retry, end } = delivery;
        trace::dropped(self.log, store.report(entry, outcome.name()));
        let access = |saved: bool| if saved { StateAccess::Written } else { StateAccess::Read };
        let mut saved = save(store, end, self.log).await;
        if ending.sends(access(saved), retry) {
            self.function.reports.deliver(store, topics, end, self.log).await;
            saved &= save(store, end, self.log).await;
        }
        access(saved)
    }

    /// Returns the messages to the queue. If that hangs, the queue's visibility timeout applies.
    async fn return_messages(&self, retry: Option<Retry>, end: Instant) {
        let Self { function, invocation, log, .. } = self;
        let returned = async {
            let retry = if retry.is_some() { retry } else { function.retry(invocation.messages, log).await };
            function.return_messages(invocation.messages, retry, log).await;
        };
        let _ = tokio::time::timeout_at(end, returned).await;
    }
}

/// Updates what later runs must know about this one.
fn remember(store: &mut Store, report: &RunReport<'_>, ending: Ending, reported_plan: Option<String>) {
    if report.plan.is_some() {
        // The plan shows what interrupted runs have done.
        for open in open_entries(store) {
            store.finish(&open);
        }
    }
    store.state.known.clone_from(&report.news.known);
    store.state.reported_plan = reported_plan;
    if ending.forgets_uploads() {
        store.state.forget_uploads();
    }
}

/// The account that the plan names, or else the function's own.
fn target(own: &Target, plan: Option<&Plan>) -> Target {
    match plan {
        Some(Plan { target: Target { account: Some(account), region }, .. }) => {
            Target { account: Some(account.clone()), region: region.clone() }
        }
        _ => own.clone(),
    }
}

fn open_entries(store: &Store) -> Vec<String> {
    store.mailbox.outbox.iter().filter(|entry| entry.is_open()).map(|entry| entry.id.clone()).collect()
}

/// The changes that interrupted runs had started, and whether they were applied.
fn interrupted(store: &Store, plan: &Plan, reading: &Reading) -> Vec<(StartedChange, bool)> {
    let exists = |object: ObjectType, name: &str| match object {
        ObjectType::Control => reading.actual().controls.iter().any(|control| control.name == name),
        ObjectType::Framework => reading.actual().frameworks.iter().any(|framework| framework.name == name),
    };
    let started = store.mailbox.outbox.iter().flat_map(Entry::changes);
    started
        .map(|started| {
            let done = started.is_done(plan, exists);
            (started, done)
        })
        .collect()
}

fn keep(store: &mut Store, reading: &Reading) {
    if let Some(snapshot) = reading.to_keep() {
        store.state.keep_snapshot(snapshot);
    }
}

async fn save(store: &mut Store, end: Instant, log: &Log) -> bool {
    match within(end, Box::pin(store.save())).await {
        Ok(()) => true,
        Err(failure) => {
            trace::failure(log, LogLevel::Error, "the state was not written", &failure);
            false
        }
    }
}

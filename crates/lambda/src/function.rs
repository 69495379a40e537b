//! One run: reads the bucket and the account, plans, applies the plan, and reports.

use std::time::Duration;

use controlsync_aws::account::Reading;
use controlsync_aws::apply::{Applied, apply};
use controlsync_aws::bucket::{Bucket, sha256};
use controlsync_aws::queue::Queue;
use controlsync_aws::topic::Topics;
use controlsync_aws::{Client, Connection};
use controlsync_core::change_result::{ChangeResult, Failure};
use controlsync_core::check::{self, Checked, check};
use controlsync_core::config::is_catalog_name;
use controlsync_core::plan::{Change, ChangeKind, ObjectType, Plan, Target};
use controlsync_core::run::notice::{Facts, News};
use controlsync_core::run::{Mode, NotPlanned, Outcome, RunReport, StartedChange, Triggers, json, mail};
use serde_json::json;
use tokio::time::Instant;

use crate::bucket_catalog;
use crate::delivery::Refused;
use crate::environment::Environment;
use crate::event::Message as Queued;
use crate::log::{Log, LogLevel};
use crate::state::{Entry, Found, LastReport, Message, Store};
use crate::trace::{self, Figures};

/// How long before the deadline a run stops starting anything; at most this fraction of the invocation's time.
const RESERVE: Duration = Duration::from_secs(20);
const RESERVED_PART: u32 = 4;
/// The fraction of the invocation's time that is left at the end, even if a request hangs.
const LAST_PART: u32 = 20;
/// How long sending the messages of earlier runs may take.
const DELIVERY: Duration = Duration::from_secs(10);
/// The function with its clients. It serves all invocations of the process.
#[derive(Debug)]
pub struct Function {
    /// Its settings.
    pub environment: Environment,
    client: Client,
    bucket: Bucket,
    pub(crate) topics: Topics,
    pub(crate) queue: Option<Queue>,
}

/// One invocation.
#[derive(Debug)]
pub struct Invocation<'a> {
    /// Its request id.
    pub request: &'a str,
    /// The name of the function.
    pub function: &'a str,
    /// The account and Region of the function.
    pub target: Target,
    /// Reasons for the run.
    pub triggers: Triggers,
    /// The messages that carried the event.
    pub messages: &'a [Queued],
    /// The time until its deadline.
    pub time: Duration,
}

/// How an invocation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Outcome of the run.
    pub outcome: Outcome,
    /// Whether its messages are to be retried.
    pub retry: bool,
    /// Whether a report could not be sent.
    pub unreported: bool,
}

/// A run in progress.
struct Run<'a> {
    function: &'a Function,
    invocation: &'a Invocation<'a>,
    client: Client,
    bucket: Bucket,
    log: &'a Log,
    started: Instant,
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

impl Function {
    /// Creates the clients of the function.
    pub fn new(environment: Environment, connection: &Connection) -> Self {
        Self {
            client: connection.audit_manager(),
            bucket: connection.bucket(&environment.location.bucket),
            topics: connection.topics(),
            queue: environment.queue.as_deref().map(|url| connection.queue(url)),
            environment,
        }
    }

    /// Runs once.
    pub async fn run(&self, invocation: &Invocation<'_>, log: &Log) -> Ended {
        let run = Run {
            function: self,
            invocation,
            client: self.client.for_run(),
            bucket: self.bucket.for_run(),
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

    fn check_options(&self) -> check::Options {
        check::Options { catalog: self.environment.catalog.clone(), ..check::Options::default() }
    }
}

impl Run<'_> {
    /// Runs until `end`, then only reports.
    async fn run(&self, end: Instant) -> Ended {
        let mut work = RunState::default();
        let mut refused = Refused::default();
        let request = self.invocation.request;
        let mut store = match tokio::time::timeout_at(end, Store::load(&self.bucket, request)).await {
            Ok(Ok((store, found))) => {
                if found != Found::Valid {
                    let found = json!({ "found": format!("{found:?}") });
                    self.log.line(LogLevel::Warn, "cannot use the saved state: reading everything again", found);
                }
                Some(store)
            }
            Ok(Err(failure)) => {
                work.fail("cannot read the state in the bucket", failure);
                None
            }
            Err(_) => {
                work.fail("cannot read the state in the bucket", out_of_time());
                None
            }
        };
        if let Some(store) = &mut store {
            // Unsent reports must not delay the changes to the account for long.
            let patience = Instant::now() + DELIVERY.min(self.invocation.time / RESERVED_PART);
            self.function.deliver(store, &mut refused, patience.min(end), self.log).await;
            if tokio::time::timeout_at(end, self.work(store, &mut work)).await.is_err() {
                work.fail("the run did not finish", out_of_time());
            }
        }
        // Lambda kills the process shortly after this.
        let last = self.started + self.invocation.time - self.invocation.time / LAST_PART;
        self.report(store, work, refused, last).await
    }

    /// Reads, plans and applies. Returns early if one of these steps fails.
    async fn work(&self, store: &mut Store, work: &mut RunState) {
        let Self { function, invocation, client, bucket, log, .. } = self;
        let Environment { location, settings, .. } = &function.environment;
        let sources = match bucket_catalog::read(bucket, &location.prefix, &mut store.state).await {
            Ok(sources) => sources,
            Err(failure) => return work.fail("cannot read the bucket", failure),
        };
        let checked = work.checked.insert(check(sources, &function.check_options()));
        trace::checked(log, checked);
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
        trace::planned(log, plan);
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
        let Applied { results, written } =
            apply(client, plan, |change, result| trace::result(log, change, result)).await;
        work.writing = false;
        reading.keep_written(written);
        keep(store, &reading);
        work.results = Some(results);
    }

    /// Collects what is new, writes the report to the outbox, and sends it.
    async fn report(&self, mut store: Option<Store>, work: RunState, mut refused: Refused, end: Instant) -> Ended {
        let Self { function, invocation, log, .. } = self;
        let Environment { settings, location, .. } = &function.environment;
        let known = store.as_mut().map(|store| std::mem::take(&mut store.state.known)).unwrap_or_default();
        let uploads = store.as_ref().map(|store| store.state.uploads()).unwrap_or_default();
        let RunState { checked, mut plan, results, not_planned, interrupted, writing } = work;
        if writing {
            // The next run reports the results.
            plan = None;
        }
        let facts = Facts {
            checked: checked.as_ref(),
            not_planned: not_planned.as_ref(),
            plan: plan.as_ref(),
            results: results.as_deref(),
        };
        let news = News::new(facts, known);
        let target = target(&invocation.target, plan.as_ref());
        // With errors in the configuration, the name may be invalid.
        let catalog = checked.as_ref().map(|checked| checked.catalog.name.clone()).filter(|name| is_catalog_name(name));
        let catalog = catalog.or_else(|| function.environment.catalog.clone()).unwrap_or_else(|| "unknown".to_owned());
        let reported_plan = reported_plan(plan.as_ref(), results.is_some());
        let plans = settings.mode == Mode::Plan && plan.is_some() && results.is_none();
        let plan_is_known = !plans || store.as_ref().is_some_and(|store| store.state.reported_plan == reported_plan);
        let mut run = RunReport {
            triggers: invocation.triggers,
            mode: settings.mode,
            target: &target,
            catalog: &catalog,
            location: &format!("s3://{}/{}", location.bucket, location.prefix),
            uploads: &uploads,
            checked: checked.as_ref(),
            not_planned: not_planned.as_ref(),
            plan: plan.as_ref(),
            results: results.as_deref(),
            interrupted: &interrupted,
            news: &news,
            plan_is_known,
            retry: None,
        };
        let failed = run.is_transient() || matches!(not_planned, Some(NotPlanned::Failed { .. }));
        if failed {
            run.retry = tokio::time::timeout_at(end, function.retry(invocation.messages, log)).await.ok().flatten();
        }
        let due = run.due(settings.notify);
        let message = |subject: Option<String>, body: String| Message { subject, body, attributes: run.attributes() };
        let mail = due.mail.then(|| message(Some(mail::subject(&run)), mail::text(&run)));
        let wants_event = due.event && function.environment.events_topic.is_some();
        let event = wants_event.then(|| message(None, json::document(&run)));
        trace::end(log, &run, due.mail);
        let mut saved = true;
        if let Some(store) = &mut store {
            if plan.is_some() {
                for open in open_entries(store) {
                    store.finish(&open);
                }
            }
            store.state.known.clone_from(&news.known);
            if plans {
                store.state.reported_plan = reported_plan;
            } else if results.is_some() {
                store.state.reported_plan = None;
            }
            let only_reports = Triggers { report: false, ..invocation.triggers }.is_none();
            if !failed && !only_reports {
                store.state.forget_uploads();
            }
            if mail.is_some() || event.is_some() {
                let outcome = run.outcome().name().to_owned();
                store.state.last_report = Some(LastReport { run: store.run(), outcome });
                let entry = Entry::of_messages(&format!("{}/report", store.run()), mail, event);
                trace::dropped(log, store.put(entry));
            }
            saved = save(store, end, log).await;
            // If the state cannot be written, later runs do not know what was reported. To avoid a report from every
            // attempt, it is sent only if something changed or no attempt is left.
            let acted = run.counts().into_iter().any(|(kind, count)| kind != ChangeKind::Unchanged && count > 0);
            let attempts_left = run.retry.is_some_and(|retry| !retry.gives_up);
            if saved || acted || !attempts_left {
                function.deliver(store, &mut refused, end, log).await;
                saved &= save(store, end, log).await;
            }
        } else if run.retry.is_none_or(|retry| retry.gives_up) {
            let entry = Entry::of_messages(invocation.request, mail, event);
            function.send(&entry, &mut refused, end, log).await;
        }
        let retry = failed || !saved || refused.any();
        if retry {
            let returned = async {
                let wait = if run.retry.is_some() { run.retry } else { function.retry(invocation.messages, log).await };
                function.return_messages(invocation.messages, wait, log).await;
            };
            // If this hangs, the queue's visibility timeout applies.
            let _ = tokio::time::timeout_at(end, returned).await;
        }
        let figures = Figures {
            function: invocation.function,
            account_calls: self.client.sent(),
            bucket_calls: self.bucket.sent(),
            took: self.started.elapsed(),
            retry,
        };
        trace::metrics(log, &run, &figures);
        Ended { outcome: run.outcome(), retry, unreported: refused.any() }
    }
}

/// The failure of what does not finish before the deadline.
fn out_of_time() -> Failure {
    Failure::transient("the invocation", "it ran out of time")
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

/// A digest of the planned changes that were not applied. `None` if there are none.
fn reported_plan(plan: Option<&Plan>, applied: bool) -> Option<String> {
    let plan = plan.filter(|_| !applied)?;
    let pending: Vec<String> = plan
        .changes
        .iter()
        .filter(|change| change.writes())
        .map(|change| format!("{:?}", (change.kind, change.object, &change.name, &change.fields, &change.tags)))
        .collect();
    (!pending.is_empty()).then(|| sha256(pending.join("\n").as_bytes()))
}

fn open_entries(store: &Store) -> Vec<String> {
    store.state.outbox.iter().filter(|entry| entry.is_open()).map(|entry| entry.id.clone()).collect()
}

/// The changes that interrupted runs had started, and whether they were applied.
fn interrupted(store: &Store, plan: &Plan, reading: &Reading) -> Vec<(StartedChange, bool)> {
    let exists = |object: ObjectType, name: &str| match object {
        ObjectType::Control => reading.actual().controls.iter().any(|control| control.name == name),
        ObjectType::Framework => reading.actual().frameworks.iter().any(|framework| framework.name == name),
    };
    let started = store.state.outbox.iter().flat_map(Entry::changes);
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
    match tokio::time::timeout_at(end, store.save()).await.unwrap_or_else(|_| Err(out_of_time())) {
        Ok(()) => true,
        Err(failure) => {
            trace::failure(log, LogLevel::Error, "the state was not written", &failure);
            false
        }
    }
}

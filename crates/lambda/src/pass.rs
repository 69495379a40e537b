//! One pass: what the bucket holds, what the account holds, the plan, what came of it, and who is told.

use std::time::Duration;

use controlsync_aws::account::Reading;
use controlsync_aws::apply::{Applied, apply};
use controlsync_aws::bucket::{Bucket, sha256};
use controlsync_aws::queue::Queue;
use controlsync_aws::topic::Topics;
use controlsync_aws::{Client, Connection};
use controlsync_core::applied::{ChangeResult, Failure};
use controlsync_core::check::{self, Checked, check};
use controlsync_core::pass::notice::News;
use controlsync_core::pass::{Again, Begun, Mode, Outcome, Pass, Stop, Wake, json, mail};
use controlsync_core::plan::{ObjectType, Plan, Target};
use serde_json::json;

use crate::catalogue;
use crate::environment::Environment;
use crate::event::Message as Queued;
use crate::log::{Level, Log};
use crate::state::{Entry, Found, Message, Store};
use crate::trace::{self, Figures};

/// The time before the end of an invocation at which nothing new is started, and at most this part of the whole.
const RESERVE: Duration = Duration::from_secs(20);
const RESERVED_PART: u32 = 4;
/// How long messages are hidden before the second try, in seconds; it doubles with each, up to the longest.
const FIRST_WAIT: u32 = 30;
const LONGEST_WAIT: u32 = 600;
/// How often a message is received before it is given up where its queue does not say.
const MAX_RECEIVES: u32 = 5;

/// What is made once and serves all invocations.
#[derive(Debug)]
pub struct Function {
    /// What whoever deployed it has decided.
    pub environment: Environment,
    client: Client,
    bucket: Bucket,
    topics: Topics,
    queue: Option<Queue>,
}

/// One invocation.
#[derive(Debug)]
pub struct Invocation<'a> {
    /// Its id.
    pub request: &'a str,
    /// The name of the function.
    pub function: &'a str,
    /// The account and Region of the function.
    pub target: Target,
    /// Why there shall be a pass.
    pub wake: Wake,
    /// The messages that brought it.
    pub messages: &'a [Queued],
    /// How long it may take.
    pub time: Duration,
}

/// What an invocation comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// What its pass comes to.
    pub outcome: Outcome,
    /// Whether what woke it shall come again.
    pub again: bool,
    /// Whether people or programs could not be told.
    pub untold: bool,
}

/// What a pass has found so far.
#[derive(Default)]
struct Work {
    checked: Option<Checked>,
    reading: Option<Reading>,
    plan: Option<Plan>,
    results: Option<Vec<ChangeResult>>,
    stop: Option<Stop>,
    earlier: Vec<(Begun, bool)>,
}

impl Work {
    fn fail(&mut self, what: &'static str, failure: Failure) {
        self.stop = Some(Stop::Failed { what, failure });
    }
}

impl Function {
    /// The function with its clients.
    pub fn new(environment: Environment, connection: &Connection) -> Self {
        Self {
            client: connection.audit_manager(),
            bucket: connection.bucket(&environment.place.bucket),
            topics: connection.topics(),
            queue: environment.queue.as_deref().map(|url| connection.queue(url)),
            environment,
        }
    }

    /// Makes a pass.
    pub async fn pass(&self, invocation: &Invocation<'_>, log: &Log) -> Ended {
        let client = self.client.for_run();
        let bucket = self.bucket.for_run();
        let reserve = RESERVE.min(invocation.time / RESERVED_PART);
        let timer = tokio::spawn({
            let (stop, time) = (client.stop().clone(), invocation.time.saturating_sub(reserve));
            async move {
                tokio::time::sleep(time).await;
                stop.ask();
            }
        });
        let started = tokio::time::Instant::now();
        let ended = Box::pin(self.run(invocation, &client, &bucket, log, started)).await;
        timer.abort();
        ended
    }

    async fn run(
        &self,
        invocation: &Invocation<'_>,
        client: &Client,
        bucket: &Bucket,
        log: &Log,
        started: tokio::time::Instant,
    ) -> Ended {
        let mut work = Work::default();
        let mut store = match Store::load(bucket, invocation.request).await {
            Ok((store, found)) => {
                if found != Found::Whole {
                    log.line(
                        Level::Warn,
                        "the state in the bucket is read anew",
                        json!({ "found": format!("{found:?}") }),
                    );
                }
                Some(store)
            }
            Err(failure) => {
                work.fail("cannot read the state in the bucket", failure);
                None
            }
        };
        let mut untold = false;
        if let Some(store) = &mut store {
            untold |= !self.deliver(store, log).await;
            Box::pin(self.work(invocation, client, bucket, store, &mut work, log)).await;
        }
        self.tell(invocation, client, bucket, store, work, log, untold, started).await
    }

    /// Reads, plans and writes, until something stands in the way.
    async fn work(
        &self,
        invocation: &Invocation<'_>,
        client: &Client,
        bucket: &Bucket,
        store: &mut Store,
        work: &mut Work,
        log: &Log,
    ) {
        let sources = match catalogue::read(bucket, &self.environment.place.prefix, &mut store.state.files).await {
            Ok(catalogue) => {
                store.state.add_uploads(catalogue.uploads);
                catalogue.sources
            }
            Err(failure) => return work.fail("cannot read the bucket", failure),
        };
        let checked = check(sources, &self.check_options());
        log.line(Level::Info, "read the catalogue", json!({ "files": checked.sources.len() }));
        for found in checked.findings_beside_a_plan() {
            let path = checked.sources.get(found.file).path();
            log.line(
                Level::Info,
                "found",
                json!({ "rule": found.rule.id, "severity": found.severity.name(), "path": path }),
            );
        }
        let checked = work.checked.insert(checked);
        work.stop = Stop::of(checked);
        if work.stop.is_some() {
            return;
        }
        let mut reading = match Reading::start(client).await {
            Ok(reading) => reading,
            Err(failure) => return work.fail("cannot read the account", failure),
        };
        if let Some(snapshot) = store.state.snapshot() {
            reading.remember(snapshot);
        }
        let options = self.environment.settings.options(invocation.wake);
        let planned = reading.plan(&checked.catalog, &checked.sources, &options, |_, _| {}).await;
        keep(store, &reading);
        let reading = work.reading.insert(reading);
        let mut plan = match planned {
            Ok(plan) => plan,
            Err(failure) => return work.fail("cannot read the account", failure),
        };
        checked.configure(&mut plan.diagnostics);
        work.earlier = earlier(store, &plan, reading);
        let plan = work.plan.insert(plan);
        let pending = plan.changes.iter().filter(|change| change.writes()).count();
        log.line(Level::Info, "planned", json!({ "changes": pending, "outcome": format!("{:?}", plan.outcome()) }));
        if !self.environment.settings.writes(invocation.wake) {
            return;
        }
        if pending > 0 {
            let begun = Entry::begun(invocation.request, plan.changes.iter().filter(|change| change.writes()));
            store.put(begun);
            if let Err(failure) = store.save().await {
                // What nobody could be told of afterwards is not begun.
                store.finish(invocation.request);
                return work.fail("cannot write the state into the bucket", failure);
            }
        }
        let Applied { results, written } =
            apply(client, plan, |change, result| trace::result(log, change, result)).await;
        reading.keep_written(written);
        keep(store, reading);
        work.results = Some(results);
    }

    fn check_options(&self) -> check::Options {
        check::Options { catalog: self.environment.catalog.clone(), ..check::Options::default() }
    }

    /// Finds out what is news, writes it into the outbox, and sends it.
    #[expect(clippy::too_many_arguments, reason = "all that a pass has, once")]
    async fn tell(
        &self,
        invocation: &Invocation<'_>,
        client: &Client,
        bucket: &Bucket,
        mut store: Option<Store>,
        work: Work,
        log: &Log,
        mut untold: bool,
        started: tokio::time::Instant,
    ) -> Ended {
        let Environment { settings, place, .. } = &self.environment;
        let known = store.as_mut().map(|store| std::mem::take(&mut store.state.known)).unwrap_or_default();
        let uploads = store.as_ref().map(|store| store.state.uploads()).unwrap_or_default();
        let Work { checked, plan, results, stop, earlier, .. } = work;
        let news = News::new(checked.as_ref(), stop.as_ref(), plan.as_ref(), known);
        let target = target(&invocation.target, plan.as_ref());
        let catalog = checked.as_ref().map(|checked| checked.catalog.name.clone());
        let catalog = catalog.or_else(|| self.environment.catalog.clone()).unwrap_or_else(|| "unknown".to_owned());
        let told_plan = told_plan(plan.as_ref(), results.is_some());
        let plans = settings.mode == Mode::Plan && plan.is_some() && results.is_none();
        let plan_is_known = !plans || store.as_ref().is_some_and(|store| store.state.told_plan == told_plan);
        let mut pass = Pass {
            wake: invocation.wake,
            mode: settings.mode,
            target: &target,
            catalog: &catalog,
            place: &format!("s3://{}/{}", place.bucket, place.prefix),
            uploads: &uploads,
            checked: checked.as_ref(),
            stop: stop.as_ref(),
            plan: plan.as_ref(),
            results: results.as_deref(),
            earlier: &earlier,
            news: &news,
            plan_is_known,
            again: None,
        };
        let failed = matches!(stop, Some(Stop::Failed { .. }));
        let comes_again = pass.is_transient() || failed;
        if comes_again {
            pass.again = self.again(invocation.messages, log).await;
        }
        let due = pass.due(settings.notify);
        let message = |subject: Option<String>, body: String| Message { subject, body, attributes: pass.attributes() };
        let mail = due.mail.then(|| message(Some(mail::subject(&pass)), mail::text(&pass)));
        let wants_event = due.event && self.environment.events_topic.is_some();
        let event = wants_event.then(|| message(None, json::document(&pass)));
        let outcome = pass.outcome();
        trace::end(log, &pass, due.mail);
        let entry = Entry::of_messages(invocation.request, mail, event);
        let mut saved = true;
        if let Some(store) = &mut store {
            store.finish(invocation.request);
            for open in open_entries(store).into_iter().filter(|_| plan.is_some()) {
                store.finish(&open);
            }
            store.state.known.clone_from(&news.known);
            if plans {
                store.state.told_plan = told_plan;
            } else if results.is_some() {
                store.state.told_plan = None;
            }
            if !comes_again {
                store.state.forget_uploads();
            }
            if entry.mail.is_some() || entry.event.is_some() {
                store.put(entry);
            }
            saved &= save(store, log).await;
            untold |= !self.deliver(store, log).await;
            saved &= save(store, log).await;
        } else if pass.again.is_none_or(|again| again.seconds.is_none()) {
            untold |= !self.send(&entry, log).await;
        }
        let again = comes_again || !saved || untold;
        if again {
            let again = if pass.again.is_some() { pass.again } else { self.again(invocation.messages, log).await };
            self.give_back(invocation.messages, again, log).await;
        }
        let figures = Figures {
            function: invocation.function,
            account_calls: client.sent(),
            bucket_calls: bucket.sent(),
            took: started.elapsed(),
            again,
        };
        trace::metrics(log, &pass, &figures);
        Ended { outcome, again, untold }
    }

    /// When what woke the function comes again; none where it came without a queue.
    async fn again(&self, messages: &[Queued], log: &Log) -> Option<Again> {
        let queue = self.queue.as_ref()?;
        let receives = messages.iter().map(|message| message.receives).max()?;
        let most = match queue.max_receives().await {
            Ok(most) => most.unwrap_or(u32::MAX),
            Err(failure) => {
                trace::failure(log, Level::Warn, "the queue does not say how often it gives a message", &failure);
                MAX_RECEIVES
            }
        };
        let wait = FIRST_WAIT.saturating_mul(1_u32.checked_shl(receives.saturating_sub(1)).unwrap_or(u32::MAX));
        Some(Again { seconds: (receives < most).then_some(wait.min(LONGEST_WAIT)) })
    }

    /// Hides the messages until they shall come again. Where that fails, they come when the queue thinks best.
    async fn give_back(&self, messages: &[Queued], again: Option<Again>, log: &Log) {
        let seconds = again.and_then(|again| again.seconds);
        if let (Some(queue), Some(seconds)) = (&self.queue, seconds) {
            let receipts: Vec<String> = messages.iter().map(|message| message.receipt.clone()).collect();
            let seconds = i32::try_from(seconds).unwrap_or(i32::MAX);
            if let Err(failure) = queue.hide(&receipts, seconds).await {
                trace::failure(log, Level::Warn, "the messages come again when their queue thinks best", &failure);
            }
        }
    }

    /// Sends what is in the outbox and can be sent; false where something stays.
    async fn deliver(&self, store: &mut Store, log: &Log) -> bool {
        let mut all = true;
        let entries: Vec<Entry> = store.state.outbox.iter().filter(|entry| !entry.is_open()).cloned().collect();
        for entry in entries {
            let sent = self.send(&entry, log).await;
            all &= sent;
            if sent {
                store.finish(&entry.id);
            }
        }
        all
    }

    /// Sends the messages of an entry. Where one of them fails, both are sent again: better twice than never.
    async fn send(&self, entry: &Entry, log: &Log) -> bool {
        let messages =
            [(Some(&self.environment.topic), &entry.mail), (self.environment.events_topic.as_ref(), &entry.event)];
        for (topic, message) in messages {
            let (Some(topic), Some(Message { subject, body, attributes })) = (topic, message) else { continue };
            match self.topics.publish(topic, subject.as_deref(), body, attributes).await {
                Ok(()) => log.line(Level::Info, "told", json!({ "topic": topic, "pass": entry.id })),
                Err(failure) => {
                    trace::failure(log, Level::Error, "a message was not taken, and is kept", &failure);
                    return false;
                }
            }
        }
        true
    }
}

/// The account as the plan knows it, else as the function does.
fn target(own: &Target, plan: Option<&Plan>) -> Target {
    match plan {
        Some(Plan { target: Target { account: Some(account), region }, .. }) => {
            Target { account: Some(account.clone()), region: region.clone() }
        }
        _ => own.clone(),
    }
}

/// What is planned and not carried out, as a digest; none where nothing is.
fn told_plan(plan: Option<&Plan>, carried_out: bool) -> Option<String> {
    let plan = plan.filter(|_| !carried_out)?;
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

/// What passes had begun when they broke off, and whether it was carried out.
fn earlier(store: &Store, plan: &Plan, reading: &Reading) -> Vec<(Begun, bool)> {
    let held = |object: ObjectType, name: &str| match object {
        ObjectType::Control => reading.actual().controls.iter().any(|held| held.name == name),
        ObjectType::Framework => reading.actual().frameworks.iter().any(|held| held.name == name),
    };
    let begun = store.state.outbox.iter().flat_map(Entry::changes);
    begun
        .map(|begun| {
            let done = begun.is_done(plan, held);
            (begun, done)
        })
        .collect()
}

fn keep(store: &mut Store, reading: &Reading) {
    if let Some(snapshot) = reading.to_keep() {
        store.state.keep_snapshot(snapshot);
    }
}

async fn save(store: &mut Store, log: &Log) -> bool {
    match store.save().await {
        Ok(()) => true,
        Err(failure) => {
            trace::failure(log, Level::Error, "the state was not written", &failure);
            false
        }
    }
}

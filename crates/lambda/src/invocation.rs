//! One invocation of a function: from its event to its response.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lambda_events::sqs::SqsBatchResponse;
use controlsync_core::change_result::Failure;
use controlsync_core::identifiers::Arn;
use controlsync_core::plan::Target;
use controlsync_core::run::Triggers;
use lambda_runtime::{Error, LambdaEvent};
use serde::Serialize;
use serde_json::{Value as Json, json};
use tokio::time::Instant;

use crate::event::{self, Batch, CatalogLocation, Message};
use crate::log::{Log, LogLevel};
use crate::trace;

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
    pub messages: &'a [Message],
    /// The number of messages that could not be read.
    pub unreadable: usize,
    /// The time until its deadline.
    pub time: Duration,
}

/// How an invocation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Name of the outcome of the run.
    pub outcome: &'static str,
    /// Whether its messages are to be retried.
    pub retry: bool,
    /// Whether a report could not be sent.
    pub unreported: bool,
}

/// The response to an event.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Response {
    /// To a batch of the queue: the messages to retry.
    Batch(SqsBatchResponse),
    /// To an event without a queue: the outcome, if there was a run.
    Outcome { outcome: Option<&'static str> },
}

/// Handles one invocation: `run` runs the function once.
///
/// # Errors
///
/// The event is not supported, or it is to be sent again.
pub(crate) async fn handle(
    location: &CatalogLocation,
    region: &str,
    level: LogLevel,
    event: LambdaEvent<Json>,
    run: impl AsyncFnOnce(&Invocation<'_>, &Log) -> Ended,
) -> Result<Response, Error> {
    let LambdaEvent { payload, context } = event;
    let log = Log::new(level, context.request_id.clone());
    let Batch { triggers, messages, unknown } = event::read(&payload, location);
    for what in &unknown {
        log.line(LogLevel::Error, "unsupported event", json!({ "event": what }));
    }
    if triggers.is_none() {
        trace::unreadable(&log, &context.env_config.function_name, unknown.len());
        if let (Some(what), []) = (unknown.first(), messages.as_slice()) {
            return Err(format!("unsupported event: {what}; see docs/lambda.md for the supported events").into());
        }
        log.line(
            LogLevel::Info,
            "the event does not affect the catalog; nothing to run",
            json!({ "messages": messages.len() }),
        );
        return Ok(match messages.as_slice() {
            [] => Response::Outcome { outcome: None },
            _ => Response::Batch(event::failures(&[])),
        });
    }
    let invocation = Invocation {
        request: &context.request_id,
        function: &context.env_config.function_name,
        target: own_target(&context.invoked_function_arn, region),
        triggers,
        messages: &messages,
        unreadable: unknown.len(),
        time: until(context.deadline),
    };
    log.line(LogLevel::Info, "the run started", json!({ "trigger": triggers.name(), "messages": messages.len() }));
    let Ended { outcome, retry, unreported } = run(&invocation, &log).await;
    if unreported {
        return Err("the report could not be sent; it is kept and the next run sends it".into());
    }
    match messages.as_slice() {
        [] if retry => Err(format!("the run did not finish: {outcome}").into()),
        [] => Ok(Response::Outcome { outcome: Some(outcome) }),
        _ if retry => Ok(Response::Batch(event::failures(&messages))),
        _ => Ok(Response::Batch(event::failures(&[]))),
    }
}

/// The account and Region of the function, from its ARN.
fn own_target(arn: &str, region: &str) -> Target {
    let account = Arn::parse(arn).and_then(|arn| arn.account());
    Target { account: account.map(str::to_owned), region: region.to_owned() }
}

/// The time until a deadline, given in milliseconds since 1970.
fn until(deadline: u64) -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Duration::from_millis(deadline).saturating_sub(now)
}

/// Waits for a request until a time.
pub(crate) async fn within<T>(end: Instant, request: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::time::timeout_at(end, request).await.unwrap_or_else(|_| Err(out_of_time()))
}

/// The failure of what does not finish before the deadline.
pub(crate) fn out_of_time() -> Failure {
    Failure::transient("the invocation", "it ran out of time")
}

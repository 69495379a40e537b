//! The function `sync`: applies the catalog in the bucket to the account.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lambda_events::sqs::SqsBatchResponse;
use controlsync_aws::{Connection, Settings};
use controlsync_core::identifiers::Arn;
use controlsync_core::plan::Target;
use lambda_runtime::{Error, LambdaEvent};
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::environment::Environment;
use crate::event::{self, Batch};
use crate::function::{Ended, Function, Invocation};
use crate::log::{Log, LogLevel};
use crate::{run, startup, trace};

/// Reads the settings, then handles events.
///
/// # Errors
///
/// A setting is invalid, or the Runtime API failed.
pub async fn start(level: LogLevel) -> Result<(), String> {
    let environment = Environment::read(startup::variables())?;
    let settings = Settings { rate: Some(environment.rate), ..Settings::default() };
    let connection = Connection::open(&settings).await.map_err(|error| error.to_string())?;
    let function = Function::new(environment, &connection);
    let (function, region) = (&function, connection.region());
    startup::serve(|event| async move { handle(function, region, level, event).await }).await
}

/// The response to an event.
#[derive(Serialize)]
#[serde(untagged)]
enum Response {
    /// To a batch of the queue: the messages to retry.
    Batch(SqsBatchResponse),
    /// To an event without a queue: the outcome, if there was a run.
    Outcome { outcome: Option<&'static str> },
}

/// Handles one invocation.
async fn handle(
    function: &Function,
    region: &str,
    level: LogLevel,
    event: LambdaEvent<Json>,
) -> Result<Response, Error> {
    let LambdaEvent { payload, context } = event;
    let log = Log::new(level, context.request_id.clone());
    let Batch { triggers, messages, unknown } = event::read(&payload, &function.environment.location);
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
    let Ended { outcome, retry, unreported } = run::run(function, &invocation, &log).await;
    if unreported {
        return Err("the report could not be sent; it is kept and the next run sends it".into());
    }
    match messages.as_slice() {
        [] if retry => Err(format!("the run did not finish: {}", outcome.name()).into()),
        [] => Ok(Response::Outcome { outcome: Some(outcome.name()) }),
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

//! The function that uploads of a catalog triggers: it brings the account to what the bucket holds, and tells people.
//!
//! In reading order: [`log`] writes lines and metrics, [`trace`] what a run leaves there, [`event`] is what woke the
//! function, [`environment`] what whoever deployed it has decided, [`state`] what runs leave for later ones, [`catalog`]
//! what the bucket holds, [`run`] one run, [`delivery`] who is told of it.

mod log;
mod trace;
mod event;
mod environment;
mod state;
mod bucket_catalog;
mod function;
mod delivery;

use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use controlsync_aws::{Connection, Settings};
use controlsync_core::plan::Target;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value as Json, json};

use crate::environment::Environment;
use crate::event::Batch;
use crate::function::{Ended, Function, Invocation};
use crate::log::{Log, LogLevel};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    log::log_panics();
    let level = LogLevel::from_environment();
    match start(level).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            Log::new(level, String::new()).line(
                LogLevel::Error,
                "the function cannot start",
                json!({ "reason": reason }),
            );
            ExitCode::FAILURE
        }
    }
}

async fn start(level: LogLevel) -> Result<(), String> {
    let variables =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let environment = Environment::read(variables)?;
    let settings = Settings { rate: Some(environment.rate), ..Settings::default() };
    let connection = Connection::open(&settings).await.map_err(|error| error.to_string())?;
    let function = Function::new(environment, &connection);
    let function = &function;
    let region = connection.region();
    lambda_runtime::run(service_fn(
        |event: LambdaEvent<Json>| async move { handle(function, region, level, event).await },
    ))
    .await
    .map_err(|error| error.to_string())
}

/// Answers one invocation: the messages that shall come again, or for an event without a queue what came of it.
async fn handle(function: &Function, region: &str, level: LogLevel, event: LambdaEvent<Json>) -> Result<Json, Error> {
    let LambdaEvent { payload, context } = event;
    let log = Log::new(level, context.request_id.clone());
    let Batch { triggers, messages, unknown } = event::read(&payload, &function.environment.location);
    for what in &unknown {
        log.line(LogLevel::Error, "an event could not be made out", json!({ "event": what }));
    }
    if triggers.is_none() {
        if let (Some(what), []) = (unknown.first(), messages.as_slice()) {
            return Err(format!("{what} could not be made out; see docs/lambda.md for those that can").into());
        }
        log.line(LogLevel::Info, "nothing of the catalog: no run", json!({ "messages": messages.len() }));
        return Ok(if messages.is_empty() { json!({ "outcome": Json::Null }) } else { given_back(&[]) });
    }
    let invocation = Invocation {
        request: &context.request_id,
        function: &context.env_config.function_name,
        target: own_target(&context.invoked_function_arn, region),
        triggers,
        messages: &messages,
        time: until(context.deadline),
    };
    log.line(LogLevel::Info, "a run begins", json!({ "trigger": triggers.name(), "messages": messages.len() }));
    let Ended { outcome, retry, unreported } = function.run(&invocation, &log).await;
    if unreported {
        return Err("a message about the run could not be sent; it is kept, and sent by the next run".into());
    }
    match messages.as_slice() {
        [] if retry => Err(format!("the run did not come to its end: {}", outcome.name()).into()),
        [] => Ok(json!({ "outcome": outcome.name() })),
        _ if retry => Ok(given_back(&messages)),
        _ => Ok(given_back(&[])),
    }
}

/// What tells a queue which messages shall come again
/// (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>).
fn given_back(messages: &[event::Message]) -> Json {
    let items: Vec<Json> = messages.iter().map(|message| json!({ "itemIdentifier": message.id })).collect();
    json!({ "batchItemFailures": items })
}

/// The account and Region of the function, by its ARN.
fn own_target(arn: &str, region: &str) -> Target {
    let account = arn.split(':').nth(4).filter(|account| !account.is_empty());
    Target { account: account.map(str::to_owned), region: region.to_owned() }
}

/// The time until a deadline in milliseconds since 1970.
fn until(deadline: u64) -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Duration::from_millis(deadline).saturating_sub(now)
}

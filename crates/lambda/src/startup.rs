//! Starts a function: what its programs have in common.

use std::future::Future;
use std::process::ExitCode;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::log::{Log, LogLevel, log_panics};

/// Runs a function until the process ends. Panics are logged, and why it cannot start.
pub async fn run<F: Future<Output = Result<(), String>>>(start: impl FnOnce(LogLevel) -> F) -> ExitCode {
    log_panics();
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

/// The variables of the environment, without those that are not UTF-8: the function reads no such variable.
pub(crate) fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Handles events from the Runtime API, one at a time, as long as it has any.
///
/// # Errors
///
/// The Runtime API failed.
pub(crate) async fn serve<A, F>(handle: impl FnMut(LambdaEvent<Json>) -> F) -> Result<(), String>
where
    A: Serialize,
    F: Future<Output = Result<A, Error>>,
{
    lambda_runtime::run(service_fn(handle)).await.map_err(|error| error.to_string())
}

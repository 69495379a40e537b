//! The paths under `/_emulator/`: the library's test API for other processes.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::audit_manager::seed::SeedError;
use crate::faults::Fault;
use crate::options::Options;
use crate::service;
use crate::shared::Shared;
use crate::store::NotSaved;

/// Milliseconds of an hour.
const HOUR: u64 = 3_600_000;

/// The body of a request to let time pass.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Passing {
    pass_hours: u64,
}

/// Returns the status and the body for a request to `/_emulator/` + `path`.
pub(crate) async fn answer(shared: &Shared, method: &str, path: &str, body: &[u8]) -> (u16, Value) {
    match (path, method) {
        ("requests", "GET") => success(&shared.log.all()),
        ("requests", "DELETE") => success(&shared.log.take()),
        ("faults", "GET") => success(&shared.faults.all()),
        ("faults", "POST") => match serde_json::from_slice::<Fault>(body) {
            Ok(fault) => match shared.faults.add(fault) {
                Ok(()) => success(&shared.faults.all()),
                Err(error) => rejected(&error),
            },
            Err(error) => rejected(&error),
        },
        ("faults", "DELETE") => {
            shared.faults.clear();
            success(&shared.faults.all())
        }
        ("options", "GET") => success(&shared.options()),
        ("options", "POST") => match patched(&shared.options(), body) {
            Ok(options) => {
                if let Err(error) = options.check().and_then(|()| service::check_rates(&options)) {
                    return rejected(&error);
                }
                shared.reconfigure(|current| *current = options);
                success(&shared.options())
            }
            Err(error) => rejected(&error),
        },
        ("seed", "POST") => match serde_json::from_slice(body) {
            Ok(seed) => match shared.seed(seed).await {
                Ok(()) => (200, json!({})),
                Err(error @ SeedError::NotSaved(_)) => (500, json!({ "message": error.to_string() })),
                Err(error) => rejected(&error),
            },
            Err(error) => rejected(&error),
        },
        ("time", "POST") => match serde_json::from_slice::<Passing>(body) {
            Ok(Passing { pass_hours }) => match shared.pass_time(pass_hours.saturating_mul(HOUR)).await {
                Ok(()) => (200, json!({})),
                Err(NotSaved(error)) => (500, json!({ "message": error })),
            },
            Err(error) => rejected(&error),
        },
        _ => (
            404,
            json!({ "message": "/_emulator/ has requests, faults, options, seed and time; see docs/emulator.md" }),
        ),
    }
}

/// The options with some of their keys replaced, at any depth.
fn patched(options: &Options, patch: &[u8]) -> Result<Options, serde_json::Error> {
    let mut all = serde_json::to_value(options)?;
    merge(&mut all, serde_json::from_slice(patch)?);
    serde_json::from_value(all)
}

fn merge(target: &mut Value, patch: Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (name, value) in patch {
                merge(target.entry(name).or_insert(Value::Null), value);
            }
        }
        (target, patch) => *target = patch,
    }
}

fn success(value: &impl Serialize) -> (u16, Value) {
    match serde_json::to_value(value) {
        Ok(value) => (200, value),
        Err(error) => (500, json!({ "message": error.to_string() })),
    }
}

fn rejected(error: &impl ToString) -> (u16, Value) {
    (400, json!({ "message": error.to_string() }))
}

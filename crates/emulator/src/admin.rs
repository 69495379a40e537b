//! The paths under `/_emulator/`, through which tests in other processes reach what the library offers.

use serde::Serialize;
use serde_json::{Value, json};

use crate::faults::Fault;
use crate::options::Options;
use crate::seed::SeedError;
use crate::shared::Shared;

/// Answers a request to `/_emulator/` + `path` with a status and a body.
pub(crate) async fn answer(shared: &Shared, method: &str, path: &str, body: &[u8]) -> (u16, Value) {
    match (path, method) {
        ("requests", "GET") => shown(&shared.log.all()),
        ("requests", "DELETE") => shown(&shared.log.take()),
        ("faults", "GET") => shown(&shared.faults.all()),
        ("faults", "POST") => match serde_json::from_slice::<Fault>(body) {
            Ok(fault) => match shared.faults.add(fault) {
                Ok(()) => shown(&shared.faults.all()),
                Err(error) => refused(&error),
            },
            Err(error) => refused(&error),
        },
        ("faults", "DELETE") => {
            shared.faults.clear();
            shown(&shared.faults.all())
        }
        ("options", "GET") => shown(&shared.options()),
        ("options", "POST") => match patched(&shared.options(), body) {
            Ok(options) => {
                shared.reconfigure(|held| *held = options);
                shown(&shared.options())
            }
            Err(error) => refused(&error),
        },
        ("seed", "POST") => match serde_json::from_slice(body) {
            Ok(seed) => match shared.seed(seed).await {
                Ok(()) => (200, json!({})),
                Err(error @ SeedError::NotKept(_)) => (500, json!({ "message": error.to_string() })),
                Err(error) => refused(&error),
            },
            Err(error) => refused(&error),
        },
        _ => (404, json!({ "message": "/_emulator/ has requests, faults, options and seed; see docs/emulator.md" })),
    }
}

/// The options with some of their members replaced, at any depth.
fn patched(options: &Options, patch: &[u8]) -> Result<Options, serde_json::Error> {
    let mut all = serde_json::to_value(options)?;
    merge(&mut all, serde_json::from_slice(patch)?);
    serde_json::from_value(all)
}

fn merge(held: &mut Value, patch: Value) {
    match (held, patch) {
        (Value::Object(held), Value::Object(patch)) => {
            for (name, value) in patch {
                merge(held.entry(name).or_insert(Value::Null), value);
            }
        }
        (held, patch) => *held = patch,
    }
}

fn shown(value: &impl Serialize) -> (u16, Value) {
    match serde_json::to_value(value) {
        Ok(value) => (200, value),
        Err(error) => (500, json!({ "message": error.to_string() })),
    }
}

fn refused(error: &impl ToString) -> (u16, Value) {
    (400, json!({ "message": error.to_string() }))
}

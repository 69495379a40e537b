//! Events of the function: wrapping an event does not change its meaning.

use anyhow::{Result, ensure};
use controlsync_lambda::event::{Batch, CatalogLocation, read};
use fastrand::Rng;
use serde_json::{Value as Json, json};

use crate::mutate::{json_text, mutate_json};
use crate::{File, content};

/// The event in an input.
const FILE: &str = "event.json";

/// The ways an event can be wrapped.
const WRAPPINGS: [fn(&str) -> Json; 4] = [queued, published, notified, raw];

fn queued(body: &str) -> Json {
    json!({ "Records": [{ "messageId": "m", "receiptHandle": "r", "eventSource": "aws:sqs", "body": body,
                          "attributes": { "ApproximateReceiveCount": "3" } }] })
}

fn published(body: &str) -> Json {
    json!({ "Records": [{ "EventSource": "aws:sns", "Sns": { "Message": body } }] })
}

fn notified(body: &str) -> Json {
    json!({ "Type": "Notification", "TopicArn": "arn", "Message": body })
}

fn raw(body: &str) -> Json {
    json!({ "Records": [{ "messageId": "m", "body": body }] })
}

/// Generates a known event, wrapped and mutated.
pub fn input(_: &[File], rng: &mut Rng) -> Vec<File> {
    let mut event = match rng.u8(..6) {
        0 => json!({ "Records": [{ "eventSource": "aws:s3", "s3": { "bucket": { "name": "b" },
                                   "object": { "key": "team%2Fcontrols%2Fa+b.yaml" } } }] }),
        1 => json!({ "source": "aws.s3", "detail-type": "Object Created",
                     "detail": { "bucket": { "name": "b" }, "object": { "key": "team/controls/a.yaml" } } }),
        2 => json!({ "action": "reconcile" }),
        3 => json!({ "action": "report" }),
        4 => json!({ "source": "aws.scheduler", "detail-type": "Scheduled Event", "id": "1" }),
        _ => json!({ "Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b" }),
    };
    for _ in 0..rng.usize(..3) {
        mutate_json(&mut event, rng);
    }
    for _ in 0..rng.usize(..12) {
        event = WRAPPINGS[rng.usize(..WRAPPINGS.len())](&event.to_string());
        if rng.u8(..4) == 0 {
            mutate_json(&mut event, rng);
        }
    }
    let text = event.to_string();
    vec![(FILE.to_owned(), if rng.bool() { json_text(&text, rng) } else { text.into_bytes() })]
}

/// Verifies that an event and its wrapped forms mean the same.
///
/// # Errors
///
/// An invariant is violated.
pub fn verify(files: &[File]) -> Result<()> {
    let Ok(event) = serde_json::from_slice::<Json>(content(files, FILE)) else { return Ok(()) };
    let location = CatalogLocation { bucket: "b".to_owned(), prefix: "team/".to_owned() };
    let bare = read(&event, &location);
    ensure!(bare == read(&event, &location), "two reads differ");
    let records = event.get("Records").and_then(Json::as_array).map_or(0, Vec::len);
    ensure!(bare.messages.len() <= records, "more messages than records");
    ensure!(bare.unknown.iter().all(|what| !what.is_empty()), "an unknown part without a name");
    let too_deep = |batch: &Batch| batch.unknown.iter().any(|what| what.contains("nested too deeply"));
    for wrap in WRAPPINGS {
        let wrapped = read(&wrap(&event.to_string()), &location);
        if !too_deep(&wrapped) {
            ensure!(
                wrapped.triggers == bare.triggers && wrapped.unknown == bare.unknown,
                "{wrapped:?} is not {bare:?}"
            );
        }
    }
    Ok(())
}

//! What wakes the function: whoever wraps an event changes nothing of what it means.

/// The function's own reading of events: its crate is a program, and comes with the AWS SDK.
#[path = "../../../crates/lambda/src/event.rs"]
pub mod event;

use anyhow::{Result, ensure};
use fastrand::Rng;
use serde_json::{Value as Json, json};

use self::event::{CatalogLocation, read};
use crate::mutate::{json_text, one_of_json};
use crate::{File, content};

/// Where an input has the event.
const FILE: &str = "event.json";

/// The ways in which an event comes wrapped.
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

/// An event that the function knows, wrapped, and something else before or after that.
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
        one_of_json(&mut event, rng);
    }
    for _ in 0..rng.usize(..12) {
        event = WRAPPINGS[rng.usize(..WRAPPINGS.len())](&event.to_string());
        if rng.u8(..4) == 0 {
            one_of_json(&mut event, rng);
        }
    }
    let text = event.to_string();
    vec![(FILE.to_owned(), if rng.bool() { json_text(&text, rng) } else { text.into_bytes() })]
}

/// Reads it, bare and wrapped.
///
/// # Errors
///
/// What does not hold.
pub fn hold(files: &[File]) -> Result<()> {
    let Ok(event) = serde_json::from_slice::<Json>(content(files, FILE)) else { return Ok(()) };
    let location = CatalogLocation { bucket: "b".to_owned(), prefix: "team/".to_owned() };
    let bare = read(&event, &location);
    ensure!(bare == read(&event, &location), "two runs differ");
    let records = event.get("Records").and_then(Json::as_array).map_or(0, Vec::len);
    ensure!(bare.messages.len() <= records, "more messages than records");
    ensure!(bare.unknown.iter().all(|what| !what.is_empty()), "what is unknown has no name");
    let too_often = |batch: &event::Batch| batch.unknown.iter().any(|what| what.contains("wrapped too often"));
    for wrap in WRAPPINGS {
        let wrapped = read(&wrap(&event.to_string()), &location);
        if !too_often(&wrapped) {
            ensure!(
                wrapped.triggers == bare.triggers && wrapped.unknown == bare.unknown,
                "{wrapped:?} is not {bare:?}"
            );
        }
    }
    Ok(())
}

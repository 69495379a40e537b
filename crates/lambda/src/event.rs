//! What triggered the function. An event is only a trigger: a run works from the current contents of the bucket.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use controlsync_core::catalog_path::kind_of;
use controlsync_core::run::Triggers;
use percent_encoding::percent_decode_str;
use serde::Deserialize as _;
use serde_json::Value as Json;

/// The deepest nesting of an event. A notification through a topic and a queue has three levels.
const MAX_DEPTH: usize = 8;

/// Location of the catalog.
#[derive(Clone, Debug)]
pub struct CatalogLocation {
    /// The bucket.
    pub bucket: String,
    /// Prefix of the keys of its files: empty, or ending with `/`.
    pub prefix: String,
}

impl CatalogLocation {
    /// Whether a key may belong to a file of the catalog.
    fn contains(&self, bucket: &str, key: &str) -> bool {
        bucket == self.bucket && key.strip_prefix(&self.prefix).is_some_and(|path| kind_of(path).is_some())
    }
}

/// A message from a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id, which returns it to the queue.
    pub id: String,
    /// Its receipt handle, which hides it.
    pub receipt: String,
    /// How often it was received, including this time.
    pub receives: u32,
}

/// An event and everything nested in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Reasons for a run. Empty if nothing in the event concerns the catalog.
    pub triggers: Triggers,
    /// The messages that carried the event. Empty if it came without a queue.
    pub messages: Vec<Message>,
    /// Descriptions of unsupported events.
    pub unknown: Vec<String>,
}

/// Reads an event from S3 or EventBridge, or an action. Each can be nested in SQS and SNS messages.
pub fn read(event: &Json, location: &CatalogLocation) -> Batch {
    let mut batch = Batch::default();
    unwrap(event, location, 0, &mut batch);
    batch
}

/// The response to a batch: these messages are to be retried
/// (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>).
pub fn failures(messages: &[Message]) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    response.set_failures(messages.iter().map(|message| message.id.as_str()));
    response
}

/// A batch of a queue; `None` for another event. The source of the records decides: all fields of a message are optional, so that
/// other events would have its type, too.
fn from_queue(event: &Json) -> Option<serde_json::Result<SqsEvent>> {
    let records = event.get("Records")?.as_array().filter(|records| !records.is_empty())?;
    let is_queued = |record: &Json| record.get("eventSource").and_then(Json::as_str) == Some("aws:sqs");
    records.iter().all(is_queued).then(|| SqsEvent::deserialize(event))
}

fn queued(event: SqsEvent, location: &CatalogLocation, depth: usize, batch: &mut Batch) {
    for message in event.records {
        let Some(id) = message.message_id else {
            batch.unknown.push("a message without an ID".to_owned());
            continue;
        };
        // Only Lambda's own batch can be retried, not one in a message.
        if depth == 0 {
            let receives = message.attributes.get("ApproximateReceiveCount");
            batch.messages.push(Message {
                id,
                receipt: message.receipt_handle.unwrap_or_default(),
                receives: receives.and_then(|count| count.parse().ok()).unwrap_or(1),
            });
        }
        inner(&message.body.unwrap_or_default(), location, depth, batch);
    }
}

fn unwrap(event: &Json, location: &CatalogLocation, depth: usize, batch: &mut Batch) {
    if depth > MAX_DEPTH {
        batch.unknown.push("an event nested too deeply".to_owned());
        return;
    }
    let text = |of: &Json, name: &str| of.get(name).and_then(Json::as_str).map(str::to_owned);
    if let Some(queued) = from_queue(event) {
        match queued {
            Ok(queued) => self::queued(queued, location, depth, batch),
            Err(_) => batch.unknown.push("a batch of a queue in an unknown form".to_owned()),
        }
    } else if let Some(records) = event.get("Records").and_then(Json::as_array) {
        for record in records {
            self::record(record, location, depth, batch);
        }
    } else if let (Some("Notification"), Some(message)) = (text(event, "Type").as_deref(), text(event, "Message")) {
        inner(&message, location, depth, batch);
    } else if text(event, "Event").as_deref() == Some("s3:TestEvent") {
        // S3 sends a test event when notifications are set up.
    } else if let Some(action) = text(event, "action") {
        match action.as_str() {
            "reconcile" => batch.triggers.reconcile = true,
            "report" => batch.triggers.report = true,
            other => batch.unknown.push(format!("unknown action {other:?}: use \"reconcile\" or \"report\"")),
        }
    } else if text(event, "detail-type").as_deref() == Some("Scheduled Event") {
        batch.triggers.schedule = true;
    } else if text(event, "source").as_deref() == Some("aws.s3") {
        let detail = &event["detail"];
        let name = |of: &str, key: &str| detail[of][key].as_str().unwrap_or_default().to_owned();
        // Keys from EventBridge are not URL-encoded.
        batch.triggers.upload |= location.contains(&name("bucket", "name"), &name("object", "key"));
    } else {
        batch.unknown.push(shape(event));
    }
}

fn record(record: &Json, location: &CatalogLocation, depth: usize, batch: &mut Batch) {
    let text = |name: &str| record.get(name).and_then(Json::as_str);
    if let Some(s3) = record.get("s3") {
        let key = decoded(s3["object"]["key"].as_str().unwrap_or_default());
        batch.triggers.upload |= location.contains(s3["bucket"]["name"].as_str().unwrap_or_default(), &key);
    } else if let Some(message) = record.pointer("/Sns/Message").and_then(Json::as_str) {
        inner(message, location, depth, batch);
    } else if let (Some(_), Some(body)) = (text("messageId"), text("body")) {
        // The body is all that counts of a message from elsewhere.
        inner(body, location, depth, batch);
    } else {
        batch.unknown.push(shape(record));
    }
}

fn inner(text: &str, location: &CatalogLocation, depth: usize, batch: &mut Batch) {
    match serde_json::from_str(text) {
        Ok(event) => unwrap(&event, location, depth + 1, batch),
        Err(_) => batch.unknown.push("a message that is not JSON".to_owned()),
    }
}

/// Decodes a key from an S3 notification, which encodes it like the query of a URL
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>).
fn decoded(key: &str) -> String {
    percent_decode_str(&key.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// Describes an event by its keys. Values may be private and are left out.
fn shape(event: &Json) -> String {
    match event {
        Json::Object(object) => {
            let names: Vec<&str> = object.keys().map(String::as_str).take(8).collect();
            format!("an event with the keys {}", names.join(", "))
        }
        Json::Null => "an empty event".to_owned(),
        _ => "an event that is not an object".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn location() -> CatalogLocation {
        CatalogLocation { bucket: "b".to_owned(), prefix: "team/".to_owned() }
    }

    fn upload() -> Triggers {
        Triggers { upload: true, ..Triggers::default() }
    }

    fn s3(key: &str) -> Json {
        json!({ "Records": [{ "eventSource": "aws:s3", "s3": { "bucket": { "name": "b" }, "object": { "key": key } } }] })
    }

    fn bridge(key: &str) -> Json {
        json!({ "source": "aws.s3", "detail-type": "Object Created",
                "detail": { "bucket": { "name": "b" }, "object": { "key": key } } })
    }

    fn queued(body: &Json) -> Json {
        json!({ "Records": [{ "messageId": "m", "receiptHandle": "r", "eventSource": "aws:sqs", "body": body.to_string(),
                              "attributes": { "ApproximateReceiveCount": "3" } }] })
    }

    fn published(body: &Json) -> Json {
        json!({ "Records": [{ "EventSource": "aws:sns", "Sns": { "Message": body.to_string() } }] })
    }

    fn notified(body: &Json) -> Json {
        json!({ "Type": "Notification", "TopicArn": "arn", "Message": body.to_string() })
    }

    #[test]
    fn nested_events_trigger_the_same_run() {
        for event in [s3("team%2Fcontrols%2Fa+b.yaml"), bridge("team/controls/a b.yaml")] {
            for wrapped in
                [event.clone(), queued(&event), published(&event), queued(&notified(&event)), queued(&queued(&event))]
            {
                let batch = read(&wrapped, &location());
                assert_eq!((batch.triggers, batch.unknown.len()), (upload(), 0), "{wrapped}");
            }
        }
        let batch = read(&queued(&bridge("team/controls/a.yaml")), &location());
        assert_eq!(batch.messages, [Message { id: "m".into(), receipt: "r".into(), receives: 3 }]);
    }

    /// Every field of a message is optional, so other events could be read as a batch of a queue.
    #[test]
    fn only_records_of_a_queue_are_messages_that_can_be_retried() {
        let of = |source: &str| {
            let record = json!({ "messageId": "m", "eventSource": source, "body": "{\"action\": \"report\"}" });
            read(&json!({ "Records": [record] }), &location())
        };
        assert_eq!(of("aws:sqs").messages, [Message { id: "m".into(), receipt: String::new(), receives: 1 }]);
        for other in ["aws:sns", "aws:s3", ""] {
            assert_eq!((of(other).messages, of(other).triggers.report), (Vec::new(), true), "{other}");
        }
        assert!(read(&s3("team/controls/a.yaml"), &location()).messages.is_empty());
        assert_eq!(read(&json!({ "Records": [] }), &location()), Batch::default());
    }

    #[test]
    fn the_response_names_the_messages_to_retry() {
        let message = |id: &str| Message { id: id.to_owned(), receipt: String::new(), receives: 1 };
        let response = serde_json::to_value(failures(&[message("a"), message("b")])).unwrap();
        assert_eq!(response, json!({ "batchItemFailures": [{ "itemIdentifier": "a" }, { "itemIdentifier": "b" }] }));
        assert_eq!(serde_json::to_value(failures(&[])).unwrap(), json!({ "batchItemFailures": [] }));
    }

    #[test]
    fn only_keys_of_s3_notifications_are_decoded() {
        assert_eq!(decoded("team/controls/S%C3%A9curit%C3%A9+%2B+%252B.yaml"), "team/controls/Sécurité + %2B.yaml");
        // In an EventBridge event, `%2F` is part of the key, so this is not a file of the catalog.
        assert!(read(&bridge("team%2Fcontrols%2Fa.yaml"), &location()).triggers.is_none());
        assert!(!read(&bridge("team/controls/a+b%2B.yaml"), &location()).triggers.is_none());
    }

    #[test]
    fn events_outside_the_catalog_trigger_nothing() {
        let test = json!({ "Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b" });
        let mut elsewhere = bridge("team/controls/a.yaml");
        elsewhere["detail"]["bucket"]["name"] = "c".into();
        for event in [
            test.clone(),
            queued(&test),
            s3("controls/a.yaml"),
            s3("team/README.md"),
            s3("team/.controlsync/state.json"),
            elsewhere,
        ] {
            let batch = read(&event, &location());
            assert!(batch.triggers.is_none() && batch.unknown.is_empty(), "{event}");
        }
    }

    #[test]
    fn actions_and_the_schedule_trigger_a_run() {
        let triggers = |event| read(&event, &location()).triggers.name();
        assert_eq!(triggers(json!({ "action": "reconcile" })), "reconcile");
        assert_eq!(triggers(json!({ "action": "report" })), "report");
        assert_eq!(triggers(json!({ "source": "aws.events", "detail-type": "Scheduled Event" })), "schedule");
        assert_eq!(
            triggers(queued(&json!({ "source": "aws.scheduler", "detail-type": "Scheduled Event" }))),
            "schedule"
        );
    }

    #[test]
    fn unsupported_events_are_described_without_their_values() {
        let deep = (0..20).fold(json!({ "action": "report" }), |event, _| queued(&event));
        for (event, description) in [
            (json!({ "password": "secret" }), "an event with the keys password"),
            (json!({ "action": "delete" }), "unknown action \"delete\": use \"reconcile\" or \"report\""),
            (json!({ "Records": [{ "messageId": "m", "body": "no" }] }), "a message that is not JSON"),
            (json!({ "Records": [{ "eventSource": "aws:sqs", "messageId": "m" }] }), "a message that is not JSON"),
            (json!({ "Records": [{ "eventSource": "aws:sqs", "body": "{}" }] }), "a message without an ID"),
            (
                json!({ "Records": [{ "eventSource": "aws:sqs", "messageId": 1 }] }),
                "a batch of a queue in an unknown form",
            ),
            (json!([1]), "an event that is not an object"),
            (Json::Null, "an empty event"),
            (deep, "an event nested too deeply"),
        ] {
            assert_eq!(read(&event, &location()).unknown, [description]);
        }
    }
}

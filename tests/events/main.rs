//! The types that AWS publishes for the events of its services, written as JSON and read by the function.
#![expect(clippy::unwrap_used, reason = "a test should fail on any error")]

use std::path::Path;
use std::process::Command;

use aws_lambda_events::eventbridge::EventBridgeEvent;
use aws_lambda_events::s3::{S3Event, S3EventRecord};
use aws_lambda_events::sns::{SnsEvent, SnsMessage, SnsRecord};
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use controlsync_core::run::Triggers;
use controlsync_lambda::event::{self, Batch, CatalogLocation, Message};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

const UPLOAD: Triggers = Triggers { upload: true, schedule: false, reconcile: false, report: false };
const SCHEDULE: Triggers = Triggers { upload: false, schedule: true, reconcile: false, report: false };
const NOTHING: Triggers = Triggers { upload: false, schedule: false, reconcile: false, report: false };

fn read(event: &impl Serialize) -> Batch {
    let location = CatalogLocation { bucket: "catalog".to_owned(), prefix: "team/".to_owned() };
    event::read(&serde_json::to_value(event).unwrap(), &location)
}

fn json(event: &impl Serialize) -> String {
    serde_json::to_string(event).unwrap()
}

/// A notification that S3 sends; it encodes keys.
fn notification(name: &str, bucket: &str, key: &str) -> S3Event {
    let mut record = S3EventRecord::default();
    record.event_source = Some("aws:s3".to_owned());
    record.event_name = Some(name.to_owned());
    record.s3.bucket.name = Some(bucket.to_owned());
    record.s3.object.key = Some(key.to_owned());
    let mut event = S3Event::default();
    event.records.push(record);
    event
}

/// An event about an object that EventBridge sends. AWS publishes no type for its detail.
fn bridge(detail_type: &str, bucket: &str, key: &str) -> EventBridgeEvent {
    let mut event = EventBridgeEvent::default();
    event.source = "aws.s3".into();
    event.detail_type = detail_type.into();
    event.detail = json!({ "version": "0", "bucket": { "name": bucket }, "object": { "key": key, "size": 1 } });
    event
}

fn scheduled(source: &str) -> EventBridgeEvent {
    let mut event = EventBridgeEvent::default();
    event.source = source.into();
    event.detail_type = "Scheduled Event".into();
    event.detail = json!({});
    event
}

/// A batch from a queue. The messages have the numbers of their bodies, and were received as often.
fn queued(bodies: impl IntoIterator<Item = String>) -> SqsEvent {
    let mut event = SqsEvent::default();
    for (number, body) in (1..).zip(bodies) {
        let mut message = SqsMessage::default();
        message.message_id = Some(format!("id {number}"));
        message.receipt_handle = Some(format!("receipt {number}"));
        message.event_source = Some("aws:sqs".to_owned());
        message.body = Some(body);
        message.attributes.insert("ApproximateReceiveCount".to_owned(), number.to_string());
        event.records.push(message);
    }
    event
}

/// The messages of a batch as the function should find them.
fn messages(count: u32) -> Vec<Message> {
    let message =
        |number| Message { id: format!("id {number}"), receipt: format!("receipt {number}"), receives: number };
    (1..=count).map(message).collect()
}

fn published(message: String) -> SnsMessage {
    let mut published = SnsMessage::default();
    published.sns_message_type = "Notification".into();
    published.topic_arn = "arn:aws:sns:eu-west-1:111122223333:uploads".into();
    published.message = message;
    published
}

/// An event from a topic that invokes the function directly.
fn from_topic(message: SnsMessage) -> SnsEvent {
    let mut record = SnsRecord::default();
    record.event_source = "aws:sns".into();
    record.sns = message;
    let mut event = SnsEvent::default();
    event.records.push(record);
    event
}

/// Asserts the triggers of an event, on its own and in every wrapping.
fn assert_triggers(event: &impl Serialize, triggers: Triggers) {
    let alone = Batch { triggers, ..Batch::default() };
    let in_queue = Batch { messages: messages(1), ..alone.clone() };
    let text = json(event);
    assert_eq!(read(event), alone, "{text}");
    assert_eq!(read(&from_topic(published(text.clone()))), alone, "from a topic: {text}");
    assert_eq!(read(&queued([text.clone()])), in_queue, "from a queue: {text}");
    assert_eq!(read(&queued([json(&published(text.clone()))])), in_queue, "from a topic through a queue: {text}");
}

#[test]
fn a_change_of_an_object_triggers_a_run() {
    for name in ["ObjectCreated:Put", "ObjectCreated:CompleteMultipartUpload", "ObjectRemoved:Delete"] {
        assert_triggers(&notification(name, "catalog", "team%2Fcontrols%2Fa+b.yaml"), UPLOAD);
        assert_triggers(&notification(name, "catalog", "team/controls/S%C3%A9curit%C3%A9.yaml"), UPLOAD);
    }
    for name in ["Object Created", "Object Deleted"] {
        assert_triggers(&bridge(name, "catalog", "team/controls/a b.yaml"), UPLOAD);
        assert_triggers(&bridge(name, "catalog", "team/controls/50%25.yaml"), UPLOAD);
    }
}

#[test]
fn a_change_outside_the_catalog_triggers_nothing() {
    for (bucket, key) in
        [("other", "team/controls/a.yaml"), ("catalog", "controls/a.yaml"), ("catalog", "team/README.md")]
    {
        assert_triggers(&notification("ObjectCreated:Put", bucket, key), NOTHING);
        assert_triggers(&bridge("Object Created", bucket, key), NOTHING);
    }
    // Only S3 notifications encode keys: this object is not in the directory.
    assert_triggers(&bridge("Object Created", "catalog", "team%2Fcontrols%2Fa.yaml"), NOTHING);
}

#[test]
fn the_schedule_triggers_a_run() {
    for source in ["aws.events", "aws.scheduler"] {
        assert_triggers(&scheduled(source), SCHEDULE);
    }
}

#[test]
fn a_batch_has_the_triggers_and_messages_of_all_records() {
    let bodies = [
        json(&bridge("Object Created", "catalog", "team/README.md")),
        json(&scheduled("aws.events")),
        json(&published(json(&notification("ObjectCreated:Put", "catalog", "team/frameworks/a.json")))),
    ];
    let triggers = Triggers { upload: true, ..SCHEDULE };
    assert_eq!(read(&queued(bodies)), Batch { triggers, messages: messages(3), unknown: Vec::new() });
}

/// Reads an event of the Python tests as the type of AWS, and asserts that nothing which counts is lost.
fn assert_has_type<T: Serialize + DeserializeOwned>(event: &Json, triggers: Triggers) {
    let typed: T = serde_json::from_value(event.clone()).unwrap_or_else(|error| panic!("{error}: {event:#}"));
    let location = CatalogLocation { bucket: "catalog".to_owned(), prefix: String::new() };
    for event in [event.clone(), serde_json::to_value(typed).unwrap()] {
        assert_eq!(event::read(&event, &location), Batch { triggers, ..Batch::default() }, "{event:#}");
    }
}

#[test]
fn the_events_of_the_python_tests_have_the_types_of_aws() {
    let script = "import events, json; print(json.dumps([
        events.bridge('controls/a b.yaml'),
        events.bridge('controls/a.yaml', kind='Object Deleted'),
        events.scheduled(),
        events.notification('controls/a b.yaml', 'frameworks/é.yaml')]))";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/lambda");
    let ran = Command::new("python3").args(["-B", "-c", script]).current_dir(folder).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let [created, deleted, scheduled, notification]: [Json; 4] = serde_json::from_slice(&ran.stdout).unwrap();
    assert_has_type::<EventBridgeEvent>(&created, UPLOAD);
    assert_has_type::<EventBridgeEvent>(&deleted, UPLOAD);
    assert_has_type::<EventBridgeEvent>(&scheduled, SCHEDULE);
    assert_has_type::<S3Event>(&notification, UPLOAD);
}

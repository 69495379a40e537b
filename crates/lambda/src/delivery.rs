//! Sends reports to the topics, and returns messages to the queue.

use controlsync_core::run::{DEFAULT_ATTEMPTS, Retry};
use serde_json::json;
use tokio::time::Instant;

use crate::environment::Environment;
use crate::event::Message as Queued;
use crate::function::Function;
use crate::log::{Log, LogLevel};
use crate::state::{Entry, Message, Store};
use crate::trace;

/// What the topics accept in this run. It sends nothing more to one that has refused a message.
#[derive(Clone, Copy, Debug, Default)]
pub struct TopicStates {
    mail_refused: bool,
    event_refused: bool,
    /// Whether the email topic has subscribers, once that was asked.
    has_subscribers: Option<bool>,
}

impl TopicStates {
    /// Whether a topic has refused a message. An email without subscribers is kept, but not refused: no retry helps.
    pub const fn any_refused(self) -> bool {
        self.mail_refused || self.event_refused
    }
}

/// Which messages of an entry were sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sent {
    /// The email, or there is none.
    pub mail: bool,
    /// The JSON notification, or there is none.
    pub event: bool,
}

impl Function {
    /// When the messages are redelivered. `None` if the event came without a queue.
    pub async fn retry(&self, messages: &[Queued], log: &Log) -> Option<Retry> {
        let queue = self.queue.as_ref().filter(|_| !messages.is_empty())?;
        let attempts = match queue.max_receives().await {
            Ok(most) => most.unwrap_or(u32::MAX),
            Err(failure) => {
                trace::failure(log, LogLevel::Warn, "cannot read maxReceiveCount of the queue", &failure);
                DEFAULT_ATTEMPTS
            }
        };
        let receives: Vec<u32> = messages.iter().map(|message| message.receives).collect();
        Some(Retry::of(&receives, attempts))
    }

    /// Hides the messages until their next attempt. If hiding fails, the queue's visibility timeout applies.
    pub async fn return_messages(&self, messages: &[Queued], retry: Option<Retry>, log: &Log) {
        let (Some(queue), Some(retry)) = (&self.queue, retry) else { return };
        let seconds = |message: &Queued| i32::try_from(retry.hides(message.receives)).unwrap_or(i32::MAX);
        let timeouts: Vec<(String, i32)> =
            messages.iter().map(|message| (message.receipt.clone(), seconds(message))).collect();
        match queue.hide(&timeouts).await {
            Ok(refused) => trace::not_hidden(log, &refused),
            Err(failure) => {
                trace::failure(log, LogLevel::Warn, "cannot set the visibility timeout of the messages", &failure);
            }
        }
    }

    /// Sends all complete entries of the outbox, until `end`. After a topic fails once, this run sends nothing more to
    /// it, but still sends to the other one. Emails are kept while their topic has no subscribers.
    pub async fn deliver(&self, store: &mut Store, topics: &mut TopicStates, end: Instant, log: &Log) {
        let entries: Vec<Entry> = store.state.outbox.iter().filter(|entry| !entry.is_open()).cloned().collect();
        for entry in entries {
            let sent = self.send(&entry, topics, end, log).await;
            store.sent(&entry.id, sent.mail, sent.event);
        }
        store.state.held = topics.has_subscribers == Some(false);
        if store.state.held {
            trace::dropped(log, store.limit_held());
        }
    }

    /// Sends the messages of an entry.
    pub async fn send(&self, entry: &Entry, topics: &mut TopicStates, end: Instant, log: &Log) -> Sent {
        let Environment { topic, events_topic, .. } = &self.environment;
        let mut sent = Sent::default();
        if !topics.mail_refused && (entry.mail.is_none() || self.has_subscribers(topics, end, log).await) {
            sent.mail = self.publish(Some(topic), entry.mail.as_ref(), end, log).await;
            topics.mail_refused = !sent.mail;
        }
        if !topics.event_refused {
            sent.event = self.publish(events_topic.as_ref(), entry.event.as_ref(), end, log).await;
            topics.event_refused = !sent.event;
        }
        sent
    }

    /// Whether anyone receives the emails. Unless it is known that there is no subscriber, they are sent.
    async fn has_subscribers(&self, topics: &mut TopicStates, end: Instant, log: &Log) -> bool {
        if let Some(known) = topics.has_subscribers {
            return known;
        }
        let request = self.topics.has_subscribers(&self.environment.topic);
        let found = match tokio::time::timeout_at(end, request).await {
            Ok(Ok(found)) => found,
            Ok(Err(failure)) => {
                trace::failure(log, LogLevel::Warn, "cannot read the subscriptions to the email topic", &failure);
                true
            }
            Err(_) => true,
        };
        if !found {
            log.line(LogLevel::Warn, "the email topic has no confirmed subscription: emails are kept", json!({}));
        }
        *topics.has_subscribers.insert(found)
    }

    async fn publish(&self, topic: Option<&String>, message: Option<&Message>, end: Instant, log: &Log) -> bool {
        let (Some(topic), Some(Message { subject, body, attributes })) = (topic, message) else { return true };
        let request = self.topics.publish(topic, subject.as_deref(), body, attributes);
        match tokio::time::timeout_at(end, request).await {
            Ok(Ok(())) => log.line(LogLevel::Info, "report sent", json!({ "topic": topic })),
            // An invalid report never becomes valid, and must not block all others.
            Ok(Err(failure)) if failure.code.as_deref().is_some_and(|code| code.starts_with("InvalidParameter")) => {
                trace::failure(log, LogLevel::Error, "a report was rejected as invalid and is dropped", &failure);
            }
            Ok(Err(failure)) => {
                trace::failure(log, LogLevel::Error, "a report could not be sent and is kept", &failure);
                return false;
            }
            Err(_) => {
                log.line(LogLevel::Error, "a report could not be sent in time and is kept", json!({ "topic": topic }));
                return false;
            }
        }
        true
    }
}

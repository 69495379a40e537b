//! Sends reports to the topics.

use std::collections::BTreeMap;

use controlsync_aws::Connection;
use controlsync_aws::sns::Topics;
use controlsync_core::run::Due;
use serde_json::json;
use tokio::time::Instant;

use crate::log::{Log, LogLevel};
use crate::outbox::{Entry, Message};
use crate::store::{State, Store};
use crate::trace;
use crate::variables::Shared;

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

/// The topics of a function.
#[derive(Debug)]
pub struct Reports {
    topics: Topics,
    /// The topic of the emails.
    mail: String,
    /// The topic of the JSON notifications.
    events: Option<String>,
}

impl Reports {
    /// Creates the client of the topics of a function.
    pub(crate) fn new(connection: &Connection, shared: &Shared) -> Self {
        Self { topics: connection.topics(), mail: shared.topic.clone(), events: shared.events_topic.clone() }
    }

    /// The entry of what is due of a report, in the outbox; `None` if there is nothing to send.
    pub(crate) fn entry(
        &self,
        id: &str,
        due: Due,
        attributes: &BTreeMap<String, String>,
        mail: impl FnOnce() -> (String, String),
        event: impl FnOnce() -> String,
    ) -> Option<Entry> {
        let message = |subject: Option<String>, body: String| Message { subject, body, attributes: attributes.clone() };
        let mail = due.mail.then(|| {
            let (subject, text) = mail();
            message(Some(subject), text)
        });
        let event = (due.event && self.events.is_some()).then(|| message(None, event()));
        (mail.is_some() || event.is_some()).then(|| Entry::of_messages(id, mail, event))
    }

    /// Sends all complete entries of the outbox, until `end`. After a topic fails once, this run sends nothing more to
    /// it, but still sends to the other one. Emails are kept while their topic has no subscribers.
    pub async fn deliver<S: State>(&self, store: &mut Store<S>, topics: &mut TopicStates, end: Instant, log: &Log) {
        let entries: Vec<Entry> = store.mailbox.outbox.iter().filter(|entry| !entry.is_open()).cloned().collect();
        for entry in entries {
            let sent = self.send(&entry, topics, end, log).await;
            store.sent(&entry.id, sent.mail, sent.event);
        }
        store.mailbox.held = topics.has_subscribers == Some(false);
        if store.mailbox.held {
            trace::dropped(log, store.limit_held());
        }
    }

    /// Sends the messages of an entry.
    pub async fn send(&self, entry: &Entry, topics: &mut TopicStates, end: Instant, log: &Log) -> Sent {
        let mut sent = Sent::default();
        if !topics.mail_refused && (entry.mail.is_none() || self.has_subscribers(topics, end, log).await) {
            sent.mail = self.publish(Some(&self.mail), entry.mail.as_ref(), end, log).await;
            topics.mail_refused = !sent.mail;
        }
        if !topics.event_refused {
            sent.event = self.publish(self.events.as_ref(), entry.event.as_ref(), end, log).await;
            topics.event_refused = !sent.event;
        }
        sent
    }

    /// Whether anyone receives the emails. Unless it is known that there is no subscriber, they are sent.
    async fn has_subscribers(&self, topics: &mut TopicStates, end: Instant, log: &Log) -> bool {
        if let Some(known) = topics.has_subscribers {
            return known;
        }
        let request = self.topics.has_subscribers(&self.mail);
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

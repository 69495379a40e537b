//! Messages on their way out, and messages that come again.

use controlsync_core::run::Retry;
use serde_json::json;
use tokio::time::Instant;

use crate::environment::Environment;
use crate::event::Message as Queued;
use crate::function::Function;
use crate::log::{Log, LogLevel};
use crate::state::{Entry, Message, Store};
use crate::trace;

/// How long messages are hidden before the second try, in seconds; it doubles with each, up to the longest.
const FIRST_WAIT: u32 = 30;
const LONGEST_WAIT: u32 = 600;
/// How often a message is received before it is given up where its queue does not say.
const MAX_RECEIVES: u32 = 5;

/// The topics that took a message no more in this run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Refused {
    mail: bool,
    event: bool,
}

impl Refused {
    /// Whether there is one.
    pub const fn any(self) -> bool {
        self.mail || self.event
    }
}

impl Function {
    /// When what woke the function comes again; none where it came without a queue.
    pub async fn retry(&self, messages: &[Queued], log: &Log) -> Option<Retry> {
        let queue = self.queue.as_ref().filter(|_| !messages.is_empty())?;
        let tries = match queue.max_receives().await {
            Ok(most) => most.unwrap_or(u32::MAX),
            Err(failure) => {
                trace::failure(log, LogLevel::Warn, "the queue does not say how often it gives a message", &failure);
                MAX_RECEIVES
            }
        };
        let left = messages.iter().map(|message| message.receives).filter(|receives| *receives < tries);
        let wait = |receives: u32| FIRST_WAIT.saturating_mul(1_u32.checked_shl(receives - 1).unwrap_or(u32::MAX));
        Some(Retry {
            seconds: left.max().map(|receives| wait(receives.max(1)).min(LONGEST_WAIT)),
            tries,
            gives_up: messages.iter().any(|message| message.receives >= tries),
        })
    }

    /// Hides the messages until they shall come again. Those that are given up are shown at once: that takes them out of the
    /// queue, and as long as they are hidden, no other message of their group comes. Where hiding fails, they come when the
    /// queue thinks best.
    pub async fn give_back(&self, messages: &[Queued], retry: Option<Retry>, log: &Log) {
        let (Some(queue), Some(retry)) = (&self.queue, retry) else { return };
        let seconds = retry.seconds.map_or(0, |seconds| i32::try_from(seconds).unwrap_or(i32::MAX));
        let hidden: Vec<(String, i32)> = messages
            .iter()
            .map(|message| (message.receipt.clone(), if message.receives < retry.tries { seconds } else { 0 }))
            .collect();
        if let Err(failure) = queue.hide(&hidden).await {
            trace::failure(log, LogLevel::Warn, "the messages come again when their queue thinks best", &failure);
        }
    }

    /// Sends what is in the outbox and can be sent, until a time. A topic that takes one message no more is asked for no
    /// other in this run, and the other one is.
    pub async fn deliver(&self, store: &mut Store, refused: &mut Refused, end: Instant, log: &Log) {
        let entries: Vec<Entry> = store.state.outbox.iter().filter(|entry| !entry.is_open()).cloned().collect();
        for entry in entries {
            let before = *refused;
            self.send(&entry, refused, end, log).await;
            let sent = |refused: bool, before: bool| !refused && !before;
            store.sent(&entry.id, sent(refused.mail, before.mail), sent(refused.event, before.event));
        }
    }

    /// Sends the messages of an entry.
    pub async fn send(&self, entry: &Entry, refused: &mut Refused, end: Instant, log: &Log) {
        let Environment { topic, events_topic, .. } = &self.environment;
        if !refused.mail {
            refused.mail = !self.publish(Some(topic), entry.mail.as_ref(), end, log).await;
        }
        if !refused.event {
            refused.event = !self.publish(events_topic.as_ref(), entry.event.as_ref(), end, log).await;
        }
    }

    async fn publish(&self, topic: Option<&String>, message: Option<&Message>, end: Instant, log: &Log) -> bool {
        let (Some(topic), Some(Message { subject, body, attributes })) = (topic, message) else { return true };
        let request = self.topics.publish(topic, subject.as_deref(), body, attributes);
        match tokio::time::timeout_at(end, request).await {
            Ok(Ok(())) => log.line(LogLevel::Info, "told", json!({ "topic": topic })),
            // What is wrong with a message does not heal, and must not stand before all others.
            Ok(Err(failure)) if failure.code.as_deref().is_some_and(|code| code.starts_with("InvalidParameter")) => {
                trace::failure(log, LogLevel::Error, "a message was refused for what it is, and is dropped", &failure);
            }
            Ok(Err(failure)) => {
                trace::failure(log, LogLevel::Error, "a message was not taken, and is kept", &failure);
                return false;
            }
            Err(_) => {
                log.line(LogLevel::Error, "a message was not taken in time, and is kept", json!({ "topic": topic }));
                return false;
            }
        }
        true
    }
}

//! Messages on their way out, and messages that come again.

use controlsync_core::pass::Again;
use serde_json::json;

use crate::event::Message as Queued;
use crate::log::{Level, Log};
use crate::pass::Function;
use crate::state::{Entry, Message, Store};
use crate::trace;

/// How long messages are hidden before the second try, in seconds; it doubles with each, up to the longest.
const FIRST_WAIT: u32 = 30;
const LONGEST_WAIT: u32 = 600;
/// How often a message is received before it is given up where its queue does not say.
const MAX_RECEIVES: u32 = 5;

impl Function {
    /// When what woke the function comes again; none where it came without a queue.
    pub async fn again(&self, messages: &[Queued], log: &Log) -> Option<Again> {
        let queue = self.queue.as_ref()?;
        let receives = messages.iter().map(|message| message.receives).max()?;
        let most = match queue.max_receives().await {
            Ok(most) => most.unwrap_or(u32::MAX),
            Err(failure) => {
                trace::failure(log, Level::Warn, "the queue does not say how often it gives a message", &failure);
                MAX_RECEIVES
            }
        };
        let wait = FIRST_WAIT.saturating_mul(1_u32.checked_shl(receives.saturating_sub(1)).unwrap_or(u32::MAX));
        Some(Again { seconds: (receives < most).then_some(wait.min(LONGEST_WAIT)) })
    }

    /// Hides the messages until they shall come again. Where that fails, they come when the queue thinks best.
    pub async fn give_back(&self, messages: &[Queued], again: Option<Again>, log: &Log) {
        let seconds = again.and_then(|again| again.seconds);
        if let (Some(queue), Some(seconds)) = (&self.queue, seconds) {
            let receipts: Vec<String> = messages.iter().map(|message| message.receipt.clone()).collect();
            let seconds = i32::try_from(seconds).unwrap_or(i32::MAX);
            if let Err(failure) = queue.hide(&receipts, seconds).await {
                trace::failure(log, Level::Warn, "the messages come again when their queue thinks best", &failure);
            }
        }
    }

    /// Sends what is in the outbox and can be sent; false where something stays.
    pub async fn deliver(&self, store: &mut Store, log: &Log) -> bool {
        let mut all = true;
        let entries: Vec<Entry> = store.state.outbox.iter().filter(|entry| !entry.is_open()).cloned().collect();
        for entry in entries {
            let sent = self.send(&entry, log).await;
            all &= sent;
            if sent {
                store.finish(&entry.id);
            }
        }
        all
    }

    /// Sends the messages of an entry. Where one of them fails, both are sent again: better twice than never.
    pub async fn send(&self, entry: &Entry, log: &Log) -> bool {
        let messages =
            [(Some(&self.environment.topic), &entry.mail), (self.environment.events_topic.as_ref(), &entry.event)];
        for (topic, message) in messages {
            let (Some(topic), Some(Message { subject, body, attributes })) = (topic, message) else { continue };
            match self.topics.publish(topic, subject.as_deref(), body, attributes).await {
                Ok(()) => log.line(Level::Info, "told", json!({ "topic": topic, "pass": entry.id })),
                Err(failure) => {
                    trace::failure(log, Level::Error, "a message was not taken, and is kept", &failure);
                    return false;
                }
            }
        }
        true
    }
}

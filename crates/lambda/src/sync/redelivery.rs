//! Returns messages to the queue, so that they are redelivered.

use controlsync_core::run::{DEFAULT_ATTEMPTS, Retry};

use crate::event::Message;
use crate::log::{Log, LogLevel};
use crate::sync::function::Function;
use crate::sync::steps;
use crate::trace;

impl Function {
    /// When the messages are redelivered. `None` if the event came without a queue.
    pub async fn retry(&self, messages: &[Message], log: &Log) -> Option<Retry> {
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
    pub async fn return_messages(&self, messages: &[Message], retry: Option<Retry>, log: &Log) {
        let (Some(queue), Some(retry)) = (&self.queue, retry) else { return };
        let seconds = |message: &Message| i32::try_from(retry.hides(message.receives)).unwrap_or(i32::MAX);
        let timeouts: Vec<(String, i32)> =
            messages.iter().map(|message| (message.receipt.clone(), seconds(message))).collect();
        match queue.hide(&timeouts).await {
            Ok(refused) => steps::not_hidden(log, &refused),
            Err(failure) => {
                trace::failure(log, LogLevel::Warn, "cannot set the visibility timeout of the messages", &failure);
            }
        }
    }
}

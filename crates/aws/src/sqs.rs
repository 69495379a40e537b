//! Messages that are returned to their queue.

use aws_sdk_sqs::error::BuildError;
use aws_sdk_sqs::types::{ChangeMessageVisibilityBatchRequestEntry, QueueAttributeName};
use controlsync_core::change_result::{Failure, FailureKind};

use crate::failure;
use crate::sender::{Repeat, Sender};

/// A queue of Amazon SQS.
#[derive(Clone, Debug)]
pub struct Queue {
    sdk: aws_sdk_sqs::Client,
    sender: Sender,
    url: String,
}

impl Queue {
    pub(crate) fn new(sdk: aws_sdk_sqs::Client, sender: Sender, url: &str) -> Self {
        Self { sdk, sender, url: url.to_owned() }
    }

    /// Returns how often a message is received before it moves to the dead-letter queue; `None` if there is no such
    /// queue.
    ///
    /// # Errors
    ///
    /// The request failed.
    pub async fn max_receives(&self) -> Result<Option<u32>, Failure> {
        let request = self.sdk.get_queue_attributes().queue_url(&self.url);
        let request = request.attribute_names(QueueAttributeName::RedrivePolicy);
        let answer = self.sender.send(Repeat::Freely, failure::classify, || request.clone().send()).await;
        let answer = answer.map_err(|error| failure::of_service("GetQueueAttributes", &error))?;
        let policy = answer.attributes().and_then(|all| all.get(&QueueAttributeName::RedrivePolicy));
        let policy: Option<serde_json::Value> = policy.and_then(|policy| serde_json::from_str(policy).ok());
        let count = policy.as_ref().and_then(|policy| policy.get("maxReceiveCount"));
        // The service returns a number if it was set as one, else a string.
        let number = count.and_then(|count| count.as_u64().or_else(|| count.as_str()?.parse().ok()));
        Ok(number.and_then(|number| u32::try_from(number).ok()))
    }

    /// Hides messages, by receipt handle, each for a number of seconds; then they are received again.
    ///
    /// # Errors
    ///
    /// The request failed.
    pub async fn hide(&self, messages: &[(String, i32)]) -> Result<(), Failure> {
        /// Messages per request; the maximum of the service.
        const BATCH: usize = 10;
        for batch in messages.chunks(BATCH) {
            let entries = batch.iter().enumerate().map(|(index, (receipt, seconds))| {
                let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(index.to_string());
                entry.receipt_handle(receipt).visibility_timeout(*seconds).build()
            });
            let entries = entries.collect::<Result<Vec<_>, BuildError>>();
            let entries = entries.map_err(|error| Failure {
                kind: FailureKind::Internal,
                ..Failure::new("ChangeMessageVisibilityBatch", error.to_string())
            })?;
            let request = self.sdk.change_message_visibility_batch().queue_url(&self.url).set_entries(Some(entries));
            let sent = self.sender.send(Repeat::Freely, failure::classify, || request.clone().send()).await;
            sent.map_err(|error| failure::of_service("ChangeMessageVisibilityBatch", &error))?;
        }
        Ok(())
    }
}

//! Messages that are returned to their queue.

use std::collections::BTreeMap;

use aws_sdk_sqs::error::BuildError;
use aws_sdk_sqs::types::{BatchResultErrorEntry, ChangeMessageVisibilityBatchRequestEntry, QueueAttributeName};
use controlsync_core::change_result::{Failure, FailureKind};

use crate::failure;
use crate::sender::{Repeat, Sender};

/// Messages per request; the maximum of the service.
const BATCH: usize = 10;

/// How often a message is sent that the service failed to hide.
const ATTEMPTS: u32 = 3;

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

    /// Hides messages, by receipt handle, each for a number of seconds; then they are received again. A request may succeed for some
    /// of its messages: those that the service failed to hide are sent again. Returns the codes of those that could not be hidden,
    /// with their number.
    ///
    /// # Errors
    ///
    /// A request failed.
    pub async fn hide(&self, messages: &[(String, i32)]) -> Result<BTreeMap<String, usize>, Failure> {
        let mut refused: BTreeMap<String, usize> = BTreeMap::new();
        for batch in messages.chunks(BATCH) {
            let mut open = batch.to_vec();
            for attempt in 1..=ATTEMPTS {
                let failed = self.hide_once(&open).await?;
                // A request that is wrong, as for an expired receipt handle, stays wrong.
                let (last, again): (Vec<_>, Vec<_>) =
                    failed.into_iter().partition(|entry| entry.sender_fault() || attempt == ATTEMPTS);
                for entry in last {
                    *refused.entry(entry.code().to_owned()).or_default() += 1;
                }
                let again = again.iter().filter_map(|entry| entry.id().parse::<usize>().ok());
                open = again.filter_map(|index| open.get(index).cloned()).collect();
                if open.is_empty() {
                    break;
                }
                self.sender.back_off(attempt).await;
            }
        }
        Ok(refused)
    }

    /// Sends one request. Returns the failed entries; their IDs are indexes of the messages.
    async fn hide_once(&self, messages: &[(String, i32)]) -> Result<Vec<BatchResultErrorEntry>, Failure> {
        let entries = messages.iter().enumerate().map(|(index, (receipt, seconds))| {
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
        let answer = sent.map_err(|error| failure::of_service("ChangeMessageVisibilityBatch", &error))?;
        Ok(answer.failed().to_vec())
    }
}

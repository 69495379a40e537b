//! Notifications.

use std::collections::BTreeMap;

use aws_sdk_sns::types::MessageAttributeValue;
use controlsync_core::change_result::{Failure, FailureKind};

use crate::failure;
use crate::sender::{Repeat, Sender};

/// Topics of Amazon SNS. Unclear requests are repeated: a duplicate message is better than none.
#[derive(Clone, Debug)]
pub struct Topics {
    sdk: aws_sdk_sns::Client,
    sender: Sender,
}

impl Topics {
    pub(crate) const fn new(sdk: aws_sdk_sns::Client, sender: Sender) -> Self {
        Self { sdk, sender }
    }

    /// Returns whether anyone receives what is published to a topic: SNS drops it while no subscription is confirmed.
    ///
    /// # Errors
    ///
    /// The request failed.
    pub async fn has_subscribers(&self, arn: &str) -> Result<bool, Failure> {
        let request = self.sdk.get_topic_attributes().topic_arn(arn);
        let answer = self.sender.send(Repeat::Freely, failure::classify, || request.clone().send()).await;
        let answer = answer.map_err(|error| failure::of_service("GetTopicAttributes", &error))?;
        // https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html
        let confirmed = answer.attributes().and_then(|all| all.get("SubscriptionsConfirmed"));
        Ok(confirmed.is_none_or(|count| count != "0"))
    }

    /// Publishes a message to a topic, with attributes for subscription filters.
    ///
    /// # Errors
    ///
    /// The request failed.
    pub async fn publish(
        &self,
        arn: &str,
        subject: Option<&str>,
        body: &str,
        attributes: &BTreeMap<String, String>,
    ) -> Result<(), Failure> {
        let mut request = self.sdk.publish().topic_arn(arn).set_subject(subject.map(str::to_owned)).message(body);
        for (name, value) in attributes {
            let value = MessageAttributeValue::builder().data_type("String").string_value(value).build();
            match value {
                Ok(value) => request = request.message_attributes(name, value),
                Err(error) => {
                    let kind = FailureKind::Internal;
                    return Err(Failure { kind, ..Failure::new("Publish", error.to_string()) });
                }
            }
        }
        let sent = self.sender.send(Repeat::Freely, failure::classify, || request.clone().send()).await;
        sent.map(drop).map_err(|error| failure::of_service("Publish", &error))
    }
}

//! EventBridge: the rule that receives findings of Security Hub.

use aws_sdk_eventbridge::types::RuleState;
use controlsync_core::change_result::Failure;
use controlsync_core::evidence::RECEIVER;
use controlsync_core::evidence::facts::Receiver;

use crate::answer::required;
use crate::services::Client;

/// Returns the rule; `None` if it does not exist.
pub(crate) async fn receiver(client: &Client<aws_sdk_eventbridge::Client>) -> Result<Option<Receiver>, Failure> {
    const OPERATION: &str = "DescribeRule";
    let request = client.sdk.describe_rule().name(RECEIVER);
    match client.sender.read(OPERATION, || request.clone().send()).await {
        Ok(answer) => {
            let state = required(OPERATION, "state", answer.state)?;
            Ok(Some(Receiver { enabled: state != RuleState::Disabled }))
        }
        Err(failure) if failure.code.as_deref() == Some("ResourceNotFoundException") => Ok(None),
        Err(failure) => Err(failure),
    }
}

//! CloudTrail: whether a trail logs management events.

use aws_sdk_cloudtrail::Client as Sdk;
use aws_sdk_cloudtrail::types::{AdvancedEventSelector, EventSelector, ReadWriteType};
use controlsync_core::change_result::Failure;
use controlsync_core::evidence::facts::Trail;

use crate::answer::required;
use crate::services::Client;

type CloudTrail = Client<Sdk>;

/// Returns the trails of the Region. What one trail does not say is not known; the others still count.
pub(crate) async fn trails(client: &CloudTrail) -> Result<Vec<Trail>, Failure> {
    const OPERATION: &str = "DescribeTrails";
    let request = client.sdk.describe_trails().include_shadow_trails(true);
    let answer = client.sender.read(OPERATION, || request.clone().send()).await?;
    let mut trails = Vec::new();
    for trail in required(OPERATION, "trails", answer.trail_list)? {
        let arn = required(OPERATION, "ARN of a trail", trail.trail_arn)?;
        let status = client.sdk.get_trail_status().name(&arn);
        let logging = client.sender.read("GetTrailStatus", || status.clone().send()).await;
        let management_events = management_events(client, &arn).await.ok().flatten();
        trails.push(Trail { logging: logging.ok().and_then(|status| status.is_logging), management_events, arn });
    }
    Ok(trails)
}

async fn management_events(client: &CloudTrail, arn: &str) -> Result<Option<bool>, Failure> {
    let request = client.sdk.get_event_selectors().trail_name(arn);
    let answer = client.sender.read("GetEventSelectors", || request.clone().send()).await?;
    if answer.trail_arn.is_none() && answer.event_selectors.is_none() && answer.advanced_event_selectors.is_none() {
        return Ok(None);
    }
    let basic = answer.event_selectors.unwrap_or_default();
    let advanced = answer.advanced_event_selectors.unwrap_or_default();
    // Without selectors, a trail logs all management events:
    // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html
    let default = basic.is_empty() && advanced.is_empty();
    Ok(Some(default || basic.iter().any(writes) || advanced.iter().any(writes_advanced)))
}

fn writes(selector: &EventSelector) -> bool {
    selector.include_management_events.unwrap_or(true) && selector.read_write_type != Some(ReadWriteType::ReadOnly)
}

fn writes_advanced(selector: &AdvancedEventSelector) -> bool {
    let equals = |field: &str, value: &str| {
        selector
            .field_selectors
            .iter()
            .any(|of| of.field == field && of.equals.iter().flatten().any(|equal| equal == value))
    };
    equals("eventCategory", "Management") && !equals("readOnly", "true")
}

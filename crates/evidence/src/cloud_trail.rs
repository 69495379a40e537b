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
    Ok(match (answer.event_selectors, answer.advanced_event_selectors) {
        (Some(selectors), _) => Some(selectors.iter().any(writes)),
        (None, Some(selectors)) => Some(selectors.iter().any(writes_advanced)),
        (None, None) => None,
    })
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

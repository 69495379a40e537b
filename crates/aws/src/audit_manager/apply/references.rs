//! Frameworks whose controls are new.

use std::collections::BTreeMap;

use controlsync_core::change_result::Failure;
use controlsync_core::plan::{ControlTarget, FrameworkBody};

use crate::audit_manager::client::Client;

/// How often a framework is sent whose new controls the service may not know yet; with the waits between, for 7.5 seconds.
const ATTEMPTS: u32 = 5;

/// Sends a framework, again while the service does not know a control that this run has created: what was written may not be visible
/// at once everywhere. The service refused the request, so that sending it again does no harm.
pub(super) async fn once_known<T, F>(
    client: &Client,
    body: &FrameworkBody,
    created: &BTreeMap<String, String>,
    send: impl Fn() -> F,
) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let targets = body.control_sets.iter().flat_map(|set| &set.controls);
    let new: Vec<&String> = targets
        .filter_map(|target| match target {
            ControlTarget::Created(name) => created.get(name),
            ControlTarget::Id(_) => None,
        })
        .collect();
    let is_unknown = |failure: &Failure| match failure.code.as_deref() {
        Some("ResourceNotFoundException") => !new.is_empty(),
        Some("ValidationException") => new.iter().any(|id| failure.message.contains(id.as_str())),
        _ => false,
    };
    let mut attempt = 1;
    loop {
        match send().await {
            Err(failure) if attempt < ATTEMPTS && is_unknown(&failure) && !client.stop().is_requested() => {
                client.settle(attempt).await;
                attempt += 1;
            }
            answer => return answer,
        }
    }
}

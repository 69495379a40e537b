//! Counts of discovered resources.

use serde_json::{Value, json};

use crate::config::rules;
use crate::config::state::ConfigState;
use crate::protocol::operation::{Context, Outcome, texts};
use crate::protocol::service_options::ServiceOptions;

/// Types on a page without a limit.
const PAGE_SIZE: usize = 100;

pub(crate) fn counts(state: &ConfigState, context: &Context<ServiceOptions>, input: &Value) -> Outcome {
    let asked = texts(input, "resourceTypes").filter(|types| !types.is_empty());
    let is_asked = |name: &String| asked.as_ref().is_none_or(|types| types.contains(name));
    let mut counts: Vec<(&String, u64)> =
        state.resource_counts.iter().filter(|(name, _)| is_asked(name)).map(|(name, count)| (name, *count)).collect();
    let total = counts.iter().fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
    // The highest counts first.
    counts.sort_by_key(|(name, count)| (u64::MAX - count, *name));
    let items = counts.into_iter().map(|(name, count)| {
        (format!("{:020}/{name}", u64::MAX - count), json!({ "resourceType": name, "count": count }))
    });
    let page = rules::page(context, input, PAGE_SIZE, &format!("counts/{}", input["resourceTypes"]), items)?;
    let mut answer = json!({ "totalDiscoveredResources": total, "resourceCounts": page.items });
    if let Some(next) = page.next {
        answer["nextToken"] = Value::from(next);
    }
    Ok(Some(answer))
}

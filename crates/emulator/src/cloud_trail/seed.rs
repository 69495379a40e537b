//! What requests cannot create, or only one by one: trails as an account has them, and errors of their deliveries.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::cloud_trail::limits;
use crate::cloud_trail::operations;
use crate::cloud_trail::state::CloudTrailState;
use crate::protocol::operation::{Context, text};
use crate::protocol::service_options::ServiceOptions;
use crate::protocol::validate;

/// The part of a seed for CloudTrail.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct CloudTrailSeed {
    trails: Vec<SeedTrail>,
    delivery_errors: BTreeMap<String, String>,
}

/// A trail: members of `CreateTrail` and `PutEventSelectors`, whether it is logging, and ARN and home Region of one that
/// another account or Region has.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SeedTrail {
    #[serde(default = "yes")]
    is_logging: bool,
    event_selectors: Option<Value>,
    advanced_event_selectors: Option<Value>,
    #[serde(rename = "TrailARN")]
    trail_arn: Option<String>,
    home_region: Option<String>,
    #[serde(flatten)]
    sent: Map<String, Value>,
}

fn yes() -> bool {
    true
}

impl CloudTrailSeed {
    /// Adds everything to a state.
    ///
    /// # Errors
    ///
    /// A part cannot be used; the error is a message.
    pub(crate) fn add_to(self, state: &mut CloudTrailState, context: &Context<ServiceOptions>) -> Result<(), String> {
        for trail in self.trails {
            let name = trail.sent.get("Name").and_then(Value::as_str).unwrap_or_default().to_owned();
            add_trail(trail, state, context).map_err(|message| format!("trail \"{name}\": {message}"))?;
        }
        for (name, error) in self.delivery_errors {
            let trail =
                state.trails.get_mut(&name).ok_or_else(|| format!("there is no trail \"{name}\"; create it first"))?;
            trail.delivery_error = Some(error);
        }
        Ok(())
    }
}

fn add_trail(seed: SeedTrail, state: &mut CloudTrailState, context: &Context<ServiceOptions>) -> Result<(), String> {
    let sent = Value::Object(seed.sent);
    validate::check_seed(limits::CREATE_TRAIL, &sent)?;
    let name = text(&sent, "Name");
    operations::check_name(name).map_err(|error| error.message)?;
    let mut trail = operations::new_trail(context, &sent).map_err(|error| error.message)?;
    for (member, value) in [("TrailARN", seed.trail_arn), ("HomeRegion", seed.home_region)] {
        if let Some(value) = value {
            trail.wire[member] = Value::from(value);
        }
    }
    state.trails.insert(name.to_owned(), trail);
    if seed.is_logging {
        operations::start(state, context, &json!({ "Name": name })).map_err(|error| error.message)?;
    }
    let mut selectors = json!({ "TrailName": name });
    for (member, value) in
        [("EventSelectors", seed.event_selectors), ("AdvancedEventSelectors", seed.advanced_event_selectors)]
    {
        if let Some(value) = value {
            selectors[member] = value;
        }
    }
    if selectors.as_object().is_some_and(|members| members.len() > 1) {
        validate::check_seed(limits::PUT_EVENT_SELECTORS, &selectors)?;
        operations::put_selectors(state, context, &selectors).map_err(|error| error.message)?;
    }
    Ok(())
}

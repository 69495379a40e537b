//! Rules of a seed.

use serde::Deserialize;
use serde_json::Value;

use crate::event_bridge::limits;
use crate::event_bridge::operations;
use crate::event_bridge::state::EventBridgeState;
use crate::protocol::operation::{Context, text};
use crate::protocol::service_options::ServiceOptions;
use crate::protocol::validate;

/// The part of a seed for EventBridge.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct EventBridgeSeed {
    /// As in `PutRule`.
    rules: Vec<Value>,
}

impl EventBridgeSeed {
    /// Adds everything to a state.
    ///
    /// # Errors
    ///
    /// A part cannot be used; the error is a message.
    pub(crate) fn add_to(self, state: &mut EventBridgeState, context: &Context<ServiceOptions>) -> Result<(), String> {
        for rule in self.rules {
            let invalid = |message: String| format!("rule \"{}\": {message}", text(&rule, "Name"));
            validate::check_seed(limits::PUT_RULE, &rule).map_err(invalid)?;
            operations::put(state, context, &rule).map_err(|error| invalid(error.message))?;
        }
        Ok(())
    }
}

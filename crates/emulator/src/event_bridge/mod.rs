//! Amazon EventBridge: the rules of the default event bus.
//!
//! - `patterns`, `limits`: the constraints of the service model.
//! - `state`: the rules. `operations`: what requests do with them.

pub(crate) mod patterns;
pub(crate) mod limits;
pub(crate) mod state;
pub(crate) mod operations;

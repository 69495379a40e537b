//! Amazon EventBridge: the rules of the default event bus.
//!
//! - `patterns`, `limits`: the constraints of the service model.
//! - `state`: the rules. `operations`: what requests do with them. `seed`: rules of a seed.

pub(crate) mod patterns;
pub(crate) mod limits;
pub(crate) mod state;
pub(crate) mod operations;
pub(crate) mod seed;

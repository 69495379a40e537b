//! AWS CloudTrail: the trails of the account.
//!
//! - `patterns`, `limits`: the constraints of the service model.
//! - `state`: the trails. `operations`: what requests do with them.

pub(crate) mod patterns;
pub(crate) mod limits;
pub(crate) mod state;
pub(crate) mod operations;

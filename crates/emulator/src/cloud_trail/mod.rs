//! AWS CloudTrail: the trails of the account.
//!
//! - `patterns`, `limits`: the constraints of the service model.
//! - `state`: the trails. `operations`: what requests do with them. `seed`: trails as an account has them.

pub(crate) mod patterns;
pub(crate) mod limits;
pub(crate) mod state;
pub(crate) mod operations;
pub(crate) mod seed;

//! AWS STS: credentials of roles in any account, and who has which.
//!
//! - `patterns`, `limits`: the constraints of the service model.
//! - `state`: the roles. `operations`: what requests do with them. `seed`: how roles are created.

pub(crate) mod patterns;
pub(crate) mod limits;
pub(crate) mod state;
pub(crate) mod operations;
pub(crate) mod seed;

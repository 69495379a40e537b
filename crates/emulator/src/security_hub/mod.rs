//! AWS Security Hub: the hub, three standards, and the controls that Audit Manager lists.
//!
//! - `limits`: the constraints of the service model. `standards`: the standards and their controls.
//! - `state`: the hub and the enabled standards. `seed`: what requests cannot create.
//! - `hub`, `subscriptions`, `controls`: the operations. `operations`: the list of operations, and the form of errors.

pub(crate) mod limits;
pub(crate) mod standards;
pub(crate) mod state;
pub(crate) mod seed;
pub(crate) mod hub;
pub(crate) mod subscriptions;
pub(crate) mod controls;
pub(crate) mod operations;

//! AWS Security Hub: the hub, three standards, and the controls that Audit Manager lists.
//!
//! - `limits`, `finding_limits`: the constraints of the service model. `standards`: the standards and their controls.
//! - `organization`: what a delegated administrator decides for other accounts. `findings`: what controls found.
//! - `state`: all of an account. `policy_seed`, `finding_seed`, `seed`: what requests cannot create.
//! - `hub`, `subscriptions`, `controls`, `policies`: the operations. `finding_filters`, `finding_reads`: those on findings.
//! - `operations`: the list of operations, and the form of errors.

pub(crate) mod limits;
pub(crate) mod finding_limits;
pub(crate) mod standards;
pub(crate) mod organization;
pub(crate) mod findings;
pub(crate) mod state;
pub(crate) mod policy_seed;
pub(crate) mod finding_seed;
pub(crate) mod seed;
pub(crate) mod hub;
pub(crate) mod subscriptions;
pub(crate) mod controls;
pub(crate) mod policies;
pub(crate) mod finding_filters;
pub(crate) mod finding_reads;
pub(crate) mod operations;

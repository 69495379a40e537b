//! AWS Config: recorders, delivery channels, rules, conformance packs and counts of resources.
//!
//! - `patterns`, `limits`: the constraints of the service model. `managed_rules`: the rules of AWS and their parameters.
//! - `state`: the records. `recorders`: recorders and delivery channels, and what they record. `evaluation`: which rules evaluate.
//! - `rules`: rules of users. `template`, `packs`: conformance packs and their rules. `resources`: counts of resources.
//! - `seed`: what requests cannot create. `operations`: the list of operations.

pub(crate) mod patterns;
pub(crate) mod limits;
pub(crate) mod managed_rules;
pub(crate) mod state;
pub(crate) mod recorders;
pub(crate) mod evaluation;
pub(crate) mod rules;
pub(crate) mod template;
pub(crate) mod packs;
pub(crate) mod resources;
pub(crate) mod seed;
pub(crate) mod operations;

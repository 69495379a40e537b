//! AWS Config: recorders, delivery channels, rules, conformance packs, compliance and aggregators, and counts of resources.
//!
//! - `patterns`, `limits`, `aggregator_limits`: the constraints of the service model. `managed_rules`: the rules of AWS and their parameters.
//! - `results`: what rules found. `generated`: what rules found in many accounts, made up when it is read.
//! - `state`: the records. `recorders`: recorders and delivery channels, and what they record. `evaluation`: which rules evaluate.
//! - `rules`: rules of users. `template`, `packs`: conformance packs and their rules. `resources`: counts of resources.
//! - `compliance`, `pack_compliance`: what rules and packs found in the account. `aggregators`, `aggregates`: in many accounts.
//! - `result_seed`, `seed`: what requests cannot create. `operations`: the list of operations.

pub(crate) mod patterns;
pub(crate) mod limits;
pub(crate) mod aggregator_limits;
pub(crate) mod managed_rules;
pub(crate) mod results;
pub(crate) mod generated;
pub(crate) mod state;
pub(crate) mod recorders;
pub(crate) mod evaluation;
pub(crate) mod rules;
pub(crate) mod template;
pub(crate) mod packs;
pub(crate) mod resources;
pub(crate) mod compliance;
pub(crate) mod pack_compliance;
pub(crate) mod aggregators;
pub(crate) mod aggregates;
pub(crate) mod result_seed;
pub(crate) mod seed;
pub(crate) mod operations;

//! AWS Audit Manager: its requests, the contents of an account, and the operations on them.
//!
//! In reading order; a module uses only modules before it.
//!
//! Valid requests:
//! - `patterns`, `limits`: the constraints of the service model as data. Written from the model alone: this crate
//!   shares no limits and no types with the programs that are tested against it.
//! - `error`: the errors of the service.
//! - `switches`, `options`: the configuration of an emulator.
//! - `operation`: from method, path, query and body to an operation and its validated input.
//!
//! Contents of an account:
//! - `state`: the records. `texts`: how texts are stored. `sources`, `control_sets`: their parts, validated and completed as in the service.
//! - `seed`, `library`: resources that were not created by a request.
//! - `pages`, `controls`, `frameworks`, `assessments`, `evidence`, `tags`, `account`: the operations, pure functions of state and
//!   input. `handlers`: the handler of each operation.

pub(crate) mod patterns;
pub(crate) mod limits;
pub(crate) mod error;
pub(crate) mod switches;
pub(crate) mod options;
pub(crate) mod operation;
pub(crate) mod state;
pub(crate) mod texts;
pub(crate) mod sources;
pub(crate) mod control_sets;
pub(crate) mod seed;
pub(crate) mod library;
pub(crate) mod pages;
pub(crate) mod controls;
pub(crate) mod frameworks;
pub(crate) mod assessments;
pub(crate) mod evidence;
pub(crate) mod tags;
pub(crate) mod account;
pub(crate) mod handlers;

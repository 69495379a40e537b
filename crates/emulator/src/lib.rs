//! A local emulator of AWS Audit Manager.
//!
//! Audit Manager is closed to new accounts, so few users can test a program against it in their own account. This
//! crate serves the part of the API that covers controls and assessment frameworks on loopback, in the protocol of the
//! service (`restJson1`), to any client: the AWS SDKs, boto3, the AWS CLI. It follows the known behavior of the
//! service; each unknown is a switch in [`Switches`]. `docs/emulator.md` is the user guide.
//!
//! [`Emulator::start`] starts an emulator inside the current process; clients connect to [`Emulator::endpoint`].
//!
//! # Map
//!
//! In reading order; a module uses only modules before it.
//!
//! Valid requests:
//! - `patterns`, `limits`: the constraints of the service model as data. Written from the model alone: this crate
//!   shares no limits and no types with the programs that are tested against it.
//! - `error`, `validate`: the violations of a request, and the errors of the service.
//! - `switches`, `options`: the configuration of an emulator.
//! - `operation`: from method, path, query and body to an operation and its validated input.
//!
//! Contents of an account:
//! - `state`: the records. `sources`, `control_sets`: their parts, validated and completed as in the service.
//! - `seed`, `library`: resources that were not created by a request.
//! - `pages`, `controls`, `frameworks`, `assessments`, `tags`, `account`: the operations, pure functions of state and
//!   input. `service`: the handler of each operation.
//!
//! Storage and server:
//! - `failure`, `state_file`: one JSON file that is complete at any moment. `store`: concurrent reads and writes; a
//!   write is acknowledged once a file with it is durable, and all waiting writes share one file.
//! - `faults`, `requests`, `rate`: injected faults, the request log, and the rate limit of the service.
//! - `shared`, `admin`, `server`, `emulator`: HTTP, the paths under `/_emulator/`, start and stop.

mod patterns;
mod limits;
mod error;
mod validate;
mod switches;
mod options;
mod operation;
mod state;
mod sources;
mod control_sets;
mod seed;
mod library;
mod pages;
mod controls;
mod frameworks;
mod assessments;
mod tags;
mod account;
mod service;
mod failure;
mod state_file;
mod store;
mod faults;
mod requests;
mod rate;
mod shared;
mod admin;
mod server;
mod emulator;

pub use emulator::Emulator;
pub use failure::{StartError, StopError};
pub use faults::{Effect, Fault, FaultError};
pub use options::{AccountStatus, Options, Quotas};
pub use requests::Request;
pub use seed::{Seed, SeedError};
pub use switches::{StandardWrite, Switches};

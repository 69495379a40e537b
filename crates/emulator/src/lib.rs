//! A local AWS Audit Manager.
//!
//! Audit Manager takes no new accounts, so nobody can try a program against it in an account of one's own. This crate
//! serves the part of it that concerns controls and assessment frameworks on loopback, in the protocol of the service
//! (`restJson1`), to any client: the AWS SDKs, boto3, the AWS CLI. What is known of the service it does as the service
//! does; each thing that is not known is a switch in [`Switches`]. `docs/emulator.md` is the guide for its users.
//!
//! [`Emulator::start`] starts one inside the current process; [`Emulator::endpoint`] is what a client needs.
//!
//! # Map
//!
//! In reading order; a module uses those before it.
//!
//! What a request may be:
//! - `patterns`, `limits`: the service model's constraints as data. Written from the model alone: this crate shares no
//!   limits and no types with the programs that are tested against it.
//! - `error`, `validate`: what is wrong with a request, and how the service says so.
//! - `switches`, `options`: how an emulator is set up.
//! - `operation`: from method, path, query and body to an operation and its checked input.
//!
//! What an account holds:
//! - `state`: the records. `sources`, `control_sets`: their parts, as the service checks and completes them.
//! - `seed`, `library`: what is there that no request has made.
//! - `pages`, `controls`, `frameworks`, `assessments`, `tags`, `account`: the operations, pure functions of state and
//!   input. `service`: which of them does which.
//!
//! How it is kept and served:
//! - `failure`, `state_file`: one JSON file that is whole at any moment. `store`: concurrent reads and writes; a write is
//!   answered once a file that holds it is durable, and all that wait share one file.
//! - `faults`, `requests`, `rate`: what tests ask of a server, and a limit of the service's own.
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

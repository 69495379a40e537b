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
//! - `audit_manager`: the service. It knows neither HTTP nor files.
//! - `service`: the services and the names of their operations. `options`, `state`: those of all services.
//!
//! Storage and server:
//! - `failure`, `state_file`: one JSON file that is complete at any moment. `store`: concurrent reads and writes; a
//!   write is acknowledged once a file with it is durable, and all waiting writes share one file.
//! - `faults`, `requests`, `rate`: injected faults, the request log, and the rate limit of the service.
//! - `shared`, `admin`, `server`, `emulator`: HTTP, the paths under `/_emulator/`, start and stop.

mod audit_manager;
mod service;
mod options;
mod state;
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

pub use audit_manager::options::{AccountStatus, AuditManager, Quotas};
pub use audit_manager::seed::{Seed, SeedError};
pub use audit_manager::switches::{BehaviorError, Pages, StandardWrite, Switches, Times};
pub use emulator::Emulator;
pub use failure::{StartError, StopError};
pub use faults::{Effect, Fault, FaultError};
pub use options::Options;
pub use requests::Request;

//! A local emulator of AWS Audit Manager, and of the services that it collects evidence from.
//!
//! Audit Manager is closed to new accounts, so few users can test a program against it in their own account. This
//! crate serves the part of the API that covers controls and assessment frameworks on loopback, and
//! the parts of AWS Config, Security Hub, EventBridge and CloudTrail that decide what evidence it gets, and what it says, each in its own
//! protocol, to any client: the AWS SDKs, boto3, the AWS CLI. Besides the home account there can be others, which roles of
//! STS lead to. It follows the known behavior of the
//! services; each unknown is a switch in [`Switches`]. `docs/emulator.md` is the user guide.
//!
//! [`Emulator::start`] starts an emulator inside the current process; clients connect to [`Emulator::endpoint`].
//!
//! # Map
//!
//! In reading order; a module uses only modules before it.
//!
//! - `protocol`: what services have in common: constraints as data, callers, pages, times, and the three protocols.
//! - `audit_manager`, `config`, `security_hub`, `event_bridge`, `cloud_trail`, `sts`: the services. They know neither HTTP
//!   nor files.
//! - `options`, `state`: those of all services in all accounts. `service`: the names of services and operations. `access`:
//!   whether a caller may do something. `call`: the operation of a request, and what it does. `seed`: resources that
//!   requests cannot create.
//!
//! Storage and server:
//! - `failure`, `state_file`: one JSON file that is complete at any moment. `store`: concurrent reads and writes; a
//!   write is acknowledged once a file with it is durable, and all waiting writes share one file.
//! - `faults`, `requests`, `rate`: injected faults, the request log, and the rate limit of each account and service.
//! - `body`, `shared`, `admin`, `server`, `emulator`: HTTP, the paths under `/_emulator/`, start and stop.

mod protocol;
mod audit_manager;
mod config;
mod security_hub;
mod event_bridge;
mod cloud_trail;
mod sts;
mod options;
mod state;
mod service;
mod access;
mod call;
mod seed;
mod failure;
mod state_file;
mod store;
mod faults;
mod requests;
mod rate;
mod body;
mod shared;
mod admin;
mod server;
mod emulator;

pub use audit_manager::options::{AccountStatus, AuditManager, Quotas};
pub use audit_manager::seed::SeedError;
pub use audit_manager::switches::{BehaviorError, StandardWrite, Switches, Times};
pub use emulator::Emulator;
pub use failure::{StartError, StopError};
pub use faults::{Effect, Fault, FaultError};
pub use options::{AccountOptions, Options};
pub use protocol::pages::Pages;
pub use protocol::service_options::{OperationRate, ServiceOptions};
pub use requests::Request;
pub use seed::Seed;

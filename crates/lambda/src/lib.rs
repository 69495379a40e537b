//! The Lambda functions. Each is a program in `src/bin`; `package.sh` builds a package for each.
//!
//! In reading order: `log` writes lines and metrics, `trace` logs what a run does, [`event`] reads what triggered the
//! function, `environment` its settings, `state` is what runs save for later ones, `bucket_catalog` reads the catalog,
//! `function` has the clients, `delivery` sends the reports and returns messages to the queue, `run` is one run.
//! [`startup`] starts any of the functions, [`sync`] is the one that applies the catalog.

mod log;
mod trace;
pub mod event;
mod environment;
mod state;
mod bucket_catalog;
mod function;
mod delivery;
mod run;
pub mod startup;
pub mod sync;

pub use log::LogLevel;

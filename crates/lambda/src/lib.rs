//! The Lambda functions. Each is a program in `src/bin`; `package.sh` builds a package for each.
//!
//! In reading order: `log` writes lines and metrics, `trace` what all functions log, [`event`] reads what triggered a function,
//! `variables` its environment. `outbox` has the reports that are not sent yet, `store` what runs save, `bucket_catalog` reads the
//! catalog, `reports` sends to the topics, `invocation` is one event with its response. [`startup`] starts any of the functions, [`sync`] is the one that
//! applies the catalog, [`evidence`] the one that watches whether its sources can collect.

mod log;
mod trace;
pub mod event;
mod variables;
mod outbox;
mod store;
mod bucket_catalog;
mod reports;
mod invocation;
pub mod startup;
pub mod sync;
pub mod evidence;

pub use log::LogLevel;

//! Audit Manager.
//!
//! In reading order: `failure` explains failed requests, [`Client`] sends all requests, [`account`] reads the account, [`apply`]
//! applies a plan, [`keywords`] reads the keywords of data sources, [`probe`] asks how the service behaves.

mod failure;
pub(crate) mod client;
pub mod account;
pub mod apply;
pub mod keywords;
pub mod probe;

pub use client::{Client, DEFAULT_RATE};

//! controlsync-aws: the only crate that names the AWS SDK.
//!
//! In reading order:
//!
//! 1. `limiter`: one pace for all requests.
//! 2. `failure`: what went wrong with a request, in the service's words.
//! 3. [`client`]: the only place that configures the SDK, and the one way a request is sent.
//! 4. [`account`]: what the account holds.
//! 5. [`apply`]: carries out a plan.
//! 6. [`keywords`]: what sources can look for.

mod limiter;
mod failure;
pub mod client;
pub mod account;
pub mod apply;
pub mod keywords;

pub use client::{Client, ConnectError, Settings};
pub use failure::reasons;

//! controlsync-aws: the only crate that names the AWS SDK.
//!
//! In reading order:
//!
//! 1. `limiter`: one pace for all requests.
//! 2. `failure`: what went wrong with a request, in the service's words.
//! 3. [`bucket`]: the objects of a bucket.
//! 4. `topic`: messages to those who want to know.
//! 5. `queue`: messages that are given back.
//! 6. [`client`]: the only place that configures the SDK, and the one way a request is sent to Audit Manager.
//! 7. [`account`]: what the account holds.
//! 8. [`apply`]: carries out a plan.
//! 9. [`keywords`]: what sources can look for.
//! 10. [`push`]: brings a bucket to what the files say.

mod limiter;
mod failure;
pub mod bucket;
#[cfg(feature = "messages")]
pub mod topic;
#[cfg(feature = "messages")]
pub mod queue;
pub mod client;
pub mod account;
pub mod apply;
pub mod keywords;
pub mod push;

pub use client::{Client, ConnectError, Connection, Settings};
pub use failure::reasons;

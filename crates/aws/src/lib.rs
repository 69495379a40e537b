//! controlsync-aws: the only crate that uses the AWS SDK.
//!
//! In reading order:
//!
//! 1. `limiter`: a shared rate limit for all requests.
//! 2. `failure`: failed requests, with the service's message and help.
//! 3. [`bucket`]: the objects of a bucket.
//! 4. `topic`: notifications.
//! 5. `queue`: messages that are returned for a retry.
//! 6. [`client`]: configures the SDK and sends all requests to Audit Manager.
//! 7. [`account`]: reads the account.
//! 8. [`apply`]: applies a plan.
//! 9. [`keywords`]: reads the keywords of data sources.
//! 10. [`push`]: uploads a catalog to a bucket.

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

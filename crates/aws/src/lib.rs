//! controlsync-aws: the only crate that uses the AWS SDK.
//!
//! In reading order:
//!
//! 1. `limiter`: a shared rate limit for all requests.
//! 2. `failure`: failed requests, with the service's message and help.
//! 3. `sender`: the rate, attempts and stop of one service.
//! 4. `pages`: lists of a service, which always end.
//! 5. [`bucket`]: the objects of a bucket.
//! 6. `topic`: notifications.
//! 7. `queue`: messages that are returned for a retry.
//! 8. [`client`]: configures the SDK; sends the requests to Audit Manager.
//! 9. [`account`]: reads the account.
//! 10. [`apply`]: applies a plan.
//! 11. [`keywords`]: reads the keywords of data sources.
//! 12. [`push`]: uploads a catalog to a bucket.

mod limiter;
mod failure;
mod sender;
mod pages;
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

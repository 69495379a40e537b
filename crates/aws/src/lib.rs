//! controlsync-aws: the only crate that uses the AWS SDK.
//!
//! In reading order:
//!
//! 1. `limiter`: a shared rate limit for all requests.
//! 2. `failure`: failed requests, with the service's message.
//! 3. `sender`: the rate, attempts and stop of one service.
//! 4. `pages`: lists of a service, which always end.
//! 5. [`s3`]: the objects of a bucket.
//! 6. `sns`: notifications.
//! 7. `sqs`: messages that are returned for a retry.
//! 8. [`audit_manager`]: reads an account, and applies plans to it.
//! 9. `connection`: configures the SDK for all of them.
//! 10. [`push`]: uploads a catalog to a bucket.

mod limiter;
mod failure;
mod sender;
mod pages;
pub mod s3;
#[cfg(feature = "messages")]
pub mod sns;
#[cfg(feature = "messages")]
pub mod sqs;
pub mod audit_manager;
mod connection;
pub mod push;

pub use audit_manager::Client;
pub use connection::{ConnectError, Connection, Settings};
pub use failure::reasons;
pub use sender::Stop;

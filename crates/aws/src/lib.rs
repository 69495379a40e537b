//! controlsync-aws: the only crate that uses the AWS SDK.
//!
//! In reading order:
//!
//! 1. `limiter`: a shared rate limit for all requests.
//! 2. `causes`: the causes of an error.
//! 3. `proxies`, [`aws_environment`]: what the AWS environment sets.
//! 4. `connector`: the one HTTP client, with its proxies and certificates.
//! 5. `failure`: failed requests, with the service's message.
//! 6. `sender`: the rate, attempts and stop of one service.
//! 7. `pages`: lists of a service, which always end.
//! 8. [`s3`]: the objects of a bucket.
//! 9. `sns`: notifications.
//! 10. `sqs`: messages that are returned for a retry.
//! 11. [`audit_manager`]: reads an account, and applies plans to it.
//! 12. `connection`: configures the SDK for all of them.
//! 13. [`push`]: uploads a catalog to a bucket.

mod limiter;
mod causes;
mod proxies;
pub mod aws_environment;
mod connector;
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
pub use causes::reasons;
pub use connection::{ConnectError, Connection, Settings};
pub use pages::{all_pages, each_item, first_pages};
pub use sender::{Sender, Stop};

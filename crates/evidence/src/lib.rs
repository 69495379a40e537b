//! controlsync-evidence: reads what decides whether evidence is collected. The only crate that names the SDKs of AWS Config, Security
//! Hub CSPM, EventBridge and CloudTrail; it calls nothing but operations that describe, get or list.
//!
//! Each reader returns facts (`controlsync_core::evidence::facts`). A request that fails is the fact that something was not read,
//! with the service and the permission: it never becomes an empty list.
//!
//! In reading order:
//!
//! 1. `answer`: from the result of requests to a fact.
//! 2. [`services`]: a client for each service, with its own rate.
//! 3. `sts`, `audit_manager`, `event_bridge`, `config`, `results`, `security_hub`, `findings`, `central`, `cloud_trail`: the readers.
//! 4. `account`: everything that the sources of a catalog need in an account.
//! 5. [`compliance`]: what the checks say there.
//! 6. [`mod@read`]: Audit Manager with its own account, and [`members`]: all other accounts.
//! 7. [`checks`]: what the checks say in all of them.
//! 8. `kept`: facts that a run keeps for the next one.

mod answer;
pub mod services;
mod sts;
mod audit_manager;
mod event_bridge;
mod config;
mod results;
mod security_hub;
mod findings;
mod central;
mod cloud_trail;
mod account;
pub mod compliance;
pub mod read;
pub mod members;
pub mod checks;
mod kept;

pub use kept::Kept;
pub use members::Members;
pub use read::Request;
pub use services::Services;
pub use sts::Role;

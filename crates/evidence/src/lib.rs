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
//! 3. `audit_manager`, `event_bridge`, `config`, `security_hub`, `cloud_trail`: the readers.
//! 4. [`mod@read`]: everything that the sources of a catalog need.
//! 5. `kept`: facts that a run keeps for the next one.

mod answer;
pub mod services;
mod audit_manager;
mod event_bridge;
mod config;
mod security_hub;
mod cloud_trail;
pub mod read;
mod kept;

pub use kept::KeptFacts;
pub use read::{Request, read};
pub use services::Services;

//! The AWS SDK over HTTP against the emulator: everything is real except the account.
#![expect(clippy::unwrap_used, reason = "tests stop at anything unexpected")]

mod answers;
mod faults;
#[path = "../laws/generate.rs"]
mod generate;
#[path = "../laws/ids.rs"]
mod ids;
mod laws;
mod pull;
mod probe;
mod races;
mod snapshot;
mod support;

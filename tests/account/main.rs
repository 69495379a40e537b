//! Everything real but the account: the AWS SDK over HTTP against the emulator.
#![expect(clippy::unwrap_used, reason = "tests stop where something is odd")]

mod faults;
#[path = "../laws/generate.rs"]
mod generate;
#[path = "../laws/ids.rs"]
mod ids;
mod laws;
mod pull;
mod races;
mod snapshot;
mod support;

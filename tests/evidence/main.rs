//! Evidence through the real SDKs and the emulator: what requests that fail do to setups, and how many requests there are.
#![expect(clippy::unwrap_used, reason = "tests fail on unexpected input")]

mod compliance;
mod failures;
mod organization;
mod scale;
mod support;

//! The program as people and CI run it: wiring, messages and exit codes.
#![expect(clippy::unwrap_used, reason = "tests stop where something is odd")]

mod account;
mod explain;
mod lint;
mod local;
mod mend;
mod plan_rules;
mod pull;
mod support;

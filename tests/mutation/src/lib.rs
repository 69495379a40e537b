//! Invariants for every input, including arbitrary bytes.
//!
//! Each entry point generates inputs from known ones and verifies the invariants: [`files`] for the files of a
//! catalog, [`account`] for responses of the service and the cache of an earlier run, [`saved`] for a saved plan,
//! [`imports`] for conformance packs, [`exports`] for their lock, [`earlier_reports`] for reports of compliance,
//! [`reports`] for the notices that the function has reported, [`events`] for its events, [`aws_files`] for the files
//! of the AWS CLI, [`answers`] for responses of the service to the real SDK, [`emulator`] for requests to the emulator
//! and its state file. [`mutate`] generates inputs.

#![expect(clippy::disallowed_macros, reason = "a violated invariant needs no kind")]

pub mod mutate;
pub mod files;
pub mod account;
pub mod saved;
pub mod imports;
pub mod exports;
pub mod earlier_reports;
pub mod reports;
pub mod events;
pub mod aws_files;
pub mod answers;
mod compliance_requests;
pub mod emulator;
#[path = "../../laws/service.rs"]
mod service;

use anyhow::Result;
use fastrand::Rng;

/// A file of an input: path and content.
pub type File = (String, Vec<u8>);

/// An entry point for external input.
pub struct Entry {
    /// Name for `--entry`.
    pub name: &'static str,
    /// Generates an input from definitions.
    pub input: fn(&[File], &mut Rng) -> Vec<File>,
    /// Fails if an invariant is violated.
    pub verify: fn(&[File]) -> Result<()>,
}

/// All entry points.
pub const ENTRIES: [Entry; 14] = [
    Entry { name: "definitions", input: files::definitions, verify: files::verify },
    Entry { name: "configuration", input: files::configuration, verify: files::verify },
    Entry { name: "account", input: account::input, verify: account::verify },
    Entry { name: "saved-plan", input: saved::input, verify: saved::verify },
    Entry { name: "conformance-pack", input: imports::input, verify: imports::verify },
    Entry { name: "packs-lock", input: exports::input, verify: exports::verify },
    Entry { name: "earlier-report", input: earlier_reports::input, verify: earlier_reports::verify },
    Entry { name: "state", input: reports::input, verify: reports::verify },
    Entry { name: "event", input: events::input, verify: events::verify },
    Entry { name: "aws-files", input: aws_files::input, verify: aws_files::verify },
    Entry { name: "answers", input: answers::input, verify: answers::verify },
    Entry { name: "emulator-requests", input: emulator::requests, verify: emulator::verify_requests },
    Entry { name: "emulator-services", input: emulator::service_requests, verify: emulator::verify_service_requests },
    Entry { name: "emulator-state", input: emulator::state, verify: emulator::verify_state },
];

/// Returns the content of a file of an input; empty if it does not exist.
fn content<'a>(files: &'a [File], path: &str) -> &'a [u8] {
    files.iter().find(|(name, _)| name == path).map(|(_, bytes)| bytes.as_slice()).unwrap_or_default()
}

/// Returns the input without one file.
fn without(files: &[File], path: &str) -> Vec<File> {
    files.iter().filter(|(name, _)| name != path).cloned().collect()
}

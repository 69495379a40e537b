//! What must hold for every input, whatever its bytes.
//!
//! An entry point makes inputs from known ones and holds the laws against them: [`files`] what people write, [`account`]
//! what the service or the cache of an earlier run says, [`saved`] a saved plan, [`told`] what the function has told
//! before, [`woken`] what wakes it, [`emulator`] what reaches the local Audit Manager. [`mutate`] makes inputs.

pub mod mutate;
pub mod files;
pub mod account;
pub mod saved;
pub mod reports;
pub mod events;
pub mod emulator;
#[path = "../../laws/service.rs"]
mod service;

use anyhow::Result;
use fastrand::Rng;

/// A file of an input: its path and its content.
pub type File = (String, Vec<u8>);

/// A way by which inputs that nobody controls come in.
pub struct Entry {
    /// By which it is chosen.
    pub name: &'static str,
    /// Makes an input from definitions.
    pub input: fn(&[File], &mut Rng) -> Vec<File>,
    /// Fails where a law does not hold.
    pub hold: fn(&[File]) -> Result<()>,
}

/// All of them.
pub const ENTRIES: [Entry; 8] = [
    Entry { name: "definitions", input: files::definitions, hold: files::hold },
    Entry { name: "configuration", input: files::configuration, hold: files::hold },
    Entry { name: "account", input: account::input, hold: account::hold },
    Entry { name: "saved-plan", input: saved::input, hold: saved::hold },
    Entry { name: "state", input: reports::input, hold: reports::hold },
    Entry { name: "event", input: events::input, hold: events::hold },
    Entry { name: "emulator-requests", input: emulator::requests, hold: emulator::hold_requests },
    Entry { name: "emulator-state", input: emulator::state, hold: emulator::hold_state },
];

/// The content of a file of an input; nothing where there is none of the path.
fn content<'a>(files: &'a [File], path: &str) -> &'a [u8] {
    files.iter().find(|(held, _)| held == path).map(|(_, bytes)| bytes.as_slice()).unwrap_or_default()
}

/// The input without one file.
fn without(files: &[File], path: &str) -> Vec<File> {
    files.iter().filter(|(held, _)| held != path).cloned().collect()
}

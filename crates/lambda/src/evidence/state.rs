//! What runs save for later ones: what they have found, and the outbox of unsent reports.

use controlsync_core::watch::Memory;
use serde::{Deserialize, Serialize};

use crate::outbox::{Entry, LastReport};
use crate::store::State;

/// What runs save for later ones.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct EvidenceState {
    version: u32,
    /// Unsent reports, the oldest first.
    #[serde(default)]
    outbox: Vec<Entry>,
    /// The last run that had something to report.
    #[serde(default)]
    pub last_report: Option<LastReport>,
    /// When the last email was written, in seconds since 1970.
    #[serde(default)]
    pub last_email: Option<u64>,
    /// Whether emails wait for a confirmed subscription to their topic.
    #[serde(default)]
    held: bool,
    /// What runs have found.
    #[serde(default)]
    pub memory: Memory,
}

impl State for EvidenceState {
    const KEY: &'static str = ".controlsync/evidence.json";
    const VERSION: u32 = 1;

    fn version(&self) -> u32 {
        self.version
    }

    fn set_version(&mut self) {
        self.version = Self::VERSION;
    }

    fn outbox(&self) -> &Vec<Entry> {
        &self.outbox
    }

    fn mailbox(&mut self) -> &mut Vec<Entry> {
        &mut self.outbox
    }

    fn set_held(&mut self, held: bool) {
        self.held = held;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Found, parse, text};

    /// Replaces each byte of a state in turn, and cuts the state off there.
    #[test]
    fn a_damaged_state_is_discarded() {
        let mut state = EvidenceState { last_email: Some(1), ..EvidenceState::default() };
        state.memory.controls.insert("Keys are rotated".to_owned(), Some(true));
        let text = text(&mut state);
        for at in 0..text.len() {
            let mut damaged = text.clone().into_bytes();
            for byte in [0, b'"', b'}', b']', b'9', b'x', 0xff] {
                damaged[at] = byte;
                let (read, found) = parse::<EvidenceState>(&damaged);
                assert!(found == Found::Valid || read.memory.is_empty(), "{at}");
            }
            assert_eq!(parse::<EvidenceState>(&text.as_bytes()[..at]).1, Found::Damaged, "{at}");
        }
    }
}

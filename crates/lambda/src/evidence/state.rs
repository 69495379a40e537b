//! What runs save for later ones: what they have found.

use controlsync_core::watch::Memory;
use serde::{Deserialize, Serialize};

use crate::store::State;

/// What runs save for later ones.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct EvidenceState {
    /// What runs have found.
    #[serde(default)]
    pub memory: Memory,
}

impl State for EvidenceState {
    const KEY: &'static str = ".controlsync/evidence.json";
    const VERSION: u32 = 1;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Found, Mailbox, parse, text};

    /// Replaces each byte of a state in turn, and cuts the state off there.
    #[test]
    fn a_damaged_state_is_discarded() {
        let mut state = EvidenceState::default();
        state.memory.controls.insert("Keys are rotated".to_owned(), Some(true));
        let text = text(&mut Mailbox::default(), &state);
        for at in 0..text.len() {
            let mut damaged = text.clone().into_bytes();
            for byte in [0, b'"', b'}', b']', b'9', b'x', 0xff] {
                damaged[at] = byte;
                let (_, read, found) = parse::<EvidenceState>(&damaged);
                assert!(found == Found::Valid || read.memory.is_empty(), "{at}");
            }
            assert_eq!(parse::<EvidenceState>(&text.as_bytes()[..at]).2, Found::Damaged, "{at}");
        }
    }
}

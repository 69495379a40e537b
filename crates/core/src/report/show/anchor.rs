//! Where an object stands on the page: a name that links can be made with, and that stays while others come and go.

use crate::plan::hex;

/// At most so many characters of a name are in its anchor.
const MAX: usize = 60;

/// The anchor of an object. A plain name is its own anchor; of any other one there is what is plain of it, and a digest, so
/// that no two names have the same.
pub(super) fn anchor(kind: &str, name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !name.is_empty() && name.len() <= MAX && name.chars().all(plain) {
        return format!("{kind}-{name}");
    }
    let mut words = String::new();
    for c in name.chars() {
        if words.len() >= MAX {
            break;
        }
        if plain(c) {
            words.push(c);
        } else if !words.is_empty() && !words.ends_with('-') {
            words.push('-');
        }
    }
    // No plain name has the tilde.
    format!("{kind}-{}~{}", words.trim_end_matches('-'), hex(name.as_bytes(), 12))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn anchors_are_plain_stay_and_differ() {
        // Written down: people keep links.
        assert_eq!(anchor("control", "Access-KeysAreRotated"), "control-Access-KeysAreRotated");
        assert_eq!(anchor("control", "2.1.1 Ensure \"x\""), "control-2.1.1-Ensure-x~1e72eba68f0f");
        let long = "word".repeat(250);
        let names = ["A b", "A-b", "a-b", "A  b", "<b>", "é", "è", "", " ", &long, &long[1..]];
        let all: BTreeSet<String> = names.iter().map(|name| anchor("control", name)).collect();
        assert_eq!(all.len(), names.len(), "{all:?}");
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
        assert!(all.iter().all(|anchor| anchor.len() < 90 && anchor.chars().all(plain)), "{all:?}");
    }
}

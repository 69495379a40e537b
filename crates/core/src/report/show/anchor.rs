//! Anchors of objects on the page: names for links, which are stable while other objects are added and removed.

use crate::digest::short;

/// Maximum number of characters of a name in its anchor.
const MAX: usize = 60;

/// Returns the anchor of an object. A plain name is its own anchor; for other names it consists of the plain characters
/// and a digest, so that anchors are unique.
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
    // Plain names contain no tilde.
    format!("{kind}-{}~{}", words.trim_end_matches('-'), short(name.as_bytes(), 12))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn anchors_are_plain_stable_and_unique() {
        // Fixed values, because users keep links.
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

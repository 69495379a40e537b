//! The framework of a pack.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::model::{ControlRef, ControlSet, Framework};

/// Name of the only control set of a pack whose rules name no controls, and of those that name none.
const OTHER: &str = "Rules";

/// Returns the name of the framework of a file: its name without extension, with spaces for hyphens except in numbers.
pub(super) fn name_of(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let mut words: Vec<char> = stem.chars().collect();
    for at in 0..words.len() {
        let digit = |at: Option<usize>| at.and_then(|at| words.get(at)).is_some_and(char::is_ascii_digit);
        if words[at] == '-' && !(digit(at.checked_sub(1)) && digit(Some(at + 1))) {
            words[at] = ' ';
        }
    }
    words.into_iter().collect::<String>().trim().to_owned()
}

/// Returns the name of the control set for a control of a standard. Names of control sets have no underscores and
/// backslashes, see `schemas/framework.schema.json`.
pub(super) fn set_name(control: &str) -> String {
    control.replace(['_', '\\'], "-")
}

/// Returns the control sets of rules, which are given as their sets and the name of their control.
pub(super) fn sets<'a>(rules: impl Iterator<Item = (&'a [String], &'a str)>) -> Vec<ControlSet> {
    let mut sets: BTreeMap<Natural, Vec<ControlRef>> = BTreeMap::new();
    let mut other = Vec::new();
    let add = |controls: &mut Vec<ControlRef>, name: &str| {
        let control = ControlRef::Name(name.to_owned());
        if !controls.contains(&control) {
            controls.push(control);
        }
    };
    for (names, control) in rules {
        for name in names {
            add(sets.entry(Natural(set_name(name))).or_default(), control);
        }
        if names.is_empty() {
            add(&mut other, control);
        }
    }
    if !other.is_empty() {
        let own = sets.entry(Natural(OTHER.to_owned())).or_default();
        for control in other {
            if !own.contains(&control) {
                own.push(control);
            }
        }
    }
    sets.into_iter().map(|(name, controls)| ControlSet { name: name.0, controls }).collect()
}

/// Whether a framework has all controls of another one, in the same sets.
pub(super) fn has_all(framework: &Framework, other: &Framework) -> bool {
    other.control_sets.iter().all(|set| {
        let own = framework.control_sets.iter().find(|own| own.name == set.name);
        own.is_some_and(|own| set.controls.iter().all(|control| own.controls.contains(control)))
    })
}

/// A name in the order of readers: `1.2` before `1.10`.
#[derive(PartialEq, Eq)]
struct Natural(String);

impl Natural {
    fn key(&self) -> Vec<(u64, &str)> {
        let mut parts = Vec::new();
        let mut rest = self.0.as_str();
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (number, after) = rest.split_at(digits);
            let words = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
            let (word, after) = after.split_at(words);
            // A name that starts with a word comes after those that start with a number.
            parts.push((if number.is_empty() { u64::MAX } else { number.parse().unwrap_or(u64::MAX - 1) }, word));
            rest = after;
        }
        parts
    }
}

impl Ord for Natural {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frameworks_are_named_after_files() {
        for (path, expected) in [
            (
                "packs/Operational-Best-Practices-for-CIS-AWS-v1.4-Level1.yaml",
                "Operational Best Practices for CIS AWS v1.4 Level1",
            ),
            ("Best-Practices-for-NIST-800-53.yml", "Best Practices for NIST 800-53"),
            ("-a-", "a"),
            (".yaml", ""),
        ] {
            assert_eq!(name_of(path), expected, "{path}");
        }
    }

    #[test]
    fn sets_are_in_the_order_of_readers() {
        let own = ["1.10", "1.2", "A_1", "1.2"].map(str::to_owned);
        let rules = [(&own[..], "b"), (&own[1..2], "a"), (&own[..0], "c")];
        let sets = sets(rules.into_iter());
        let shown: Vec<String> = sets.iter().map(|set| format!("{} {}", set.name, set.controls.len())).collect();
        assert_eq!(shown, ["1.2 2", "1.10 1", "A-1 1", "Rules 1"]);
    }
}

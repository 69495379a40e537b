//! The tags that mark an object as owned by this catalog, and that distinguish a change of the file from a change of
//! the account.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use unicode_normalization::UnicodeNormalization;

use super::references::ResolvedSet;
use super::tags::{APPLIED_TAG, CATALOG_TAG, SOURCE_TAG, is_ownership_tag, is_users_tag};
use crate::characters::{is_mark_of_tag_value, is_of_tag_value};
use crate::digest::short;
use crate::model::{Control, DataSource, Framework};

const DIGEST_DIGITS: usize = 12;
const KEY_DIGITS: usize = 4;
const MAX_TAG_VALUE: usize = 255;
/// How many interpretations of a record are considered for each hash that several tags share.
const MAX_READINGS: usize = 8;

/// Version of the digests that are written.
pub(crate) const VERSION: u32 = 2;

/// The desired state of an object, of which tags record a digest.
///
/// Objects in accounts carry digests of every version that was ever released, and each is compared with the digest of its own
/// version: another canonical form is another version, and the functions of earlier ones never change.
#[derive(Clone, Copy)]
pub(crate) enum Desired<'a> {
    /// A control.
    Control(&'a Control),
    /// A framework, with the names of its control sets and the identities of their controls: references count by the names of the
    /// controls, not by the form of the reference.
    Framework(&'a Framework, &'a [(&'a str, BTreeSet<String>)]),
}

impl Desired<'_> {
    /// Returns the digest of a version: 12 hexadecimal digits, independent of order; `None` if a later program defines the version.
    pub(crate) fn digest(self, version: u32) -> Option<String> {
        match (version, self) {
            // Version 2 differs only in that the tag names it.
            (1 | 2, Self::Control(control)) => Some(control_1(control)),
            (1 | 2, Self::Framework(framework, sets)) => Some(framework_1(framework, sets)),
            _ => None,
        }
    }

    /// Whether an `applied` tag records this state; `None` if it has a version that only a later program knows.
    pub(crate) fn is_recorded(self, applied: Applied<'_>) -> Option<bool> {
        self.digest(applied.version).map(|digest| digest == applied.digest)
    }
}

/// The value of an `applied` tag: `v2:DIGEST-KEYS`, and without `v2:` in version 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Applied<'a> {
    /// Version of the digest.
    pub version: u32,
    /// Digest of what was applied.
    pub digest: &'a str,
    /// Hash of each tag key that was set, one after another.
    keys: &'a str,
}

/// Returns the `applied` tag of an object; `None` if it has none.
pub(crate) fn applied(live: &BTreeMap<String, String>) -> Option<Applied<'_>> {
    let value = live.get(APPLIED_TAG)?;
    let versioned = value.strip_prefix('v').and_then(|rest| rest.split_once(':'));
    let (version, rest) = match versioned.and_then(|(version, rest)| Some((version.parse().ok()?, rest))) {
        Some((version, rest)) => (version, rest),
        None => (1, value.as_str()),
    };
    let (digest, keys) = rest.split_once('-').unwrap_or((rest, ""));
    Some(Applied { version, digest, keys })
}

fn control_1(control: &Control) -> String {
    let source = |source: &DataSource| {
        // A stated default and an omitted one are the same.
        let stated = |value: &Option<String>, default: &str| value.clone().filter(|value| value != default);
        let (option, input) = match source.source_type.name() {
            "MANUAL" => ("Procedural_Controls_Mapping", "UPLOAD_FILE"),
            _ => ("System_Controls_Mapping", "SELECT_FROM_LIST"),
        };
        json!([
            source.name,
            source.description,
            stated(&source.set_up_option, option),
            source.source_type.name(),
            stated(&source.input_type, input),
            source.keyword,
            source.frequency,
            source.troubleshooting
        ])
        .to_string()
    };
    let mut sources: Vec<String> = control.sources.iter().map(source).collect();
    sources.sort();
    digest(&json!([
        "control/1",
        control.name,
        control.description,
        control.testing_information,
        control.action_plan_title,
        control.action_plan_instructions,
        sources,
        control.tags
    ]))
}

fn framework_1(framework: &Framework, sets: &[(&str, BTreeSet<String>)]) -> String {
    let mut sets: Vec<String> = sets.iter().map(|(name, controls)| json!([name, controls]).to_string()).collect();
    sets.sort();
    digest(&json!([
        "framework/1",
        framework.name,
        framework.description,
        framework.compliance_type,
        sets,
        framework.tags
    ]))
}

/// Returns the names of control sets and the identities of their controls.
pub(super) fn identities<'a>(sets: &[ResolvedSet<'a>]) -> Vec<(&'a str, BTreeSet<String>)> {
    let of = |set: &ResolvedSet<'a>| set.controls.values().map(|control| control.identity.clone()).collect();
    sets.iter().map(|set| (set.name, of(set))).collect()
}

fn digest(state: &serde_json::Value) -> String {
    short(state.to_string().as_bytes(), DIGEST_DIGITS)
}

/// Returns the tags that an object should carry: its own and the three ownership tags.
pub(super) fn wanted(
    own: &BTreeMap<String, String>,
    catalog: &str,
    path: &str,
    desired: Desired<'_>,
) -> BTreeMap<String, String> {
    let digest = desired.digest(VERSION).unwrap_or_default();
    let mut keys: Vec<String> = own.keys().map(|key| short(key.as_bytes(), KEY_DIGITS)).collect();
    keys.sort();
    let mut tags = own.clone();
    tags.insert(CATALOG_TAG.to_owned(), catalog.to_owned());
    tags.insert(SOURCE_TAG.to_owned(), source_value(path));
    tags.insert(APPLIED_TAG.to_owned(), format!("v{VERSION}:{digest}-{}", keys.concat()));
    tags
}

/// Whether two `applied` tags say the same of a state: a tag of an earlier version is as good as one of this version. It is
/// renewed when something else is written.
pub(super) fn same_record(
    live: &BTreeMap<String, String>,
    wanted: &BTreeMap<String, String>,
    desired: Desired<'_>,
) -> bool {
    let (Some(live), Some(wanted)) = (applied(live), applied(wanted)) else { return false };
    live.keys == wanted.keys && desired.is_recorded(live) != Some(false)
}

/// Returns the tags that an earlier run set and that are no longer wanted.
///
/// A recorded hash is short, and a tag of another user may have the same one: a hash that a wanted tag explains counts
/// for that tag only, and if it matches several tags, none of them is treated as set by this catalog.
pub(super) fn obsolete(live: &BTreeMap<String, String>, wanted: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let hash = |key: &str| short(key.as_bytes(), KEY_DIGITS);
    let recorded = applied(live).map_or("", |applied| applied.keys);
    let mut recorded: BTreeSet<String> =
        recorded.as_bytes().chunks(KEY_DIGITS).map(|digits| String::from_utf8_lossy(digits).into_owned()).collect();
    for key in live.keys().filter(|key| wanted.contains_key(*key)) {
        recorded.remove(&hash(key));
    }
    let mut candidates: BTreeMap<String, Vec<(&String, &String)>> = BTreeMap::new();
    for (key, value) in live {
        let hash = hash(key);
        let unwanted = !wanted.contains_key(key) && !is_ownership_tag(key) && !key.starts_with("aws:");
        if unwanted && recorded.contains(&hash) {
            candidates.entry(hash).or_default().push((key, value));
        }
    }
    let only = |candidates: Vec<(&String, &String)>| match candidates.as_slice() {
        [(key, value)] => Some(((*key).clone(), (*value).clone())),
        _ => None,
    };
    candidates.into_values().filter_map(only).collect()
}

/// Returns the tags that the catalog set on an object, according to its `applied` tag. Recorded hashes are short, so
/// these are all possible interpretations; the first one contains only the certain tags.
pub(crate) fn recorded(live: &BTreeMap<String, String>) -> Vec<BTreeMap<String, String>> {
    let recorded = applied(live).map_or("", |applied| applied.keys);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for digits in recorded.as_bytes().chunks(KEY_DIGITS) {
        *counts.entry(String::from_utf8_lossy(digits).into_owned()).or_default() += 1;
    }
    let mut candidates: BTreeMap<String, Vec<(&String, &String)>> = BTreeMap::new();
    for (key, value) in live.iter().filter(|(key, _)| is_users_tag(key)) {
        candidates.entry(short(key.as_bytes(), KEY_DIGITS)).or_default().push((key, value));
    }
    let owned = |(key, value): &(&String, &String)| ((*key).clone(), (*value).clone());
    let (mut certain, mut ambiguous) = (BTreeMap::new(), Vec::new());
    for (hash, candidates) in &candidates {
        match counts.get(hash).copied().unwrap_or_default() {
            0 => {}
            count if candidates.len() <= count => certain.extend(candidates.iter().map(owned)),
            _ => ambiguous.push(candidates),
        }
    }
    let mut all = vec![certain];
    for candidates in ambiguous {
        let more: Vec<_> = all
            .iter()
            .flat_map(|tags| {
                candidates.iter().map(move |candidate| {
                    let (key, value) = owned(candidate);
                    let mut tags = tags.clone();
                    tags.insert(key, value);
                    tags
                })
            })
            .take(MAX_READINGS)
            .collect();
        all.extend(more);
    }
    all
}

/// Whether a tag value names a path, also in the form of earlier versions, which had letters of all alphabets.
pub(super) fn is_source(value: &str, path: &str) -> bool {
    value == source_value(path) || value == tag_value(path, |c| c.is_alphanumeric() || is_mark_of_tag_value(c))
}

/// Converts a path to a tag value with the characters that the user guide allows.
fn source_value(path: &str) -> String {
    tag_value(path, is_of_tag_value)
}

/// Converts a path to a tag value: NFC, disallowed characters replaced by `_`, truncated to 255 characters with a hash.
fn tag_value(path: &str, allowed: impl Fn(char) -> bool) -> String {
    let value: String = path.nfc().map(|c| if allowed(c) { c } else { '_' }).collect();
    if value.chars().count() <= MAX_TAG_VALUE {
        return value;
    }
    let hash = short(path.as_bytes(), DIGEST_DIGITS);
    let kept: String = value.chars().take(MAX_TAG_VALUE - DIGEST_DIGITS - 1).collect();
    format!("{kept}-{hash}")
}

#[cfg(test)]
mod tests {
    use super::super::ControlTarget;
    use super::super::references::ResolvedControl;
    use super::*;
    use crate::source_type::SourceType;

    fn empty() -> Control {
        Control::new("n".to_owned(), Vec::new())
    }

    /// Returns the tags of a control with these tags of its own.
    fn tags_of(own: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        wanted(own, "c", "controls/a.yaml", Desired::Control(&empty()))
    }

    #[test]
    fn a_tag_says_the_version_of_its_digest() {
        let of = |value: &str| BTreeMap::from([(APPLIED_TAG.to_owned(), value.to_owned())]);
        for (value, version, digest, keys) in [
            ("v2:0123456789ab-38439ab1", 2, "0123456789ab", "38439ab1"),
            ("v12:0123-", 12, "0123", ""),
            ("0123456789ab-3843", 1, "0123456789ab", "3843"),
            ("0123456789ab", 1, "0123456789ab", ""),
            ("vx:0123", 1, "vx:0123", ""),
        ] {
            assert_eq!(applied(&of(value)), Some(Applied { version, digest, keys }), "{value}");
        }
        assert_eq!(applied(&BTreeMap::new()), None);
        assert_eq!(applied(&tags_of(&BTreeMap::new())).unwrap().version, VERSION);
    }

    /// Existing accounts carry these digests: a change here would show every object as changed.
    #[test]
    fn the_digest_of_a_state_never_changes() {
        let source = |name: &str, source_type| DataSource {
            name: name.to_owned(),
            description: "d".to_owned(),
            source_type,
            input_type: Some("SELECT_FROM_LIST".to_owned()),
            keyword: Some("K".to_owned()),
            ..DataSource::manual_attestation()
        };
        let mut control = Control {
            name: "n".to_owned(),
            description: "é\n".to_owned(),
            action_plan_title: "t".to_owned(),
            action_plan_instructions: "i".to_owned(),
            tags: BTreeMap::from([("A".to_owned(), "1".to_owned())]),
            sources: vec![source("b", SourceType::Config), source("a", SourceType::Cloudtrail)],
            ..empty()
        };
        let digest = Desired::Control(&control).digest(1).unwrap();
        assert_eq!(digest, "6ac4e7348798");
        assert_eq!(Desired::Control(&control).digest(2).unwrap(), digest);
        assert_eq!(Desired::Control(&control).digest(VERSION + 1), None);
        control.sources.reverse();
        control.sources_member = "controlMappingSources";
        assert_eq!(Desired::Control(&control).digest(1).unwrap(), digest, "neither order nor spelling counts");
        let framework = Framework {
            name: "n".to_owned(),
            renamed_from: Vec::new(),
            description: None,
            compliance_type: "c".to_owned(),
            tags: BTreeMap::new(),
            control_sets: Vec::new(),
        };
        let set = |name: &'static str, controls: &[&str]| {
            let control = |(index, name): (usize, &&str)| {
                let (shown, identity) = ((*name).to_owned(), (*name).to_owned());
                (ControlTarget::Id(index.to_string()), ResolvedControl { shown, identity, index })
            };
            ResolvedSet { name, controls: controls.iter().enumerate().map(control).collect() }
        };
        let of = |version, sets: &[ResolvedSet<'_>]| {
            Desired::Framework(&framework, &identities(sets)).digest(version).unwrap()
        };
        for version in 1..=VERSION {
            assert_eq!(of(version, &[set("s", &["b", "a"]), set("r", &["c"])]), "67b85394039a");
            assert_eq!(of(version, &[set("r", &["c"]), set("s", &["a", "b", "a"])]), "67b85394039a");
        }
    }

    #[test]
    fn stating_a_default_of_the_service_does_not_change_the_digest() {
        let mut control = empty();
        for source_type in SourceType::ALL {
            let manual = *source_type == SourceType::Manual;
            let source =
                DataSource { name: "s".to_owned(), source_type: *source_type, ..DataSource::manual_attestation() };
            control.sources = vec![source.clone()];
            let omitted = Desired::Control(&control).digest(1).unwrap();
            let stated = DataSource {
                set_up_option: Some(source_type.set_up_option().to_owned()),
                input_type: Some(if manual { "UPLOAD_FILE" } else { "SELECT_FROM_LIST" }.to_owned()),
                ..source.clone()
            };
            control.sources = vec![stated];
            assert_eq!(Desired::Control(&control).digest(1).unwrap(), omitted, "{source_type:?}");
            control.sources = vec![DataSource { input_type: Some("INPUT_TEXT".to_owned()), ..source }];
            assert_ne!(Desired::Control(&control).digest(1).unwrap(), omitted, "{source_type:?}");
        }
    }

    #[test]
    fn a_path_becomes_a_tag_value() {
        let path = "controls/a b/e\u{301}'s.yaml";
        assert_eq!(source_value(path), "controls/a b/__s.yaml");
        for value in ["controls/a b/__s.yaml", "controls/a b/\u{e9}_s.yaml"] {
            assert!(is_source(value, path) && !is_source(value, "controls/b.yaml"), "{value}");
        }
        let long = source_value(&format!("controls/{}.yaml", "é".repeat(400)));
        assert_eq!(long.chars().count(), 255);
        assert_ne!(long, source_value(&format!("controls/{}.yml", "é".repeat(400))));
    }

    #[test]
    fn only_what_was_set_and_is_no_longer_wanted_is_obsolete() {
        let own =
            |keys: &[&str]| keys.iter().map(|key| ((*key).to_owned(), "v".to_owned())).collect::<BTreeMap<_, _>>();
        let mut live = tags_of(&own(&["A", "B"]));
        live.insert("Theirs".to_owned(), "v".to_owned());
        live.insert("aws:x".to_owned(), "v".to_owned());
        let next = tags_of(&own(&["A"]));
        assert_eq!(obsolete(&live, &next).into_keys().collect::<Vec<_>>(), ["B"]);
    }

    #[test]
    fn a_tag_of_another_user_with_the_same_hash_stays() {
        // Both keys have the hash 3843.
        let own = BTreeMap::from([("ID".to_owned(), "v".to_owned())]);
        let mut live = tags_of(&own);
        live.insert("CostCenter65021".to_owned(), "finance".to_owned());
        assert!(live[APPLIED_TAG].ends_with(&short(b"CostCenter65021", KEY_DIGITS)));
        assert!(obsolete(&live, &live).is_empty(), "the wanted tag explains the recorded hash");
        let nothing = tags_of(&BTreeMap::new());
        assert!(obsolete(&live, &nothing).is_empty(), "it is unclear which of the two was set by the catalog");
    }

    #[test]
    fn interpretations_of_a_record_start_with_the_certain_tags() {
        let own = BTreeMap::from([("ID".to_owned(), "v".to_owned()), ("B".to_owned(), "w".to_owned())]);
        let mut live = tags_of(&own);
        live.insert("Theirs".to_owned(), "x".to_owned());
        assert_eq!(recorded(&live), [own]);
        // Has the same hash as `ID`.
        live.insert("CostCenter65021".to_owned(), "finance".to_owned());
        let keys = |tags: &BTreeMap<String, String>| tags.keys().cloned().collect::<Vec<_>>().join(" ");
        assert_eq!(recorded(&live).iter().map(keys).collect::<Vec<_>>(), ["B", "B CostCenter65021", "B ID"]);
        live.remove(APPLIED_TAG);
        assert_eq!(recorded(&live), [BTreeMap::new()]);
    }

    #[test]
    fn the_applied_tag_of_47_keys_fits() {
        let own = (0..47).map(|n| (format!("Key{n}"), String::new())).collect();
        let tags = tags_of(&own);
        assert!(tags[APPLIED_TAG].len() <= MAX_TAG_VALUE);
        assert_eq!(tags.len(), 50);
    }
}

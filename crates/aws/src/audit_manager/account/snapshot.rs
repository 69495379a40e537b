//! What earlier runs read of an account, so that it need not be read again while it is unchanged.
//!
//! It is a cache: if it is missing or unreadable, everything is read. Its format is JSON; the caller decides where it
//! is stored.

use std::collections::{BTreeMap, BTreeSet};

use controlsync_core::plan::{
    AccountAssessment, AccountControl, AccountFramework, Actual, ControlOrigin, Stamp, Unconfirmed,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Version of the format; other versions are ignored.
const VERSION: u32 = 2;

/// Account, Region and endpoint of a snapshot, which is valid for no other.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SnapshotKey {
    /// Account ID.
    pub account: String,
    /// AWS Region.
    pub region: String,
    /// The address that responds.
    pub endpoint: String,
}

/// What was read, by ID, with the stamps of the lists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    version: u32,
    key: SnapshotKey,
    controls: BTreeMap<String, Kept<AccountControl>>,
    frameworks: BTreeMap<String, Kept<AccountFramework>>,
    assessments: BTreeMap<String, Kept<AccountAssessment>>,
    /// Controls and frameworks that a run wrote. Those that no list has since are looked for by ID.
    #[serde(default)]
    pub(super) written: Unconfirmed,
}

/// Why a text is not a snapshot that this version can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// Another version wrote it.
    #[error("another version of controlsync wrote it")]
    OtherVersion,
    /// It is cut short or edited.
    #[error("it is damaged")]
    Damaged,
}

/// Reads JSON that has its version under the key `version`, if it is of this version.
///
/// # Errors
///
/// Another version wrote the text, or it is damaged.
pub fn of_version<T: DeserializeOwned>(
    text: &[u8],
    version: u32,
    version_of: impl Fn(&T) -> u32,
) -> Result<T, SnapshotError> {
    #[derive(Deserialize)]
    struct Header {
        version: u32,
    }
    match serde_json::from_slice::<T>(text) {
        Ok(value) if version_of(&value) == version => Ok(value),
        // Only a text that cannot be used is read twice.
        _ => match serde_json::from_slice(text) {
            Ok(Header { version: other }) if other != version => Err(SnapshotError::OtherVersion),
            _ => Err(SnapshotError::Damaged),
        },
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Kept<T> {
    stamp: Stamp,
    detail: T,
}

/// Stamps are those of lists, or of the responses to writes, which are exact: a list in whole seconds cannot confirm them, as it would
/// show the same time after another change within the second.
fn known<'a, T>(kept: &'a BTreeMap<String, Kept<T>>, id: &str, stamp: Option<Stamp>) -> Option<&'a T> {
    kept.get(id).filter(|kept| Some(kept.stamp) == stamp).map(|kept| &kept.detail)
}

/// Without a reliable stamp, nothing is kept.
fn keep<T>(kept: &mut BTreeMap<String, Kept<T>>, id: String, detail: T, stamp: Option<Stamp>) {
    match stamp {
        Some(stamp) => {
            kept.insert(id, Kept { stamp, detail });
        }
        None => {
            kept.remove(&id);
        }
    }
}

impl Snapshot {
    /// Creates an empty snapshot.
    pub(super) fn new(key: Option<&SnapshotKey>) -> Self {
        Self { version: VERSION, key: key.cloned().unwrap_or_default(), ..Self::default() }
    }

    /// Reads what [`Self::to_text`] wrote.
    ///
    /// # Errors
    ///
    /// Another version wrote the text, or it is damaged.
    pub fn from_text(text: &[u8]) -> Result<Self, SnapshotError> {
        of_version(text, VERSION, |snapshot: &Self| snapshot.version)
    }

    /// Returns the snapshot as JSON.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(super) fn set_key(&mut self, key: &SnapshotKey) {
        self.key.clone_from(key);
    }

    pub(super) fn is_of(&self, key: &SnapshotKey) -> bool {
        self.key == *key
    }

    /// Whether it is of an account with this Region and endpoint.
    pub(super) fn is_of_place(&self, region: &str, endpoint: &str) -> bool {
        self.key.region == region && self.key.endpoint == endpoint
    }

    /// Forgets the names of the written objects that the lists have.
    pub(super) fn forget_listed(&mut self, actual: &Actual) {
        let Unconfirmed { controls, frameworks } = &mut self.written;
        actual.controls.iter().for_each(|live| drop(controls.remove(&live.id)));
        actual.frameworks.iter().for_each(|live| drop(frameworks.remove(&live.id)));
    }

    /// Keeps what an earlier run read, if it still exists unchanged.
    pub(super) fn take_over(&mut self, earlier: &Self, actual: &Actual) {
        let stamps = actual.controls.iter().map(|live| (live.id.as_str(), live.stamp));
        let stamps: BTreeMap<&str, Option<Stamp>> =
            stamps.chain(actual.frameworks.iter().map(|live| (live.id.as_str(), live.stamp))).collect();
        for (id, kept) in &earlier.controls {
            // Standard and core controls are in lists that most plans do not read.
            if stamps.get(id.as_str()).is_none_or(|stamp| *stamp == Some(kept.stamp))
                && (stamps.contains_key(id.as_str()) || kept.detail.origin != ControlOrigin::Custom)
            {
                self.controls.insert(id.clone(), kept.clone());
            }
        }
        for (id, kept) in &earlier.frameworks {
            if stamps.get(id.as_str()) == Some(&Some(kept.stamp)) {
                self.frameworks.insert(id.clone(), kept.clone());
            }
        }
        self.assessments.clone_from(&earlier.assessments);
    }

    pub(super) fn control(&self, id: &str, stamp: Option<Stamp>) -> Option<&AccountControl> {
        known(&self.controls, id, stamp)
    }

    pub(super) fn framework(&self, id: &str, stamp: Option<Stamp>) -> Option<&AccountFramework> {
        known(&self.frameworks, id, stamp)
    }

    pub(super) fn assessment(&self, id: &str, stamp: Option<Stamp>) -> Option<&AccountAssessment> {
        known(&self.assessments, id, stamp)
    }

    pub(super) fn control_mut(&mut self, id: &str) -> Option<&mut AccountControl> {
        self.controls.get_mut(id).map(|kept| &mut kept.detail)
    }

    pub(super) fn framework_mut(&mut self, id: &str) -> Option<&mut AccountFramework> {
        self.frameworks.get_mut(id).map(|kept| &mut kept.detail)
    }

    pub(super) fn keep_control(&mut self, id: String, detail: AccountControl, stamp: Option<Stamp>) {
        keep(&mut self.controls, id, detail, stamp);
    }

    pub(super) fn keep_framework(&mut self, id: String, detail: AccountFramework, stamp: Option<Stamp>) {
        keep(&mut self.frameworks, id, detail, stamp);
    }

    pub(super) fn keep_assessment(&mut self, detail: AccountAssessment, stamp: Option<Stamp>) {
        keep(&mut self.assessments, detail.id.clone(), detail, stamp);
    }

    /// Removes assessments that are no longer active.
    pub(super) fn keep_active(&mut self, active: &BTreeSet<String>) {
        self.assessments.retain(|id, _| active.contains(id));
    }
}

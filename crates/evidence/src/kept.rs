//! Facts that a run keeps for the next one. A cache: if it is missing or unreadable, everything is read.

use controlsync_aws::audit_manager::account::{SnapshotError, of_version};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Version of the format; other versions are ignored.
const VERSION: u32 = 2;

/// Facts of an account and Region, and what they were read for.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kept<T> {
    version: u32,
    /// Digest of what the sources of the catalog needed; empty if not all of it was read.
    pub needs: String,
    /// What was read.
    pub facts: T,
}

impl<T: Serialize + DeserializeOwned> Kept<T> {
    /// Creates what to keep. What is not `complete` is read again by the next run.
    pub fn new(needs: &str, facts: T, complete: bool) -> Self {
        let needs = if complete { needs.to_owned() } else { String::new() };
        Self { version: VERSION, needs, facts }
    }

    /// Reads what [`Self::to_text`] wrote.
    ///
    /// # Errors
    ///
    /// Another version wrote the text, or it is damaged.
    pub fn from_text(text: &[u8]) -> Result<Self, SnapshotError> {
        of_version(text, VERSION, |kept: &Self| kept.version)
    }

    /// Returns them as JSON.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

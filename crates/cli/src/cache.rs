//! Local state in the catalog's root directory: what earlier runs read from accounts.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use controlsync_aws::audit_manager::account::{Snapshot, SnapshotError, SnapshotKey};

use crate::atomic::{self, Existing};

/// Directory of local state.
const STATE_DIR: &str = ".controlsync";
const CACHE_DIR: &str = "cache";

/// Creates the directory of local state, which git ignores.
///
/// # Errors
///
/// It cannot be created.
pub fn state_dir(root: &Path) -> Result<PathBuf> {
    let directory = root.join(STATE_DIR);
    let ignore = directory.join(".gitignore");
    let context = || format!("cannot create {}", directory.display());
    std::fs::create_dir_all(&directory).with_context(context)?;
    if !ignore.exists() {
        atomic::write(&ignore, "*\n", Existing::Replace)?;
    }
    Ok(directory)
}

/// What an earlier run read of this account and Region, if anything.
///
/// # Errors
///
/// There is a cache that this version cannot use.
pub fn load(root: &Path, key: &SnapshotKey) -> Result<Option<Snapshot>, SnapshotError> {
    let text = std::fs::read(root.join(STATE_DIR).join(CACHE_DIR).join(file_name(key))).ok();
    text.map(|text| Snapshot::from_text(&text)).transpose()
}

/// Keeps what was read of an account and Region. The file is replaced atomically.
///
/// # Errors
///
/// It cannot be written.
pub fn save(root: &Path, key: &SnapshotKey, snapshot: &Snapshot) -> Result<()> {
    let directory = state_dir(root)?.join(CACHE_DIR);
    std::fs::create_dir_all(&directory).with_context(|| format!("cannot create {}", directory.display()))?;
    let path = directory.join(file_name(key));
    atomic::write(&path, &snapshot.to_text(), Existing::Replace)
}

/// A unique, readable and portable file name for each account, Region and endpoint.
fn file_name(key: &SnapshotKey) -> String {
    let mut endpoint = String::new();
    for c in key.endpoint.chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            endpoint.push(c);
        } else {
            let _ = write!(endpoint, "_{:x}", u32::from(c));
        }
    }
    format!("{}-{}-{endpoint}.json", key.account, key.region)
}

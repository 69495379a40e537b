//! Machine-local state at the root of the catalog: what earlier runs have read of accounts.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use controlsync_aws::account::{Snapshot, SnapshotKey};

use crate::atomic::{self, Existing};

/// Machine-local state.
const STATE_FOLDER: &str = ".controlsync";
const CACHE_FOLDER: &str = "cache";

/// The folder of machine-local state, which git ignores.
///
/// # Errors
///
/// It cannot be made.
pub fn state_folder(root: &Path) -> Result<PathBuf> {
    let folder = root.join(STATE_FOLDER);
    let ignore = folder.join(".gitignore");
    let context = || format!("cannot make {}", folder.display());
    std::fs::create_dir_all(&folder).with_context(context)?;
    if !ignore.exists() {
        std::fs::write(&ignore, "*\n").with_context(context)?;
    }
    Ok(folder)
}

/// What an earlier run has read of a place; none where there is nothing, or nothing that can be read.
pub fn load(root: &Path, key: &SnapshotKey) -> Option<Snapshot> {
    let text = std::fs::read(root.join(STATE_FOLDER).join(CACHE_FOLDER).join(file_name(key))).ok()?;
    Snapshot::from_text(&text)
}

/// Keeps what was read of a place. Whatever happens meanwhile, the file is the old one or the new one.
///
/// # Errors
///
/// It cannot be written.
pub fn save(root: &Path, key: &SnapshotKey, snapshot: &Snapshot) -> Result<()> {
    let folder = state_folder(root)?.join(CACHE_FOLDER);
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let path = folder.join(file_name(key));
    atomic::write(&path, &snapshot.to_text(), Existing::Replace)
}

/// A name of its own for each place: readable, and letters only.
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

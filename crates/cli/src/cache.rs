//! Local state in the catalog's root directory: what earlier runs read from accounts.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use controlsync_aws::audit_manager::account::{Snapshot, SnapshotError, SnapshotKey};
use controlsync_evidence::Kept;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::atomic::{self, Existing};

/// Directory of local state.
const STATE_DIR: &str = ".controlsync";
const CACHE_DIR: &str = "cache";
/// Start of the names of files with facts about evidence.
const FACTS: &str = "evidence-";

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

/// What the latest run read of an account that is unknown, at this Region and endpoint. Of the account it knows nothing but what it
/// has written there, which is looked at before it is used.
///
/// # Errors
///
/// There is a cache that this version cannot use.
pub fn load_latest(root: &Path, region: &str, endpoint: &str) -> Result<Option<Snapshot>, SnapshotError> {
    let suffix = file_name_in(region, endpoint);
    let entries = std::fs::read_dir(root.join(STATE_DIR).join(CACHE_DIR)).into_iter().flatten().flatten();
    let of_place = entries.filter(|entry| {
        entry.file_name().to_str().is_some_and(|name| name.ends_with(&suffix) && !name.starts_with(FACTS))
    });
    let latest = of_place.max_by_key(|entry| entry.metadata().and_then(|metadata| metadata.modified()).ok());
    let text = latest.and_then(|entry| std::fs::read(entry.path()).ok());
    text.map(|text| Snapshot::from_text(&text)).transpose()
}

/// Keeps what was read of an account and Region. The file is replaced atomically.
///
/// # Errors
///
/// It cannot be written.
pub fn save(root: &Path, key: &SnapshotKey, snapshot: &Snapshot) -> Result<()> {
    write(root, &file_name(key), &snapshot.to_text())
}

/// The facts about evidence in a file of an earlier run, if there are any.
///
/// # Errors
///
/// There is a cache that this version cannot use.
pub fn load_facts<T: Serialize + DeserializeOwned>(root: &Path, file: &str) -> Result<Option<Kept<T>>, SnapshotError> {
    let text = std::fs::read(root.join(STATE_DIR).join(CACHE_DIR).join(file)).ok();
    text.map(|text| Kept::from_text(&text)).transpose()
}

/// Keeps facts about evidence.
///
/// # Errors
///
/// They cannot be written.
pub fn save_facts<T: Serialize + DeserializeOwned>(root: &Path, file: &str, kept: &Kept<T>) -> Result<()> {
    write(root, file, &kept.to_text())
}

fn write(root: &Path, name: &str, text: &str) -> Result<()> {
    let directory = state_dir(root)?.join(CACHE_DIR);
    std::fs::create_dir_all(&directory).with_context(|| format!("cannot create {}", directory.display()))?;
    atomic::write(&directory.join(name), text, Existing::Replace)
}

/// The name of the file with facts of one kind about an account, Region and endpoint.
pub fn facts_file(kind: &str, key: &SnapshotKey) -> String {
    format!("{FACTS}{kind}-{}", file_name(key))
}

/// A unique, readable and portable file name for each account, Region and endpoint.
fn file_name(key: &SnapshotKey) -> String {
    format!("{}{}", key.account, file_name_in(&key.region, &key.endpoint))
}

/// The end of the names of files for this Region and endpoint.
fn file_name_in(region: &str, endpoint: &str) -> String {
    let mut portable = String::new();
    for c in endpoint.chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            portable.push(c);
        } else {
            let _ = write!(portable, "_{:x}", u32::from(c));
        }
    }
    format!("-{region}-{portable}.json")
}

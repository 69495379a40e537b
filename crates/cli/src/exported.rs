//! The conformance packs that an export has written: where they are, and which rules they have.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use controlsync_core::pack_lock::{LOCK_FILE, Lock};

use crate::error::bail;

const DIRECTORY: &str = "packs";

/// Returns the directory of the packs if no other was given: `packs` in the catalog's root directory.
pub fn directory(root: &Path) -> PathBuf {
    if root == Path::new(".") { PathBuf::from(DIRECTORY) } else { root.join(DIRECTORY) }
}

/// Reads the lock of the last export, if there is one.
///
/// # Errors
///
/// The file cannot be read, or is damaged.
pub fn read_lock(directory: &Path) -> Result<Option<Lock>> {
    let path = directory.join(LOCK_FILE);
    let bytes = match std::fs::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        read => read.with_context(|| format!("cannot read {}", path.display()))?,
    };
    let Ok(text) = String::from_utf8(bytes) else {
        bail!(File, "{} is not UTF-8; restore it from version control", path.display());
    };
    match Lock::read(&text) {
        Ok(lock) => Ok(Some(lock)),
        Err(error) => bail!(File, "{}: {error}", directory.display()),
    }
}

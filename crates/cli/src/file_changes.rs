//! Writes fixed and pulled files, and shows fixes as diffs.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context as _, Result};
use controlsync_core::fix::FixedFile;
use controlsync_core::report::Paths;
use similar::TextDiff;

use crate::atomic::{self, Existing};
use crate::error::bail;

/// The changes to a file as a unified diff.
pub fn diff(file: &FixedFile, paths: &Paths) -> String {
    let path = paths.show(&file.path);
    // `git apply` and `patch -p1` strip the part before the first slash.
    let path = path.trim_start_matches('/');
    let diff = TextDiff::from_lines(&file.before, &file.after);
    diff.unified_diff().context_radius(3).header(&format!("a/{path}"), &format!("b/{path}")).to_string()
}

/// Writes a file atomically.
///
/// # Errors
///
/// The file cannot be written, or it changed since it was read.
pub fn write(root: &Path, file: &FixedFile) -> Result<()> {
    // A configuration outside the catalog has an absolute path, which replaces `root` in `join`.
    let path = root.join(&file.path);
    let shown = path.display();
    let now = std::fs::read(&path).with_context(|| format!("cannot read {shown} again"))?;
    if now != file.before.as_bytes() {
        bail!(File, "{shown} changed after it was read and was not written; run the command again");
    }
    atomic::write(&path, &file.after, Existing::Replace)
}

/// Creates a file atomically, and its parent directories.
///
/// # Errors
///
/// The file cannot be written, it exists, or a parent directory is a symbolic link.
pub fn create(root: &Path, path: &str, text: &str) -> Result<()> {
    let (directories, name) = path.rsplit_once('/').unwrap_or(("", path));
    std::fs::create_dir_all(root).with_context(|| format!("cannot create {}", root.display()))?;
    let mut directory = root.to_owned();
    for part in directories.split('/').filter(|part| !part.is_empty()) {
        directory.push(part);
        match std::fs::create_dir(&directory) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(error).with_context(|| format!("cannot create {}", directory.display()));
            }
            _ => {}
        }
        // The target of a link is not part of the catalog.
        if !directory.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
            bail!(File, "{} is not a directory (links are not followed); remove or rename it", directory.display());
        }
    }
    atomic::write(&directory.join(name), text, Existing::Keep)
}

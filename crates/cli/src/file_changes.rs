//! Writes what fixes changed, or shows it; and writes what was pulled.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use controlsync_core::fix::FixedFile;
use controlsync_core::report::Paths;
use similar::TextDiff;

use crate::atomic::{self, Existing};

/// The changes of a file as a unified diff.
pub fn diff(file: &FixedFile, paths: &Paths) -> String {
    let path = paths.show(&file.path);
    // `git apply` and `patch -p1` take off what stands before the first slash.
    let path = path.trim_start_matches('/');
    let diff = TextDiff::from_lines(&file.before, &file.after);
    diff.unified_diff().context_radius(3).header(&format!("a/{path}"), &format!("b/{path}")).to_string()
}

/// Writes a file: wholly, or not at all.
///
/// # Errors
///
/// It cannot be written, or has changed since it was read.
pub fn write(root: &Path, file: &FixedFile) -> Result<()> {
    // The configuration can stand outside and has an absolute path then, which `join` takes as it is.
    let path = root.join(&file.path);
    let shown = path.display();
    let now = std::fs::read(&path).with_context(|| format!("cannot read {shown} again"))?;
    if now != file.before.as_bytes() {
        bail!("{shown} has changed since it was read; it is left as it is now: run the command again");
    }
    atomic::write(&path, &file.after, Existing::Replace)
}

/// Writes a file that is not there yet, and the folders that it stands in: wholly, or not at all.
///
/// # Errors
///
/// It cannot be written, it is there, or a link stands on the way to it.
pub fn create(root: &Path, path: &str, text: &str) -> Result<()> {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    std::fs::create_dir_all(root).with_context(|| format!("cannot make {}", root.display()))?;
    let mut folder = root.to_owned();
    for part in folders.split('/').filter(|part| !part.is_empty()) {
        folder.push(part);
        match std::fs::create_dir(&folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(error).with_context(|| format!("cannot make {}", folder.display()));
            }
            _ => {}
        }
        // What a link leads to is no part of the catalog.
        if !folder.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
            bail!("{} is no folder; links are not followed: move it away", folder.display());
        }
    }
    atomic::write(&folder.join(name), text, Existing::Keep)
}

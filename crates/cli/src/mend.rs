//! Writes what fixes changed, or shows it; and writes what was pulled.

use std::io::{ErrorKind, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use controlsync_core::fix::FixedFile;
use controlsync_core::report::Paths;
use similar::TextDiff;

/// The changes of a file as a unified diff.
pub fn diff(file: &FixedFile, paths: &Paths) -> String {
    let path = paths.show(&file.path);
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
    let context = || format!("cannot write {shown}");
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut new = tempfile::Builder::new().prefix(".controlsync-").tempfile_in(folder).with_context(context)?;
    new.write_all(file.after.as_bytes()).with_context(context)?;
    let permissions = std::fs::metadata(&path).with_context(context)?.permissions();
    new.as_file().set_permissions(permissions).with_context(context)?;
    new.as_file().sync_all().with_context(context)?;
    new.persist(&path).with_context(context)?;
    Ok(())
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
        // What a link leads to is no part of the catalogue.
        if !folder.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
            bail!("{} is no folder; links are not followed: move it away", folder.display());
        }
    }
    let path = folder.join(name);
    let context = || format!("cannot write {}", path.display());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".controlsync-");
    #[cfg(unix)]
    // As any new file: who may read it, the system decides.
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut new = builder.tempfile_in(&folder).with_context(context)?;
    new.write_all(text.as_bytes()).with_context(context)?;
    new.as_file().sync_all().with_context(context)?;
    new.persist_noclobber(&path).with_context(context)?;
    Ok(())
}

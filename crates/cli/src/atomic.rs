//! Files are written whole or not at all, whatever happens meanwhile.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Whether a file may be there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It is replaced, and its permissions stay.
    Replace,
    /// It is left alone, which is an error.
    Keep,
}

/// Writes a file. It is on disk when this returns.
///
/// # Errors
///
/// It cannot be written, or is there and is to be kept.
pub fn write(path: &Path, text: &str, existing: Existing) -> Result<()> {
    let context = || format!("cannot write {}", path.display());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".controlsync-");
    #[cfg(unix)]
    // As any new file: who may read it, the system decides.
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // Nobody knows the name of the file that is written first.
    let unnamed = |error: std::io::Error| {
        let told = error.to_string();
        let cause = told.split_once(" at path ").map_or(told.as_str(), |(cause, _)| cause);
        std::io::Error::new(error.kind(), cause)
    };
    let mut new = builder.tempfile_in(folder).map_err(unnamed).with_context(context)?;
    new.as_file_mut().write_all(text.as_bytes()).with_context(context)?;
    if existing == Existing::Replace
        && let Ok(metadata) = std::fs::metadata(path)
    {
        new.as_file().set_permissions(metadata.permissions()).with_context(context)?;
    }
    new.as_file().sync_all().with_context(context)?;
    match existing {
        Existing::Replace => drop(new.persist(path).map_err(|error| error.error).with_context(context)?),
        Existing::Keep => drop(new.persist_noclobber(path).map_err(|error| error.error).with_context(context)?),
    }
    Ok(())
}

//! Atomic writes: a file is written completely or not at all, even if the program is killed.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

/// What to do if the file exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Replace it and keep its permissions.
    Replace,
    /// Leave it alone and return an error.
    Keep,
}

/// Writes a file, which is on disk when this returns.
///
/// # Errors
///
/// The file cannot be written, or it exists and is kept.
pub fn write(path: &Path, text: &str, existing: Existing) -> Result<()> {
    let context = || format!("cannot write {}", path.display());
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".controlsync-");
    #[cfg(unix)]
    // The default mode of a new file, which the umask restricts.
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // The name of the temporary file means nothing to the user.
    let unnamed = |error: std::io::Error| {
        let message = error.to_string();
        let cause = message.split_once(" at path ").map_or(message.as_str(), |(cause, _)| cause);
        std::io::Error::new(error.kind(), cause)
    };
    let mut new = builder.tempfile_in(directory).map_err(unnamed).with_context(context)?;
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

//! Atomic writes: a file is written completely or not at all, even if the program is killed.

use std::fs::File;
use std::io::{self, BufWriter, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use tempfile::NamedTempFile;

use crate::{paths, platform};

/// What to do if the file exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Replace it and keep its permissions, owner and links.
    Replace,
    /// Leave it alone and return an error.
    Keep,
}

/// Writes a file, which is on disk when this returns. A symbolic link stays one: the file that it names is written.
///
/// # Errors
///
/// The file cannot be written, or it exists and is kept.
pub fn write(path: &Path, text: &str, existing: Existing) -> Result<()> {
    write_parts(path, std::iter::once(text), existing)
}

/// Writes a file that can be too large to be in memory, as [`write()`] does.
///
/// # Errors
///
/// As of [`write()`].
pub fn write_parts(path: &Path, parts: impl Iterator<Item: AsRef<str>>, existing: Existing) -> Result<()> {
    let context = || format!("cannot write {}", path.display());
    let replaced = std::fs::metadata(path).ok().filter(|_| existing == Existing::Replace);
    let path = if replaced.is_some() { paths::resolved(path).with_context(context)? } else { path.to_owned() };
    if let Some(metadata) = &replaced
        && platform::has_other_names(metadata)
    {
        // A new file would have one of the names only.
        let file = in_place(&path).with_context(context)?;
        fill(&file, parts).with_context(context)?;
        return file.sync_all().with_context(context);
    }
    let mut new = new_file(directory_of(&path)).with_context(context)?;
    fill(new.as_file(), parts).with_context(context)?;
    if let Some(metadata) = &replaced {
        if let Err(error) = platform::keep_owner(new.as_file(), metadata) {
            // Only the owner of a file and root can give it to its owner; a user who may write it can still do so in place.
            return overwrite(&path, new.as_file_mut()).map_err(|_| error).with_context(context);
        }
        new.as_file().set_permissions(metadata.permissions()).with_context(context)?;
    }
    new.as_file().sync_all().with_context(context)?;
    match existing {
        Existing::Replace => drop(new.persist(&path).map_err(|error| error.error).with_context(context)?),
        Existing::Keep => drop(new.persist_noclobber(&path).map_err(|error| error.error).with_context(context)?),
    }
    platform::sync_directory(&directory_of(&path)).with_context(context)
}

fn directory_of(path: &Path) -> PathBuf {
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
    directory.unwrap_or(Path::new(".")).to_owned()
}

/// Creates a file with a name of its own, beside the one that it replaces.
fn new_file(directory: PathBuf) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".controlsync-");
    platform::allow_what_the_umask_allows(&mut builder);
    // The name of the temporary file means nothing to the user.
    builder.tempfile_in(directory).map_err(|error| {
        let message = error.to_string();
        let cause = message.split_once(" at path ").map_or(message.as_str(), |(cause, _)| cause);
        io::Error::new(error.kind(), cause)
    })
}

fn fill(file: &File, parts: impl Iterator<Item: AsRef<str>>) -> io::Result<()> {
    let mut writer = BufWriter::new(file);
    for part in parts {
        writer.write_all(part.as_ref().as_bytes())?;
    }
    writer.flush()
}

/// Opens a file that cannot be replaced without losing a name or its owner, without its content.
fn in_place(path: &Path) -> io::Result<File> {
    File::options().write(true).truncate(true).open(path)
}

/// Writes a new file over another one.
fn overwrite(path: &Path, new: &mut File) -> io::Result<()> {
    let mut file = in_place(path)?;
    new.rewind()?;
    io::copy(new, &mut file)?;
    file.sync_all()
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    use super::*;

    #[test]
    fn mode_owner_and_links_are_kept() {
        let directory = tempfile::tempdir().unwrap();
        let (path, hard, symbolic) =
            (directory.path().join("a.yaml"), directory.path().join("hard.yaml"), directory.path().join("link.yaml"));
        std::fs::write(&path, "old").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        // Only root can give a file to another user.
        let other = std::os::unix::fs::chown(&path, Some(1000), Some(1000)).is_ok();
        let owner = std::fs::metadata(&path).unwrap().uid();
        assert_eq!(owner == 1000, other || owner == 1000);
        std::os::unix::fs::symlink(&path, &symbolic).unwrap();
        write(&symbolic, "new", Existing::Replace).unwrap();
        let metadata = std::fs::metadata(&path).unwrap();
        assert_eq!((metadata.mode() & 0o777, metadata.uid()), (0o640, owner));
        assert!(symbolic.is_symlink());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        std::fs::hard_link(&path, &hard).unwrap();
        write(&path, "newer", Existing::Replace).unwrap();
        assert_eq!(std::fs::read_to_string(&hard).unwrap(), "newer");
        assert_eq!(std::fs::metadata(&hard).unwrap().nlink(), 2);
        assert!(write(&path, "other", Existing::Keep).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "newer");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 3, "no temporary file is left");
    }
}

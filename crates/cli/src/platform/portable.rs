#![expect(clippy::unnecessary_wraps, reason = "the counterparts in `unix` can fail")]

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

/// Does nothing: the directory of a new file decides who may use it.
pub const fn allow_what_the_umask_allows(_: &mut tempfile::Builder<'_, '_>) {}

/// Always `false`: nothing counts the names of a file.
pub const fn has_other_names(_: &Metadata) -> bool {
    false
}

/// Does nothing: a new file inherits its owner from the directory.
///
/// # Errors
///
/// None.
pub const fn keep_owner(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}

/// Does nothing: a directory cannot be opened.
///
/// # Errors
///
/// None.
pub const fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The request to end this process, which never comes: only Ctrl-C does.
pub struct Termination;

impl Termination {
    /// Does nothing.
    ///
    /// # Errors
    ///
    /// None.
    pub const fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    /// Never ends.
    pub async fn received(&mut self) {
        std::future::pending::<()>().await;
    }
}

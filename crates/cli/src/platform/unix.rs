use std::fs::{File, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Gives a temporary file the default mode of a new file, which the umask restricts.
pub fn allow_what_the_umask_allows(builder: &mut tempfile::Builder<'_, '_>) {
    builder.permissions(Permissions::from_mode(0o666));
}

/// Whether a file has other names: hard links.
pub fn has_other_names(metadata: &Metadata) -> bool {
    metadata.nlink() > 1
}

/// Gives a file the owner and the group of another.
///
/// # Errors
///
/// The user may not give it away.
pub fn keep_owner(new: &File, replaced: &Metadata) -> io::Result<()> {
    let own = new.metadata()?;
    if (own.uid(), own.gid()) == (replaced.uid(), replaced.gid()) {
        return Ok(());
    }
    std::os::unix::fs::fchown(new, Some(replaced.uid()), Some(replaced.gid()))
}

/// Makes a new name in a directory durable.
///
/// # Errors
///
/// The directory cannot be written to disk.
pub fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// The request to end this process: SIGTERM.
pub struct Termination(Signal);

impl Termination {
    /// Starts to listen. From then on, the request no longer ends the process.
    ///
    /// # Errors
    ///
    /// The signal handler cannot be installed.
    pub fn listen() -> io::Result<Self> {
        signal(SignalKind::terminate()).map(Self)
    }

    /// Waits for the next request.
    pub async fn received(&mut self) {
        self.0.recv().await;
    }
}

//! Errors of starting and stopping an emulator.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// The reason an emulator could not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// Another process uses the port.
    #[error("port {port} is in use by another process; stop it, or choose another port (0 selects any free port)")]
    PortTaken {
        /// The requested port.
        port: u16,
    },
    /// The operating system does not allow listening on the port.
    #[error("cannot listen on 127.0.0.1:{port}: {source}; choose another port (0 selects any free port)")]
    Listen {
        /// The requested port.
        port: u16,
        /// The error of the operating system.
        source: io::Error,
    },
    /// Another process had the state file open for ten seconds.
    #[error("the state file {} is in use by another process; wait for that process, stop it, or choose another file", path.display())]
    StateLocked {
        /// The state file.
        path: PathBuf,
    },
    /// The state file cannot be read.
    #[error("cannot read the state file {}: {source}; check its permissions, or choose another file", path.display())]
    StateUnreadable {
        /// The state file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The file is not a state file.
    #[error("invalid state file {}: {source}; remove it, or choose another file", path.display())]
    StateMalformed {
        /// The state file.
        path: PathBuf,
        /// The first error in the file.
        source: serde_json::Error,
    },
    /// The file is inconsistent.
    #[error("the state file {} is inconsistent: {what}; fix it, remove it, or choose another file", path.display())]
    StateInconsistent {
        /// The state file.
        path: PathBuf,
        /// Description of the inconsistency.
        what: String,
    },
    /// The file was written by another version of this program.
    #[error("the state file {} has version {version}, which this version of controlsync does not support; remove it, or choose another file", path.display())]
    StateVersion {
        /// The state file.
        path: PathBuf,
        /// The version of the file.
        version: u32,
    },
    /// The file is for another account or Region.
    #[error("the state file {} is for account {found}, not {requested}; use that account and Region, or choose another file", path.display())]
    StateOfAnotherAccount {
        /// The state file.
        path: PathBuf,
        /// Account and Region of the file.
        found: String,
        /// The requested account and Region.
        requested: String,
    },
    /// The state file or its lock cannot be written.
    #[error("cannot write {}: {source}; check that its directory exists, its permissions and the free space, or choose another file", path.display())]
    StateNotWritable {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
}

/// The reason an emulator did not stop cleanly. It is stopped; the state file has every acknowledged write.
#[derive(Debug, Error)]
pub enum StopError {
    /// Clients neither finished their requests nor disconnected within five seconds.
    #[error("{connections} connections were still busy and were closed; let clients finish before stopping")]
    Cut {
        /// Number of connections.
        connections: usize,
    },
    /// A bug in the emulator.
    #[error("internal error in the emulator: {0}; please report it")]
    Internal(tokio::task::JoinError),
}

//! Why an emulator did not start, or did not stop in order.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why an emulator could not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// Another program listens there.
    #[error("port {port} is in use by another program; stop that, or choose another port (0 takes any free one)")]
    PortTaken {
        /// The port asked for.
        port: u16,
    },
    /// The system does not let this program listen.
    #[error("cannot listen on 127.0.0.1:{port}: {source}; choose another port (0 takes any free one)")]
    Listen {
        /// The port asked for.
        port: u16,
        /// What the system says.
        source: io::Error,
    },
    /// Another process has the state file, and kept it for ten seconds.
    #[error("the state file {} is in use by another process; wait for it or stop it, or choose another file", path.display())]
    StateLocked {
        /// The state file.
        path: PathBuf,
    },
    /// The system does not let this program read the state file.
    #[error("the state file {} cannot be read: {source}; see to its permissions, or choose another file", path.display())]
    StateUnreadable {
        /// The state file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("the state file {} is not JSON as the emulator writes it: {source}; remove it or choose another file", path.display())]
    StateMalformed {
        /// The state file.
        path: PathBuf,
        /// Where it departs from the format.
        source: serde_json::Error,
    },
    /// The file speaks of what it does not hold.
    #[error("the state file {} contradicts itself: {what}; mend it, remove it or choose another file", path.display())]
    StateInconsistent {
        /// The state file.
        path: PathBuf,
        /// What is wrong, in words.
        what: String,
    },
    /// The file comes from another version of this program.
    #[error("the state file {} has version {version}, which this program does not know; remove it or choose another file", path.display())]
    StateVersion {
        /// The state file.
        path: PathBuf,
        /// The version it has.
        version: u32,
    },
    /// The file holds another account or Region.
    #[error("the state file {} holds account {held}, not {asked}; start with those, or choose another file", path.display())]
    StateOfAnotherAccount {
        /// The state file.
        path: PathBuf,
        /// Account and Region in the file.
        held: String,
        /// Account and Region asked for.
        asked: String,
    },
    /// The system does not let this program write the state file or its lock.
    #[error("cannot write {}: {source}; make its folder, see to permissions and space, or choose another file", path.display())]
    StateNotWritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Why an emulator did not stop in order. It has stopped; the state file holds every write that was answered.
#[derive(Debug, Error)]
pub enum StopError {
    /// Clients neither finished their requests nor hung up within five seconds.
    #[error("{connections} connections were still busy and have been cut; let clients finish before stopping")]
    Cut {
        /// How many.
        connections: usize,
    },
    /// A bug of the emulator.
    #[error("the emulator failed inside: {0}; please report it")]
    Internal(tokio::task::JoinError),
}

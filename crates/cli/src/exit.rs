//! Exit codes, the same for every command and format.

use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use crate::error::report;

/// The outcome of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Success, nothing to report.
    Done,
    /// The catalog has errors, a plan has a conflict, or a change failed or was blocked.
    Findings,
    /// Changes are pending, or the user answered no.
    Pending,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Findings => 1,
            Exit::Pending => 3,
        })
    }
}

/// Reports why a command could not run, and returns its exit code. A closed pipe is not an error.
pub fn could_not_run(error: &anyhow::Error) -> ExitCode {
    let closed = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
    };
    if error.chain().any(closed) {
        return ExitCode::SUCCESS;
    }
    // If standard error is closed too, the error cannot be reported.
    let _ = writeln!(std::io::stderr(), "{}", report(error));
    ExitCode::from(2)
}

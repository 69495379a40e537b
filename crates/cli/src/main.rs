//! `controlsync`: AWS Audit Manager controls as code.
//!
//! In reading order: [`error`] says why a command could not run, [`exit`] has the exit codes, [`options`] the global flags,
//! [`platform`] what depends on the operating system, [`paths`] names files, [`atomic`] writes files, [`files`] reads a catalog,
//! [`lint_targets`] selects what `lint` checks, [`file_changes`] writes fixed and pulled files, [`git`] finds commits,
//! [`output`] writes results, [`ask`] prompts, [`progress`] shows progress bars, [`cache`] keeps what was read from an account,
//! [`session`] connects to the account, [`catalog`] checks the catalog and [`planning`] makes plans for several commands, [`exported`] reads what an export has written, [`evidence`] reads evidence,
//! [`compliance`] what it says,
//! [`commands`] has one file per command.

mod error;
mod exit;
mod options;
mod platform;
mod paths;
mod atomic;
mod files;
mod lint_targets;
mod file_changes;
mod git;
mod output;
mod ask;
mod progress;
mod cache;
mod session;
mod catalog;
mod planning;
mod exported;
mod evidence;
mod compliance;
mod commands;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser};

use crate::commands::Command;
use crate::options::Global;

/// The version, and the commit if it is known.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), env!("CONTROLSYNC_COMMIT"));

/// AWS Audit Manager controls as code.
///
/// Keep custom controls and frameworks as YAML files in git. controlsync checks the files and applies them to an
/// account.
#[derive(Debug, Parser)]
#[command(name = "controlsync", version = VERSION, max_term_width = 100)]
struct Args {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Bytes of stack for a command. Without optimization, reading a finding of Security Hub takes the AWS SDK 2 MB; the main thread has 1 MB
/// on Windows and 8 MB elsewhere.
const STACK: usize = 8 << 20;

fn run() -> ExitCode {
    let Args { global, command } = Args::parse();
    match command.run(&global, Args::command) {
        Ok(exit) => exit.into(),
        Err(error) => exit::could_not_run(&error),
    }
}

fn main() -> ExitCode {
    match std::thread::Builder::new().stack_size(STACK).spawn(run) {
        Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        Err(error) => exit::could_not_run(&anyhow::Error::new(error).context("cannot start a thread for the command")),
    }
}

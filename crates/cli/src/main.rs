//! `controlsync`: AWS Audit Manager controls as code.
//!
//! In reading order: [`exit`] are the exit codes, [`options`] the flags that every command has, [`atomic`] writes files, [`files`] reads a
//! catalog, [`units`] chooses what `lint` looks at, [`mend`] writes what it mended and what is pulled, [`git`] tells commits, [`output`] writes results, [`ask`] asks, [`progress`]
//! shows bars, [`cache`] keeps what was read of an account, [`session`] is the account, [`commands`] has one file a command.

mod exit;
mod options;
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
mod commands;

use std::process::ExitCode;

use clap::Parser;

use crate::commands::Command;
use crate::options::Global;

/// The version, and the commit where it is known.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), env!("CONTROLSYNC_COMMIT"));

/// AWS Audit Manager controls as code.
///
/// Control owners keep controls and frameworks as YAML files in git; controlsync checks them and brings an account to
/// what they say.
#[derive(Debug, Parser)]
#[command(name = "controlsync", version = VERSION, max_term_width = 100)]
struct Args {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let Args { global, command } = Args::parse();
    match command.run(&global) {
        Ok(exit) => exit.into(),
        Err(error) => exit::could_not_run(&error),
    }
}

//! One file per command: its flags, and what it does.

mod apply;
mod completions;
mod compliance;
mod emulator;
mod evidence;
mod explain;
mod export;
mod import;
mod init;
mod keywords;
mod lint;
mod man;
mod plan;
mod probe;
mod pull;
mod push;
mod show;

use anyhow::Result;
use clap::Subcommand;

use crate::exit::Exit;
use crate::options::Global;

#[derive(Debug, Subcommand)]
pub enum Command {
    Init(init::Args),
    Lint(lint::Args),
    Show(show::Args),
    Plan(plan::Args),
    Apply(apply::Args),
    Pull(pull::Args),
    Push(push::Args),
    Import(import::Args),
    Evidence(evidence::Args),
    Compliance(compliance::Args),
    Export(export::Args),
    Explain(explain::Args),
    Keywords(keywords::Args),
    Emulator(emulator::Args),
    Probe(probe::Args),
    Completions(completions::Args),
    Man(man::Args),
}

impl Command {
    /// Runs the command. `interface` describes all commands.
    ///
    /// # Errors
    ///
    /// The command could not run.
    pub fn run(self, global: &Global, interface: fn() -> clap::Command) -> Result<Exit> {
        match self {
            Self::Init(args) => args.run(global),
            Self::Lint(args) => args.run(global),
            Self::Show(args) => args.run(global),
            Self::Plan(args) => args.run(global),
            Self::Apply(args) => args.run(global),
            Self::Pull(args) => args.run(global),
            Self::Push(args) => args.run(global),
            Self::Import(args) => args.run(global),
            Self::Evidence(args) => args.run(global),
            Self::Compliance(args) => args.run(global),
            Self::Export(args) => args.run(global),
            Self::Explain(args) => args.run(global),
            Self::Keywords(args) => args.run(global),
            Self::Emulator(args) => args.run(global),
            Self::Probe(args) => args.run(global),
            Self::Completions(args) => args.run(interface()),
            Self::Man(args) => args.run(interface()),
        }
    }
}

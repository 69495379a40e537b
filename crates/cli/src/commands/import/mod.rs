//! One file per format that is imported.

mod conformance_pack;

use anyhow::Result;
use clap::Subcommand;

use crate::exit::Exit;
use crate::options::Global;

/// Import definitions from other formats.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Format {
    ConformancePack(conformance_pack::Args),
}

impl Args {
    pub fn run(self, global: &Global) -> Result<Exit> {
        match self.format {
            Format::ConformancePack(args) => args.run(global),
        }
    }
}

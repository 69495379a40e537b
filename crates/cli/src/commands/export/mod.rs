//! `controlsync export`: one file for each form in which a catalog is exported.

mod conformance_pack;

use anyhow::Result;
use clap::Subcommand;

use crate::exit::Exit;
use crate::options::Global;

/// Export the catalog for other services.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    form: Form,
}

#[derive(Debug, Subcommand)]
enum Form {
    ConformancePack(conformance_pack::Args),
}

impl Args {
    pub fn run(self, global: &Global) -> Result<Exit> {
        match self.form {
            Form::ConformancePack(args) => args.run(global),
        }
    }
}

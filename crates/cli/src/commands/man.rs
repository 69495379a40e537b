use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::exit::Exit;

/// Write the manual pages.
///
/// `controlsync man --out ~/.local/share/man/man1` installs them for `man controlsync` and `man controlsync-plan`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Directory to write one page for each command to.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Args {
    pub fn run(self, interface: clap::Command) -> Result<Exit> {
        let context = || format!("cannot write the manual pages to {}", self.out.display());
        std::fs::create_dir_all(&self.out).with_context(context)?;
        clap_mangen::generate_to(interface, &self.out).with_context(context)?;
        Ok(Exit::Done)
    }
}

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use controlsync_emulator::{Emulator, Options};

use crate::exit::Exit;
use crate::options::Global;
use crate::{output, session};

/// Serve a local Audit Manager.
///
/// Any AWS client takes it for the real one where `AWS_ENDPOINT_URL_AUDITMANAGER` holds the address that is printed.
/// Ctrl-C ends it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,

    /// Keep the state in this file instead of in memory.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,

    /// Throttle above this many requests a second, as the service does above 20.
    #[arg(long, value_name = "N")]
    rate: Option<u32>,
}

impl Args {
    pub fn run(self, global: &Global) -> Result<Exit> {
        if global.local.is_some() {
            bail!("the emulator keeps its state in the file of --state, not of --local: write --state FILE");
        }
        let mut options = Options { state: self.state, rate: self.rate, ..Options::default() };
        if let Some(region) = &global.region {
            options.region.clone_from(region);
        }
        session::runtime()?.block_on(async {
            let mut interrupted = session::Interrupt::listen()?;
            let emulator = Emulator::start(options, self.port).await?;
            output::print(&format!("Audit Manager listens on {}\n", emulator.endpoint()))?;
            interrupted.next().await;
            emulator.stop().await.context("the emulator did not stop in order")?;
            Ok(Exit::Done)
        })
    }
}

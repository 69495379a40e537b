use std::path::PathBuf;

use anyhow::{Context as _, Result};
use controlsync_emulator::{AuditManager, Emulator, Options};

use crate::error::bail;
use crate::exit::Exit;
use crate::options::Global;
use crate::{output, session};

/// Run the embedded emulator of Audit Manager as a server.
///
/// AWS clients use it if `AWS_ENDPOINT_URL_AUDITMANAGER` is set to the URL that is printed. Press Ctrl-C to stop it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Port on 127.0.0.1; 0 selects a free one.
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,

    /// Keep the state in FILE instead of in memory.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,

    /// Throttle above N requests per second, as the service does above 20.
    #[arg(long, value_name = "N")]
    rate: Option<u32>,
}

impl Args {
    pub fn run(self, global: &Global) -> Result<Exit> {
        if global.local.is_some() {
            bail!(Usage, "--local does not apply to the emulator: use --state FILE to keep its state");
        }
        let mut options = Options {
            state: self.state,
            audit_manager: AuditManager {
                rate: self.rate,
                switches: session::behavior(global)?,
                ..AuditManager::default()
            },
            ..Options::default()
        };
        if let Some(region) = &global.region {
            options.region.clone_from(region);
        }
        session::runtime()?.block_on(async {
            let mut interrupt = session::Interrupt::listen()?;
            let emulator = Emulator::start(options, self.port).await?;
            output::print(&format!("Emulator listening on {}\n", emulator.endpoint()))?;
            interrupt.next().await;
            emulator.stop().await.context("the emulator did not stop cleanly")?;
            Ok(Exit::Done)
        })
    }
}

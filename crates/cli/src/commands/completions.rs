use anyhow::Result;
use clap_complete::Shell;

use crate::exit::Exit;
use crate::output;

/// Print a shell completion script.
///
/// For bash, run `controlsync completions bash > ~/.local/share/bash-completion/completions/controlsync`. For zsh, save
/// the script as `_controlsync` in a directory of `fpath`. For fish, save it as
/// `~/.config/fish/completions/controlsync.fish`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Shell to generate the script for.
    shell: Shell,
}

impl Args {
    pub fn run(self, mut interface: clap::Command) -> Result<Exit> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut interface, "controlsync", &mut script);
        output::print(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Done)
    }
}

use anyhow::Result;
use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::exit::Exit;
use crate::options::Global;
use crate::output;

/// Print a script that lets a shell complete commands and flags.
///
/// `controlsync completions bash > ~/.local/share/bash-completion/completions/controlsync`; zsh takes it from a folder of its
/// `fpath` as `_controlsync`, fish from `~/.config/fish/completions/controlsync.fish`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell.
    shell: Shell,
}

impl Args {
    pub fn run(self, _: &Global) -> Result<Exit> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut crate::Args::command(), "controlsync", &mut script);
        output::print(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Done)
    }
}

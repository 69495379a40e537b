//! Tells the program which commit it is built from, where its sources are in a work tree of git.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let commit = git(&["rev-parse", "--short=12", "HEAD"]);
    // Every commit and checkout writes a line there.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]).filter(|log| Path::new(log).exists()) {
        println!("cargo::rerun-if-changed={log}");
    }
    let suffix = commit.map_or(String::new(), |commit| format!(" ({commit})"));
    println!("cargo::rustc-env=CONTROLSYNC_COMMIT={suffix}");
}

/// What git prints; nothing where there is no git, or no repository that holds this package.
fn git(arguments: &[&str]) -> Option<String> {
    // The sources may stand below a repository of somebody else.
    let tracked = Command::new("git").args(["ls-files", "--error-unmatch", "build.rs"]).output().ok()?;
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (tracked.status.success() && output.status.success()).then(|| text.trim().to_owned())
}

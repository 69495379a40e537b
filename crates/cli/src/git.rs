//! Commits and authors of catalog files, from git. They are optional: callers continue without git or a repository.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};
use controlsync_core::push::FileOrigin;

use crate::error::bail;

/// The origins of files, by their paths relative to the directory.
#[derive(Debug, Default)]
pub struct Origins {
    /// The known origins.
    pub known: BTreeMap<String, FileOrigin>,
    /// Number of files whose last commit is missing from a shallow clone.
    pub outside_clone: usize,
}

/// Finds the origins of files. Paths are relative to the directory, with `/` as the separator.
///
/// # Errors
///
/// The directory is not in a work tree, or git is not installed or fails.
pub fn origins(directory: &Path, paths: &BTreeSet<&str>) -> Result<Origins> {
    let location = git_output(directory, &["rev-parse", "--is-shallow-repository", "--show-prefix"])?;
    let (shallow, prefix) = location.split_once('\n').context("git did not print the prefix of the directory")?;
    let prefix = prefix.strip_suffix('\n').unwrap_or(prefix);
    // Git prints paths relative to the top of the work tree.
    let wanted: BTreeMap<String, &str> = paths.iter().map(|path| (format!("{prefix}{path}"), *path)).collect();
    let below: BTreeSet<&str> = paths.iter().map(|path| path.split('/').next().unwrap_or(path)).collect();
    let uncommitted = uncommitted(directory, &below)?;
    let author = git_output(directory, &["config", "user.name"]).ok().map(|name| name.trim_end().to_owned());
    let mut origins = Origins::default();
    let mut open = BTreeMap::new();
    for (full, path) in wanted {
        if uncommitted.contains(&full) {
            origins.known.insert(path.to_owned(), FileOrigin::Uncommitted { author: author.clone() });
        } else {
            open.insert(full, path);
        }
    }
    if !open.is_empty() {
        walk(directory, &below, shallow == "true", open, &mut origins)?;
    }
    Ok(origins)
}

/// Files that differ from the last commit: changed, added, untracked or ignored.
fn uncommitted(directory: &Path, below: &BTreeSet<&str>) -> Result<BTreeSet<String>> {
    let mut arguments =
        vec!["status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--ignored=traditional", "--"];
    arguments.extend(below);
    let status = git_output(directory, &arguments)?;
    Ok(status.split('\0').filter_map(|entry| entry.get(3..)).map(str::to_owned).collect())
}

/// Walks back through the commits until every file is found.
fn walk(
    directory: &Path,
    below: &BTreeSet<&str>,
    shallow: bool,
    mut open: BTreeMap<String, &str>,
    origins: &mut Origins,
) -> Result<()> {
    let mut command = git(directory);
    command.args([
        "-c",
        "log.showSignature=false",
        "-c",
        "log.showRoot=true",
        "log",
        "-z",
        "-c",
        "--name-only",
        "--no-renames",
        "--no-relative",
    ]);
    command.args(["--encoding=UTF-8", "--format=%x1e%H%x1f%P%x1f%an", "--"]).args(below);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().context("cannot run git")?;
    let stdout = child.stdout.take().context("git has no output")?;
    // The current commit and its author. `None` at the boundary of a shallow clone: a file there may come from any
    // earlier commit.
    let mut commit = None;
    for entry in BufReader::new(stdout).split(0) {
        let entry = String::from_utf8_lossy(&entry.context("cannot read the output of git")?).into_owned();
        if let Some(head) = entry.strip_prefix('\x1e') {
            let mut parts = head.splitn(3, '\x1f').map(str::to_owned);
            let (hash, parents, author) = (parts.next(), parts.next(), parts.next());
            let last = shallow && parents.is_none_or(|parents| parents.is_empty());
            commit = hash.zip(author).filter(|_| !last);
        } else if let Some(path) = open.remove(entry.strip_prefix('\n').unwrap_or(&entry)) {
            match &commit {
                Some((commit, author)) => {
                    let origin = FileOrigin::Committed { commit: commit.clone(), author: author.clone() };
                    origins.known.insert(path.to_owned(), origin);
                }
                None => origins.outside_clone += 1,
            }
        }
        if open.is_empty() {
            break;
        }
    }
    // The rest of the log is not needed.
    let _ = child.kill();
    let _ = child.wait();
    Ok(())
}

/// Returns what git prints.
fn git_output(directory: &Path, arguments: &[&str]) -> Result<String> {
    let output = git(directory).args(arguments).output().context("cannot run git")?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr);
        bail!(File, "git {}: {}", arguments.first().unwrap_or(&""), message.trim().lines().next().unwrap_or("failed"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn git(directory: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(directory).args(["--no-optional-locks", "--literal-pathspecs"]).stdin(Stdio::null());
    // Untranslated output, and no prompts.
    command.env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0");
    // In a git hook, these variables refer to the repository of the hook.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        command.env_remove(variable);
    }
    command
}

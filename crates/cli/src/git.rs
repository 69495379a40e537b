//! What git knows of the files of a catalog. Whatever is missing for that, git itself included, is no failure.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use controlsync_core::push::FileOrigin;

/// The origins of files, by their paths from the folder.
#[derive(Debug, Default)]
pub struct Origins {
    /// Those that are known.
    pub known: BTreeMap<String, FileOrigin>,
    /// How many are not, because the clone does not have the commits.
    pub beyond_the_clone: usize,
}

/// Where the contents of some files come from; paths are from the folder, `/` between the parts.
///
/// # Errors
///
/// The folder is in no work tree, or git is not there or does not answer.
pub fn origins(folder: &Path, paths: &BTreeSet<&str>) -> Result<Origins> {
    let place = answer(folder, &["rev-parse", "--is-shallow-repository", "--show-prefix"])?;
    let (shallow, prefix) = place.split_once('\n').context("git does not say where the folder is")?;
    let prefix = prefix.strip_suffix('\n').unwrap_or(prefix);
    // Everything that git prints is from the top of the work tree.
    let wanted: BTreeMap<String, &str> = paths.iter().map(|path| (format!("{prefix}{path}"), *path)).collect();
    let below: BTreeSet<&str> = paths.iter().map(|path| path.split('/').next().unwrap_or(path)).collect();
    let moved = moved(folder, &below)?;
    let author = answer(folder, &["config", "user.name"]).ok().map(|name| name.trim_end().to_owned());
    let mut origins = Origins::default();
    let mut open = BTreeMap::new();
    for (full, path) in wanted {
        if moved.contains(&full) {
            origins.known.insert(path.to_owned(), FileOrigin::Uncommitted { author: author.clone() });
        } else {
            open.insert(full, path);
        }
    }
    if !open.is_empty() {
        walk(folder, &below, shallow == "true", open, &mut origins)?;
    }
    Ok(origins)
}

/// Files that are not as in the last commit: changed, added, or not git's at all.
fn moved(folder: &Path, below: &BTreeSet<&str>) -> Result<BTreeSet<String>> {
    let mut arguments =
        vec!["status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--ignored=traditional", "--"];
    arguments.extend(below);
    let status = answer(folder, &arguments)?;
    Ok(status.split('\0').filter_map(|entry| entry.get(3..)).map(str::to_owned).collect())
}

/// Goes back through the commits until each file was met.
fn walk(
    folder: &Path,
    below: &BTreeSet<&str>,
    shallow: bool,
    mut open: BTreeMap<String, &str>,
    origins: &mut Origins,
) -> Result<()> {
    let mut command = git(folder);
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
    // The last commit that was met, and its author; none where it is the last that the clone has, whose files may be
    // from any commit before it.
    let mut commit = None;
    for entry in BufReader::new(stdout).split(0) {
        let entry = String::from_utf8_lossy(&entry.context("cannot read what git says")?).into_owned();
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
                None => origins.beyond_the_clone += 1,
            }
        }
        if open.is_empty() {
            break;
        }
    }
    // What it would still say is not wanted.
    let _ = child.kill();
    let _ = child.wait();
    Ok(())
}

/// What git prints.
fn answer(folder: &Path, arguments: &[&str]) -> Result<String> {
    let output = git(folder).args(arguments).output().context("cannot run git")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("git {}: {}", arguments.first().unwrap_or(&""), said.trim().lines().next().unwrap_or("it failed"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["--no-optional-locks", "--literal-pathspecs"]).stdin(Stdio::null());
    // What it says is the same everywhere, and it asks nobody.
    command.env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0");
    // A hook of git names the repository that it runs for, from another folder.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        command.env_remove(variable);
    }
    command
}

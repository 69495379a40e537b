use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, anyhow, bail};
use clap::builder::NonEmptyStringValueParser;
use controlsync_aws::client::Stop;
use controlsync_aws::push::Destination;
use controlsync_core::catalog_path::key_prefix;
use controlsync_core::check::Checked;
use controlsync_core::config::{self, is_bucket_name};
use controlsync_core::diagnostic::counted;
use controlsync_core::push::{Comparison, FileOrigin, PushPlan, TaskResult, catalog_of};
use controlsync_core::report::{printable, push_text};
use controlsync_core::source::FileId;

use super::plan::{check_catalog, tell_errors, tell_warnings};
use crate::exit::Exit;
use crate::files::repository_of;
use crate::git::{self, Origins};
use crate::options::Global;
use crate::progress::Progress;
use crate::session::{self, failed};
use crate::{ask, output};

/// Upload the files of the catalog to a bucket of Amazon S3.
///
/// Files with errors are not uploaded, nor is anything beside them. Only what differs is uploaded: the configuration and
/// lists of keywords, then controls, then frameworks.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The bucket [env: `CONTROLSYNC_BUCKET`] [default: `bucket.name` in the configuration]
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    bucket: Option<String>,

    /// What the keys begin with [env: `CONTROLSYNC_PREFIX`] [default: `bucket.prefix` in the configuration, else
    /// nothing]
    #[arg(long, value_name = "PREFIX")]
    prefix: Option<String>,

    /// Delete the objects that stand where the catalog has its files and have none. Shows them and asks before anything is
    /// written; off a terminal it needs --yes.
    #[arg(long)]
    delete: bool,

    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

impl Args {
    pub fn run(self, global: &Global) -> Result<Exit> {
        if global.local.is_some() {
            bail!("push uploads to a bucket of Amazon S3, and --local has none: leave out --local");
        }
        let asks = self.delete && !self.yes;
        if asks && !std::io::stdin().is_terminal() {
            bail!("push --delete asks before it deletes, and there is no terminal to ask on: use --yes");
        }
        let checked = check_catalog(global)?;
        if checked.has_errors() {
            tell_errors(global, &checked, "Nothing is uploaded from a catalog with errors.")?;
            return Ok(Exit::Findings);
        }
        tell_warnings(global, &checked);
        let (name, prefix) = self.place(&checked.config.bucket)?;
        session::runtime()?.block_on(async {
            let bucket = session::connect(global, &checked.config).await?.bucket(&name);
            self.run_in(global, &checked, &Destination::new(bucket, key_prefix(&prefix)), asks).await
        })
    }

    /// Name of the bucket, and prefix: of flags, environment and configuration, in this order.
    fn place(&self, config: &config::Bucket) -> Result<(String, String)> {
        let name = match self.bucket.clone() {
            Some(name) => Some(name),
            None => variable("CONTROLSYNC_BUCKET")?.or_else(|| config.name.clone()),
        };
        let Some(name) = name else {
            bail!(
                "no bucket is named: use --bucket, CONTROLSYNC_BUCKET, or `name` under [bucket] in {}",
                config::FILE_NAME
            );
        };
        if !is_bucket_name(&name) {
            bail!(
                "{name:?} (--bucket or CONTROLSYNC_BUCKET) is no name of a bucket: write 3 to 63 lower-case letters, digits, - \
                 and . without s3:// and without a folder, which is for --prefix"
            );
        }
        let prefix = match self.prefix.clone() {
            Some(prefix) => Some(prefix),
            None => variable("CONTROLSYNC_PREFIX")?.or_else(|| config.prefix.clone()),
        };
        Ok((name, prefix.unwrap_or_default()))
    }

    async fn run_in(&self, global: &Global, checked: &Checked, to: &Destination, asks: bool) -> Result<Exit> {
        let (sources, address) = (&checked.sources, to.address());
        global.say(|| format!("listing {address}"));
        let unreadable = |failure| failed(&format!("cannot compare with {address}"), failure);
        let comparison = Comparison::new(sources, &to.stored().await.map_err(unreadable)?);
        let progress = Progress::new("comparing", global);
        let total = comparison.alike.len();
        let same = to.same(sources, &comparison.alike, |done| progress.set(done, total)).await.map_err(unreadable)?;
        drop(progress);
        let work = comparison.work(sources, &same, self.delete);
        if work.deletions().next().is_some()
            && let Some(configuration) = to.configuration().await.map_err(unreadable)?
        {
            let (theirs, ours) = (catalog_of(configuration), &checked.catalog.name);
            if theirs != *ours {
                bail!(
                    "{address} holds the catalog {theirs:?}, and this one is {ours:?}: nothing was uploaded or deleted; check \
                     --bucket and --prefix, or push once without --delete where the name is new"
                );
            }
        }
        if asks && work.deletions().next().is_some() && !confirmed(global, &work, &address)? {
            output::print("Nothing was uploaded or deleted.\n")?;
            return Ok(Exit::Pending);
        }
        let results = carry_out(global, checked, to, &work).await?;
        // Where nobody reads it, the exit code still tells.
        output::print_if_read(&push_text::pushed(&work, &results, &address, &output::style(global.color)))?;
        if work.left > 0 && !global.quiet {
            let (objects, have) = (counted(work.left, "object"), if work.left == 1 { "has" } else { "have" });
            output::print_aside(&format!(
                "{objects} in {address} {have} no file here; --delete deletes what has none\n"
            ));
        }
        Ok(if results.iter().all(|result| *result == TaskResult::Done) { Exit::Done } else { Exit::Findings })
    }
}

/// A variable of the environment. One that is set to nothing says nothing.
fn variable(name: &str) -> Result<Option<String>> {
    let value = std::env::var_os(name).filter(|value| !value.is_empty());
    value.map(|value| value.into_string().map_err(|_| anyhow!("{name} is not UTF-8"))).transpose()
}

fn confirmed(global: &Global, work: &PushPlan, address: &str) -> Result<bool> {
    anstream::eprint!("{}", push_text::deletions(work, address, &output::style_of_stderr(global.color)));
    let uploads = match work.uploads().count() {
        0 => String::new(),
        count => format!("Upload {} and d", counted(count, "file")),
    };
    let delete = if uploads.is_empty() { "D" } else { "" };
    ask::confirmed(&format!("{uploads}{delete}elete {}?", counted(work.deletions().count(), "object")))
}

async fn carry_out(global: &Global, checked: &Checked, to: &Destination, work: &PushPlan) -> Result<Vec<TaskResult>> {
    let origins = origins(global, checked, work);
    let stop = Arc::new(Stop::default());
    let watcher = session::stop_at_interrupt(&stop)?;
    let progress = Progress::new("pushing", global);
    let (done, total) = (Cell::new(0), work.tasks().count());
    let results = to.push(&checked.sources, work, &origins, &stop, |task, _| {
        done.set(done.get() + 1);
        progress.set(done.get(), total);
        global.say(|| format!("{} of {total}: {}", done.get(), printable(&task.path)));
    });
    let results = results.await;
    drop(progress);
    watcher.abort();
    Ok(results)
}

/// Where the contents of the files that are uploaded come from, as far as git knows it.
fn origins(global: &Global, checked: &Checked, work: &PushPlan) -> BTreeMap<FileId, FileOrigin> {
    let paths: BTreeMap<&str, FileId> = work.uploads().map(|file| (checked.sources.get(file).path(), file)).collect();
    // A configuration that is not in the catalog's folder has an absolute path.
    let below: BTreeSet<&str> = paths.keys().copied().filter(|path| Path::new(path).is_relative()).collect();
    if below.is_empty() {
        return BTreeMap::new();
    }
    let Origins { known, beyond_the_clone } = git::origins(&global.catalog_dir, &below).unwrap_or_else(|why| {
        // Where there is no repository, nobody expects commits.
        let root = global.catalog_dir.canonicalize().unwrap_or_default();
        if repository_of(&root).is_some() && !global.quiet {
            output::print_aside(&format!(
                "warning: commits and authors are left out: {}\n",
                printable(&format!("{why:#}"))
            ));
        }
        global.say(|| format!("no commits are known: {why:#}"));
        Origins::default()
    });
    if beyond_the_clone > 0 && !global.quiet {
        let files = counted(beyond_the_clone, "file");
        output::print_aside(&format!(
            "warning: the last commit of {files} is not in this shallow clone and is left out; fetch all commits\n"
        ));
    }
    known.into_iter().filter_map(|(path, origin)| Some((*paths.get(path.as_str())?, origin))).collect()
}

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal as _;
use std::sync::Arc;

use anyhow::Result;
use clap::builder::NonEmptyStringValueParser;
use controlsync_aws::Stop;
use controlsync_aws::push::Destination;
use controlsync_core::catalog_path::{is_outside, key_prefix};
use controlsync_core::characters::printable;
use controlsync_core::check::Checked;
use controlsync_core::config::{self, is_bucket_name};
use controlsync_core::diagnostic::counted;
use controlsync_core::push::{Comparison, FileOrigin, PushPlan, TaskResult, catalog_of};
use controlsync_core::report::push_text;
use controlsync_core::source::FileId;

use crate::catalog::{check_catalog, report_errors, report_warnings};
use crate::error::{Error, bail, error};
use crate::exit::Exit;
use crate::git::{self, Origins};
use crate::options::Global;
use crate::paths::{self, repository_of};
use crate::progress::Progress;
use crate::session;
use crate::{ask, output};

/// Upload the catalog to an Amazon S3 bucket.
///
/// Nothing is uploaded if the catalog has errors. Only files that differ are uploaded: first the configuration and
/// keyword lists, then controls, then frameworks.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// S3 bucket [env: `CONTROLSYNC_BUCKET`] [default: `bucket.name` in the configuration]
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    bucket: Option<String>,

    /// Prefix of the object keys [env: `CONTROLSYNC_PREFIX`] [default: `bucket.prefix` in the configuration, or none]
    #[arg(long, value_name = "PREFIX")]
    prefix: Option<String>,

    /// Delete catalog files in the bucket that no longer exist locally. Lists them and asks for confirmation before
    /// anything is written. Without a terminal, --yes is required.
    #[arg(long)]
    delete: bool,

    /// Do not ask for confirmation.
    #[arg(long)]
    yes: bool,
}

impl Args {
    pub fn run(self, global: &Global) -> Result<Exit> {
        if global.local.is_some() {
            bail!(Usage, "push uploads to an S3 bucket, which the emulator does not have: remove --local");
        }
        let asks = self.delete && !self.yes;
        if asks && !std::io::stdin().is_terminal() {
            bail!(Usage, "push --delete asks for confirmation, but there is no terminal: use --yes");
        }
        let checked = check_catalog(global)?;
        if checked.has_errors() {
            report_errors(global, &checked, "Nothing was uploaded: the catalog has errors.")?;
            return Ok(Exit::Findings);
        }
        report_warnings(global, &checked);
        let (name, prefix) = self.destination(&checked.config.bucket)?;
        session::connected(global, &checked.config, async |connection| {
            let to = Destination::new(connection.bucket(&name), key_prefix(&prefix));
            self.run_in(global, &checked, &to, asks).await
        })
    }

    /// Name of the bucket and prefix, from flags, the environment and the configuration, in this order.
    fn destination(&self, config: &config::Bucket) -> Result<(String, String)> {
        let name = match self.bucket.clone() {
            Some(name) => Some(name),
            None => variable("CONTROLSYNC_BUCKET")?.or_else(|| config.name.clone()),
        };
        let Some(name) = name else {
            bail!(
                Configuration,
                "no bucket is set: use --bucket, CONTROLSYNC_BUCKET, or `name` under [bucket] in {}",
                config::FILE_NAME
            );
        };
        if !is_bucket_name(&name) {
            bail!(
                Configuration,
                "{name:?} (--bucket or CONTROLSYNC_BUCKET) is not a valid bucket name: use 3 to 63 lowercase letters, \
                 digits, - and . without s3://; set a path with --prefix"
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
        global.log(|| format!("listing {address}"));
        let unreadable = |failure| Error::request(&format!("cannot compare with {address}"), failure);
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
                    Configuration,
                    "{address} has the catalog {theirs:?}, but this catalog is {ours:?}: nothing was uploaded or \
                     deleted; check --bucket and --prefix, or push once without --delete if the name is new"
                );
            }
        }
        if asks && work.deletions().next().is_some() && !confirmed(global, &work, &address)? {
            output::print("Nothing was uploaded or deleted.\n")?;
            return Ok(Exit::Pending);
        }
        let results = upload(global, checked, to, &work).await?;
        // If the pipe is closed, the exit code still shows the outcome.
        output::print_if_read(&push_text::pushed(&work, &results, &address, &output::style(global.color)))?;
        if work.left > 0 && !global.quiet {
            let (objects, have) = (counted(work.left, "object"), if work.left == 1 { "has" } else { "have" });
            output::print_aside(&format!(
                "{objects} in {address} {have} no local file; use --delete to delete such objects\n"
            ));
        }
        Ok(if results.iter().all(|result| *result == TaskResult::Done) { Exit::Done } else { Exit::Findings })
    }
}

/// An environment variable; an empty one counts as unset.
fn variable(name: &str) -> Result<Option<String>> {
    let value = std::env::var_os(name).filter(|value| !value.is_empty());
    value.map(|value| value.into_string().map_err(|_| error!(Configuration, "{name} is not UTF-8"))).transpose()
}

fn confirmed(global: &Global, work: &PushPlan, address: &str) -> Result<bool> {
    anstream::eprint!("{}", push_text::deletions(work, address, &output::stderr_style(global.color)));
    let uploads = match work.uploads().count() {
        0 => String::new(),
        count => format!("Upload {} and d", counted(count, "file")),
    };
    let delete = if uploads.is_empty() { "D" } else { "" };
    ask::confirmed(&format!("{uploads}{delete}elete {}?", counted(work.deletions().count(), "object")))
}

async fn upload(global: &Global, checked: &Checked, to: &Destination, work: &PushPlan) -> Result<Vec<TaskResult>> {
    let origins = origins(global, checked, work);
    let stop = Arc::new(Stop::default());
    let progress = Progress::new("pushing", global);
    let (done, total) = (Cell::new(0), work.tasks().count());
    let results = to.push(&checked.sources, work, &origins, &stop, |task, _| {
        done.set(done.get() + 1);
        progress.set(done.get(), total);
        global.log(|| format!("{} of {total}: {}", done.get(), printable(&task.path)));
    });
    session::stopped_by_interrupt(&stop, results).await
}

/// The origins of the uploaded files, as far as git knows them.
fn origins(global: &Global, checked: &Checked, work: &PushPlan) -> BTreeMap<FileId, FileOrigin> {
    let paths: BTreeMap<&str, FileId> = work.uploads().map(|file| (checked.sources.get(file).path(), file)).collect();
    // A configuration outside the catalog's root directory has an absolute path.
    let below: BTreeSet<&str> = paths.keys().copied().filter(|path| !is_outside(path)).collect();
    if below.is_empty() {
        return BTreeMap::new();
    }
    let Origins { known, outside_clone } = git::origins(&global.catalog_dir, &below).unwrap_or_else(|why| {
        // Outside a repository, missing commits are not worth a warning.
        let root = paths::resolved(&global.catalog_dir).unwrap_or_default();
        if repository_of(&root).is_some() && !global.quiet {
            output::print_aside(&format!(
                "warning: commits and authors are not recorded: {}\n",
                printable(&format!("{why:#}"))
            ));
        }
        global.log(|| format!("commits are unknown: {why:#}"));
        Origins::default()
    });
    if outside_clone > 0 && !global.quiet {
        let files = counted(outside_clone, "file");
        output::print_aside(&format!(
            "warning: the last commit of {files} is not in this shallow clone and is not recorded; fetch all commits\n"
        ));
    }
    known.into_iter().filter_map(|(path, origin)| Some((*paths.get(path.as_str())?, origin))).collect()
}

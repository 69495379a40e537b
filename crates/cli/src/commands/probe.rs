use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::builder::NonEmptyStringValueParser;
use controlsync_aws::audit_manager::account::Reading;
use controlsync_aws::audit_manager::probe::{self, Asked};
use controlsync_core::check::check;
use controlsync_core::config::Config;
use controlsync_core::diagnostic::counted;
use controlsync_core::digest;
use controlsync_core::probe::{Before, Left, NEEDS, Question, Report};
use controlsync_core::quotas::{CUSTOM_CONTROLS, CUSTOM_FRAMEWORKS};
use controlsync_core::report;
use controlsync_emulator::Switches;
use serde_json::{Map, Value as Json};

use crate::atomic::{self, Existing};
use crate::error::{bail, error};
use crate::exit::Exit;
use crate::options::Global;
use crate::output::{self, Format};
use crate::progress::Progress;
use crate::session::{Session, stopped_by_interrupt, unreadable};
use crate::{ask, cache, files};

/// Requests per second: a quarter of what the account allows all of its users.
const RATE: f64 = 4.0;

/// The runs of earlier probes from this catalog, which may have left something.
const RUNS: &str = "probe.json";

/// Ask an account how Audit Manager behaves where no document says it.
///
/// Creates controls and frameworks of its own, looks at what the service makes of them, and deletes them. Everything else in the
/// account stays as it is. The JSON report contains nothing that identifies the account; `--behavior` loads it into the emulator.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The account to ask: its ID, so that no other one is asked by mistake.
    #[arg(long, value_name = "ID", value_parser = account)]
    account: String,

    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// Delete what the probe RUN of another machine has left. Make sure that it does not run anymore.
    #[arg(long, value_name = "RUN", value_parser = NonEmptyStringValueParser::new())]
    take_over: Option<String>,

    /// Do not ask for confirmation.
    #[arg(long)]
    yes: bool,
}

fn account(value: &str) -> Result<String, String> {
    if value.len() == 12 && value.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(value.to_owned())
    } else {
        Err("an account ID has twelve digits".to_owned())
    }
}

impl Args {
    pub fn run(self, global: &Global) -> Result<Exit> {
        let sources = files::read_config_alone(&global.catalog_dir)?;
        let config = check(sources, &global.check_options()?).config;
        Session::run_at(global, &config, RATE, async |session| Box::pin(self.ask(session, global, &config)).await)
    }

    async fn ask(&self, session: &Session, global: &Global, config: &Config) -> Result<Exit> {
        let reading = Reading::start(&session.client).await.map_err(unreadable)?;
        self.check_account(session, reading.actual().account.as_deref())?;
        let before = Before::of(reading.actual());
        check_quotas(&before, config)?;
        let mut runs = Runs::load(global)?;
        let left = self.own(&before, &runs)?;
        let region = session.client.region();
        output::print_aside(&self.intent(region, &before));
        if !self.yes && !ask::confirmed("Ask this account?")? {
            return Ok(Exit::Pending);
        }
        let remaining = probe::clean(&session.client, left).await;
        if !remaining.is_empty() {
            bail!(
                File,
                "cannot delete what an earlier probe has left: {}; delete it in the console",
                names(&remaining)
            );
        }
        let run = new_run();
        runs.add(&run)?;
        let progress = Progress::new("asking the account", global);
        let asked = probe::probe(&session.client, &run, |done| progress.set(done, Question::ALL.len()));
        let Asked { answers, left, requests } = stopped_by_interrupt(session.client.stop(), asked).await?;
        drop(progress);
        let report = Report { region: region.to_owned(), answers, requests, left };
        output::print(&match self.format {
            Format::Text => report::probe::text(&report, &defaults()),
            Format::Json => report::probe::json(&report),
        })?;
        Ok(if report.is_complete() { Exit::Done } else { Exit::Findings })
    }

    fn check_account(&self, session: &Session, actual: Option<&str>) -> Result<()> {
        let expected = &self.account;
        match actual {
            Some(actual) if actual == expected => Ok(()),
            Some(actual) => {
                bail!(Credentials, "the credentials are for account {actual}, not {expected}; use another profile")
            }
            // A new one, which has no object that names it.
            None if session.is_local() => Ok(()),
            None => bail!(
                Credentials,
                "neither the credentials nor Audit Manager show which account this is; set AWS_ACCOUNT_ID to its ID, or create a \
                 control in the console"
            ),
        }
    }

    /// What earlier probes have left, if all of it may be deleted.
    fn own(&self, before: &Before, runs: &Runs) -> Result<Vec<Left>> {
        let is_own = |run: &String| runs.known.contains(run) || self.take_over.as_ref() == Some(run);
        let others: BTreeSet<&String> = before.left.iter().map(|(run, _)| run).filter(|run| !is_own(run)).collect();
        if let Some(run) = others.first() {
            let theirs: Vec<Left> =
                before.left.iter().filter(|(of, _)| of == *run).map(|(_, left)| left.clone()).collect();
            bail!(
                Configuration,
                "the probe {run} of another machine has left objects, or still runs: {}; if it does not, delete them with \
                 --take-over {run}",
                names(&theirs)
            );
        }
        Ok(before.left.iter().map(|(_, left)| left.clone()).collect())
    }

    /// What will happen.
    fn intent(&self, region: &str, before: &Before) -> String {
        let left = match before.left.len() {
            0 => String::new(),
            count => format!("First, {} of an earlier probe will be deleted.\n", counted(count, "object")),
        };
        format!(
            "Account {}, {region}\n\nThe probe creates, changes and deletes up to {} and {} at a time, whose names start with \
             controlsync-probe-.\nIt sends one standard control of AWS back as it is, to see how that is refused. It changes nothing \
             else, creates no assessment,\nand sends at most {RATE} requests per second, for about a minute.\n{left}",
            self.account,
            counted(NEEDS.0, "custom control"),
            counted(NEEDS.1, "custom framework"),
        )
    }
}

fn names(left: &[Left]) -> String {
    let names: Vec<String> =
        left.iter().map(|left| format!("{} {} ({})", left.object.noun(), left.id, left.name)).collect();
    names.join(", ")
}

fn check_quotas(before: &Before, config: &Config) -> Result<()> {
    for (quota, what, used, needed) in [
        (&CUSTOM_CONTROLS, "custom controls", before.controls, NEEDS.0),
        (&CUSTOM_FRAMEWORKS, "custom frameworks", before.frameworks, NEEDS.1),
    ] {
        let quota = config.quotas.of(quota);
        if used + needed > quota {
            bail!(
                Configuration,
                "the account has {used} of at most {quota} {what}, and the probe needs {needed}; use another account, or set a \
                 raised quota under [quotas] in controlsync.toml"
            );
        }
    }
    Ok(())
}

/// The switches of the emulator.
fn defaults() -> Map<String, Json> {
    match serde_json::to_value(Switches::default()) {
        Ok(Json::Object(switches)) => switches,
        _ => Map::new(),
    }
}

/// A name for this probe that no other one has.
fn new_run() -> String {
    let now = time::OffsetDateTime::now_utc().unix_timestamp_nanos();
    digest::sha256(format!("{now} {}", std::process::id()))[..8].to_owned()
}

/// The probes that were started from this catalog.
struct Runs {
    path: PathBuf,
    known: BTreeSet<String>,
}

impl Runs {
    fn load(global: &Global) -> Result<Self> {
        let path = cache::state_dir(&global.catalog_dir)?.join(RUNS);
        let known = match std::fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text)
                .map_err(|error| error!(File, "{} is not valid: {error}; remove it", path.display()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeSet::new(),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        Ok(Self { path, known })
    }

    /// Remembers a probe before it creates anything.
    fn add(&mut self, run: &str) -> Result<()> {
        self.known.insert(run.to_owned());
        let text = serde_json::to_string(&self.known).context("cannot write the runs of probes")?;
        atomic::write(&self.path, &format!("{text}\n"), Existing::Replace)
    }
}

//! The account that a command uses: an AWS account, or the embedded emulator.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use controlsync_aws::audit_manager::account::Reading;
use controlsync_aws::{Client, Connection, Settings};
use controlsync_aws::{Stop, audit_manager::DEFAULT_RATE};
use controlsync_core::change_result::Failure;
use controlsync_core::characters::printable;
use controlsync_core::config::Config;
use controlsync_emulator::{AuditManager, Emulator, Options, Switches};
use controlsync_evidence::Services;

use crate::cache;
use crate::error::{Error, bail, error};
use crate::options::{Global, LocalState, is_url};
use crate::platform::Termination;
use crate::progress::Progress;

const LOCAL_STATE: &str = "local.json";

/// A connection to an account.
pub struct Session {
    /// The client that sends requests.
    pub client: Client,
    connection: Connection,
    emulator: Option<Emulator>,
    /// The account of the embedded emulator.
    local_account: Option<String>,
    expected_account: Option<String>,
}

/// Starts the async runtime of a session.
///
/// # Errors
///
/// The threads cannot be started.
pub fn runtime() -> Result<tokio::runtime::Runtime> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.context("cannot start the threads for requests")
}

/// The behavior of the embedded emulator: as a probe has found it, or by default.
///
/// # Errors
///
/// The report cannot be read.
pub fn behavior(global: &Global) -> Result<Switches> {
    let Some(path) = &global.behavior else { return Ok(Switches::default()) };
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Switches::of_report(&text).map_err(|error| error!(File, "cannot use {}: {error}", path.display()))
}

/// Connects to services other than Audit Manager, and runs `work`. Region and credentials come from flags, the
/// environment and the configuration, in this order.
///
/// # Errors
///
/// The Region or the credentials are missing, or the work failed.
pub fn connected<T>(global: &Global, config: &Config, work: impl AsyncFnOnce(Connection) -> Result<T>) -> Result<T> {
    runtime()?.block_on(async {
        check_endpoints(&["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"])?;
        work(Connection::open(&settings(global, config)).await?).await
    })
}

/// The environment variables that set the endpoint of Audit Manager.
const ENDPOINTS: [&str; 2] = ["AWS_ENDPOINT_URL_AUDITMANAGER", "AWS_ENDPOINT_URL"];

fn check_endpoints(variables: &[&str]) -> Result<()> {
    for variable in variables {
        if let Some(value) = std::env::var_os(variable)
            && !value.to_str().is_some_and(is_url)
        {
            bail!(
                Configuration,
                "{variable} is not a valid URL; unset it, or set it to a URL such as http://127.0.0.1:4571"
            );
        }
    }
    Ok(())
}

fn settings(global: &Global, config: &Config) -> Settings {
    let target = &config.target;
    // The environment overrides the file. The SDK reads the environment for settings that are `None` here.
    let unless_set = |flag: &Option<String>, variables: &[&str], key: &str, file: &Option<String>| {
        if flag.is_some() {
            return flag.clone();
        }
        let value = |name: &&str| std::env::var_os(name).filter(|value| !value.is_empty());
        let Some((variable, value)) = variables.iter().find_map(|name| Some((name, value(name)?))) else {
            return file.clone();
        };
        if let Some(file) = file.as_ref().filter(|file| value != file.as_str() && !global.quiet) {
            anstream::eprintln!(
                "warning: {variable}={} is used, not `{key} = {file:?}` under [target] in controlsync.toml",
                printable(&value.to_string_lossy())
            );
        }
        None
    };
    Settings {
        region: unless_set(&global.region, &["AWS_REGION", "AWS_DEFAULT_REGION"], "region", &target.region),
        profile: unless_set(&global.profile, &["AWS_PROFILE"], "profile", &target.profile),
        profile_only: global.profile.is_some(),
        role_arn: global.role_arn.clone().or_else(|| target.role_arn.clone()),
        endpoint_url: unless_set(&global.endpoint_url, &ENDPOINTS, "endpoint_url", &target.endpoint_url),
        stand_in: false,
        rate: Some(DEFAULT_RATE),
        backoff: None,
    }
}

impl Session {
    /// Connects, runs `work`, and closes the session even if it failed.
    ///
    /// # Errors
    ///
    /// The connection, the work or closing the session failed.
    pub fn run<T>(global: &Global, config: &Config, work: impl AsyncFnOnce(&Self) -> Result<T>) -> Result<T> {
        Self::run_at(global, config, DEFAULT_RATE, work)
    }

    /// The same with another number of requests per second.
    ///
    /// # Errors
    ///
    /// The connection, the work or closing the session failed.
    pub fn run_at<T>(
        global: &Global,
        config: &Config,
        rate: f64,
        work: impl AsyncFnOnce(&Self) -> Result<T>,
    ) -> Result<T> {
        runtime()?.block_on(async {
            let session = Self::open(global, config, rate).await?;
            let done = work(&session).await;
            let closed = session.close().await;
            done.and_then(|done| closed.map(|()| done))
        })
    }

    /// Connects to the embedded emulator with `--local`, otherwise to the account that flags, the environment and the
    /// configuration select, in this order.
    ///
    /// # Errors
    ///
    /// The Region or the credentials are missing, or the local state cannot be used.
    async fn open(global: &Global, config: &Config, rate: f64) -> Result<Self> {
        if let Some(state) = &global.local {
            return Self::open_local(global, state).await;
        }
        if global.behavior.is_some() {
            bail!(Usage, "--behavior is for the embedded emulator: add --local");
        }
        if global.endpoint_url.is_none() {
            check_endpoints(&ENDPOINTS)?;
        }
        let settings = Settings { rate: Some(rate), ..settings(global, config) };
        let connection = Connection::open(&settings).await?;
        let client = connection.audit_manager();
        let expected_account = config.target.account.clone();
        Ok(Self { client, connection, emulator: None, local_account: None, expected_account })
    }

    async fn open_local(global: &Global, state: &LocalState) -> Result<Self> {
        let state = match state {
            LocalState::File(file) => file.clone(),
            LocalState::Default => cache::state_dir(&global.catalog_dir)
                .map_err(|error| {
                    error!(File, "{error:#}; check permissions, or choose another file with --local=FILE")
                })?
                .join(LOCAL_STATE),
        };
        let audit_manager = AuditManager { switches: behavior(global)?, ..AuditManager::default() };
        let mut options = Options { state: Some(state), audit_manager, ..Options::default() };
        if let Some(region) = &global.region {
            options.region.clone_from(region);
        }
        let region = options.region.clone();
        let local_account = Some(options.account.clone());
        let emulator = Emulator::start(options, 0).await?;
        let settings = Settings {
            region: Some(region),
            endpoint_url: Some(emulator.endpoint()),
            stand_in: true,
            ..Settings::default()
        };
        let connection = Connection::open(&settings).await?;
        let client = connection.audit_manager();
        Ok(Self { client, connection, emulator: Some(emulator), local_account, expected_account: None })
    }

    /// Reads as much of the account as `work` asks for, and keeps what was read for the next run even if `work` failed.
    /// Progress is shown while it runs.
    ///
    /// # Errors
    ///
    /// A request failed after all retries.
    pub async fn read<T>(
        &self,
        global: &Global,
        refresh: bool,
        work: impl AsyncFnOnce(&mut Reading, &Progress) -> Result<T, Failure>,
    ) -> Result<(Reading, T)> {
        let mut reading = self.start(global, refresh).await.map_err(unreadable)?;
        let progress = Progress::new("reading the account", global);
        // On the heap: callers would hold its large state in theirs.
        let done = Box::pin(work(&mut reading, &progress)).await;
        drop(progress);
        self.keep(global, &reading);
        Ok((reading, done.map_err(unreadable)?))
    }

    /// Lists the account, and loads the cache of an earlier run unless `refresh` is set.
    async fn start(&self, global: &Global, refresh: bool) -> Result<Reading, Failure> {
        global.log(|| format!("reading the account in {}", self.client.region()));
        let mut reading = Reading::start(&self.client).await?;
        let actual = reading.actual();
        global.log(|| {
            format!("{} custom controls, {} custom frameworks", actual.controls.len(), actual.frameworks.len())
        });
        if !refresh && !self.is_local() {
            let cached = match (reading.key(), reading.endpoint()) {
                (Some(key), _) => cache::load(&global.catalog_dir, key),
                // Lists may be empty because they lag, so that nothing shows the account.
                (None, Some(endpoint)) => cache::load_latest(&global.catalog_dir, self.client.region(), endpoint),
                (None, None) => Ok(None),
            };
            match cached {
                Ok(Some(snapshot)) => reading.remember(snapshot),
                Ok(None) => {}
                Err(_) if global.quiet => {}
                Err(reason) => anstream::eprintln!("note: the cache is not used: {reason}; reading the account again"),
            }
        }
        Ok(reading)
    }

    /// Writes the cache for the next run. A failure is only a warning.
    pub fn keep(&self, global: &Global, reading: &Reading) {
        if let (Some(key), Some(snapshot), true) = (reading.key(), reading.to_keep(), !self.is_local())
            && let Err(error) = cache::save(&global.catalog_dir, key, snapshot)
            && !global.quiet
        {
            anstream::eprintln!("warning: cannot write the cache for the next run: {error:#}");
        }
    }

    /// Whether the account is the embedded emulator, which needs neither a cache nor an endpoint URL.
    pub const fn is_local(&self) -> bool {
        self.emulator.is_some()
    }

    /// Returns clients of the services that decide about evidence.
    pub fn services(&self) -> Services {
        Services::new(&self.connection, self.is_local())
    }

    /// The account, if it is known without a request.
    pub fn known_account(&self) -> Option<&str> {
        self.local_account.as_deref().or_else(|| self.connection.account())
    }

    /// Compares an account with the one in the configuration, before anything is written.
    ///
    /// # Errors
    ///
    /// It is a different account, or the account is unknown.
    pub fn check_account(&self, account: Option<&str>) -> Result<()> {
        let Some(expected) = &self.expected_account else { return Ok(()) };
        match account {
            Some(account) if account == expected => Ok(()),
            Some(account) => bail!(
                Credentials,
                "the credentials are for account {account}, but controlsync.toml names account {expected}; use another \
                 profile"
            ),
            None => bail!(
                Credentials,
                "controlsync.toml names account {expected}, but neither the credentials nor Audit Manager show which \
                 account this is; set AWS_ACCOUNT_ID to its ID, or create a control in the console"
            ),
        }
    }

    /// Closes the session. The local state is on disk when this returns.
    ///
    /// # Errors
    ///
    /// The embedded emulator did not stop cleanly.
    async fn close(self) -> Result<()> {
        drop((self.client, self.connection));
        match self.emulator {
            Some(emulator) => emulator.stop().await.context("the embedded emulator did not stop cleanly"),
            None => Ok(()),
        }
    }
}

/// Converts a failure to read the account into an error.
pub fn unreadable(failure: Failure) -> Error {
    Error::request("cannot read the account", failure)
}

/// Ctrl-C, and the request to end this process.
pub struct Interrupt {
    termination: Termination,
}

impl Interrupt {
    /// Starts to listen. From then on, the signals no longer end the program.
    ///
    /// # Errors
    ///
    /// The signal handler cannot be installed.
    pub fn listen() -> Result<Self> {
        Ok(Self { termination: Termination::listen().context("cannot listen for signals")? })
    }

    /// Waits for the next signal.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = self.termination.received() => {}
        }
    }
}

/// Does work that starts no new requests after the first Ctrl-C; the second one quits.
///
/// # Errors
///
/// The signal handler cannot be installed.
pub async fn stopped_by_interrupt<T>(stop: &Arc<Stop>, work: impl Future<Output = T>) -> Result<T> {
    let (stop, mut interrupt) = (Arc::clone(stop), Interrupt::listen()?);
    let watcher = tokio::spawn(async move {
        interrupt.next().await;
        stop.request();
        anstream::eprintln!(
            "Stopping: requests in flight are finished, no new ones are started. Press Ctrl-C again to quit now."
        );
        interrupt.next().await;
        std::process::exit(2);
    });
    let done = work.await;
    watcher.abort();
    Ok(done)
}

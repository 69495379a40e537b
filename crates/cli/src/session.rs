//! The account that a command talks to: a real one, or the embedded Audit Manager.

use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail};
use controlsync_aws::account::Reading;
use controlsync_aws::client::{DEFAULT_RATE, Stop};
use controlsync_aws::{Client, Connection, Settings};
use controlsync_core::change_result::Failure;
use controlsync_core::config::Config;
use controlsync_emulator::{Emulator, Options};

use crate::cache;
use crate::options::{Global, LocalState, is_url};

const LOCAL_STATE: &str = "local.json";

/// A connection to an account.
pub struct Session {
    /// Sends requests.
    pub client: Client,
    emulator: Option<Emulator>,
    expected_account: Option<String>,
}

/// The runtime that a session lives in.
///
/// # Errors
///
/// The system gives no threads.
pub fn runtime() -> Result<tokio::runtime::Runtime> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.context("cannot start the threads that talk to the account")
}

/// Region and credentials for other services than Audit Manager, as flags, environment and configuration say, in this
/// order.
///
/// # Errors
///
/// There is no Region, or there are no credentials.
pub async fn connect(global: &Global, config: &Config) -> Result<Connection> {
    check_endpoints(&["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"])?;
    Ok(Connection::open(&settings(global, config)).await?)
}

/// The variables that give Audit Manager another address.
const ENDPOINTS: [&str; 2] = ["AWS_ENDPOINT_URL_AUDITMANAGER", "AWS_ENDPOINT_URL"];

fn check_endpoints(variables: &[&str]) -> Result<()> {
    for variable in variables {
        if let Some(value) = std::env::var_os(variable)
            && !value.to_str().is_some_and(is_url)
        {
            bail!("{variable} holds no URL; unset it, or set it to one such as http://127.0.0.1:4571");
        }
    }
    Ok(())
}

fn settings(global: &Global, config: &Config) -> Settings {
    let target = &config.target;
    // The environment beats the file; the SDK reads it where nothing is set here.
    let unless_set = |flag: &Option<String>, variables: &[&str], file: &Option<String>| {
        let set = variables.iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
        flag.clone().or_else(|| if set { None } else { file.clone() })
    };
    Settings {
        region: unless_set(&global.region, &["AWS_REGION", "AWS_DEFAULT_REGION"], &target.region),
        profile: unless_set(&global.profile, &["AWS_PROFILE"], &target.profile),
        profile_only: global.profile.is_some(),
        role_arn: global.role_arn.clone().or_else(|| target.role_arn.clone()),
        endpoint_url: unless_set(&global.endpoint_url, &ENDPOINTS, &target.endpoint_url),
        stand_in: false,
        rate: Some(DEFAULT_RATE),
        backoff: None,
    }
}

impl Session {
    /// Connects, does something in the account, and closes, whatever came of it.
    ///
    /// # Errors
    ///
    /// There is no connection, what was to be done failed, or the session did not end in order.
    pub fn run<T>(global: &Global, config: &Config, work: impl AsyncFnOnce(&Self) -> Result<T>) -> Result<T> {
        runtime()?.block_on(async {
            let session = Self::open(global, config).await?;
            let done = work(&session).await;
            let closed = session.close().await;
            done.and_then(|done| closed.map(|()| done))
        })
    }

    /// Connects: to the embedded Audit Manager with `--local`, else to the account that flags, environment and
    /// configuration say, in this order.
    ///
    /// # Errors
    ///
    /// There is no Region, there are no credentials, or the local state cannot be used.
    async fn open(global: &Global, config: &Config) -> Result<Self> {
        if let Some(state) = &global.local {
            return Self::open_local(global, state).await;
        }
        if global.endpoint_url.is_none() {
            check_endpoints(&ENDPOINTS)?;
        }
        let client = Client::connect(&settings(global, config)).await?;
        Ok(Self { client, emulator: None, expected_account: config.target.account.clone() })
    }

    async fn open_local(global: &Global, state: &LocalState) -> Result<Self> {
        let state = match state {
            LocalState::File(file) => file.clone(),
            LocalState::Default => cache::state_folder(&global.catalog_dir)
                .map_err(|error| anyhow!("{error:#}; check permissions, or name another file with --local=FILE"))?
                .join(LOCAL_STATE),
        };
        let mut options = Options { state: Some(state), ..Options::default() };
        if let Some(region) = &global.region {
            options.region.clone_from(region);
        }
        let region = options.region.clone();
        let emulator = Emulator::start(options, 0).await?;
        let settings = Settings {
            region: Some(region),
            endpoint_url: Some(emulator.endpoint()),
            stand_in: true,
            ..Settings::default()
        };
        let client = Client::connect(&settings).await?;
        Ok(Self { client, emulator: Some(emulator), expected_account: None })
    }

    /// Lists the account, and finds what an earlier run has read of it, unless everything is to be read again.
    ///
    /// # Errors
    ///
    /// A request failed for good.
    pub async fn read(&self, global: &Global, refresh: bool) -> Result<Reading> {
        global.say(|| format!("reading the account in {}", self.client.region()));
        let mut reading = Reading::start(&self.client).await.map_err(unreadable)?;
        let actual = reading.actual();
        global.say(|| {
            format!("{} custom controls, {} custom frameworks", actual.controls.len(), actual.frameworks.len())
        });
        if let (Some(key), false, true) = (reading.key(), refresh, !self.is_local())
            && let Some(snapshot) = cache::load(&global.catalog_dir, key)
        {
            reading.remember(snapshot);
        }
        Ok(reading)
    }

    /// Keeps what was read for the next run. Not being able to is no failure.
    pub fn keep(&self, global: &Global, reading: &Reading) {
        if let (Some(key), Some(snapshot), true) = (reading.key(), reading.to_keep(), !self.is_local())
            && let Err(error) = cache::save(&global.catalog_dir, key, snapshot)
            && !global.quiet
        {
            anstream::eprintln!("warning: what was read of the account is not kept for the next run: {error:#}");
        }
    }

    /// Whether the account is the embedded Audit Manager, which needs neither a cache nor an address of its own.
    pub const fn is_local(&self) -> bool {
        self.emulator.is_some()
    }

    /// Holds an account against the one that the configuration names, before anything is written.
    ///
    /// # Errors
    ///
    /// It is another one, or nothing tells which it is.
    pub fn check_account(&self, account: Option<&str>) -> Result<()> {
        let Some(expected) = &self.expected_account else { return Ok(()) };
        match account {
            Some(account) if account == expected => Ok(()),
            Some(account) => bail!(
                "the credentials are for account {account}, but controlsync.toml says {expected}; choose another profile"
            ),
            None => bail!(
                "controlsync.toml says account {expected}, but neither the credentials nor anything in Audit Manager \
                 tell which account this is; set AWS_ACCOUNT_ID to it, or create one control in the console"
            ),
        }
    }

    /// Ends the session. The local state is on disk when this returns.
    ///
    /// # Errors
    ///
    /// The embedded Audit Manager did not stop in order.
    async fn close(self) -> Result<()> {
        drop(self.client);
        match self.emulator {
            Some(emulator) => emulator.stop().await.context("the embedded Audit Manager did not stop in order"),
            None => Ok(()),
        }
    }
}

/// A failed request in words.
pub fn unreadable(failure: Failure) -> anyhow::Error {
    failed("cannot read the account", failure)
}

/// A failed request in words, and what it was for.
pub fn failed(what: &str, failure: Failure) -> anyhow::Error {
    let words = failure.to_string();
    let help = failure.help.map_or(String::new(), |help| format!("\n{help}"));
    anyhow!("{what}: {words}{help}")
}

/// Ctrl-C and, where the system has it, the request to terminate.
pub struct Interrupt {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Interrupt {
    /// Starts to listen; from here on they do not end the program.
    ///
    /// # Errors
    ///
    /// The system does not let this program listen.
    pub fn listen() -> Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let terminate = signal(SignalKind::terminate()).context("cannot listen for signals")?;
            Ok(Self { terminate })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = self.terminate.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// Asks a run to start nothing new at the first Ctrl-C, and quits at the second, until the task is aborted.
///
/// # Errors
///
/// The system does not let this program listen.
pub fn stop_at_interrupt(stop: &Arc<Stop>) -> Result<tokio::task::JoinHandle<()>> {
    let (stop, mut interrupt) = (Arc::clone(stop), Interrupt::listen()?);
    Ok(tokio::spawn(async move {
        interrupt.next().await;
        stop.ask();
        anstream::eprintln!("Nothing new is started; what is in flight is finished. Ctrl-C again quits at once.");
        interrupt.next().await;
        std::process::exit(2);
    }))
}

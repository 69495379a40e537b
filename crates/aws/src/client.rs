//! The only place that configures the SDK, and the one way a request is sent.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_auditmanager::Error;
use aws_sdk_auditmanager::config::retry::RetryConfig;
use aws_sdk_auditmanager::config::{Credentials, ProvideCredentials};
use aws_sdk_auditmanager::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use controlsync_core::change_result::Failure;

use crate::bucket::Bucket;
use crate::failure::{self, Class};
use crate::limiter::Limiter;
#[cfg(feature = "messages")]
use crate::{queue::Queue, topic::Topics};

/// Requests a second that the CLI sends: the account has 20, shared with its console
/// (<https://docs.aws.amazon.com/audit-manager/latest/userguide/service-quotas.html>).
pub const DEFAULT_RATE: f64 = 18.0;

/// How often a request is sent at most.
const ATTEMPTS: u32 = 6;
/// The longest wait before the second attempt; it doubles with each.
const FIRST_BACKOFF: Duration = Duration::from_millis(500);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// Where requests go and how fast.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// AWS Region; else that of the environment or the profile.
    pub region: Option<String>,
    /// Profile of the AWS configuration files.
    pub profile: Option<String>,
    /// Whether the profile was asked for by name: then credentials in the environment do not count.
    pub profile_only: bool,
    /// Role to assume.
    pub role_arn: Option<String>,
    /// Another address of Audit Manager.
    pub endpoint_url: Option<String>,
    /// Whether the other side is a stand-in that takes any credentials.
    pub stand_in: bool,
    /// Requests a second; none for no limit.
    pub rate: Option<f64>,
    /// The longest wait before a second attempt, which doubles with each; none for half a second.
    pub backoff: Option<Duration>,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Nothing says which Region.
    #[error("no AWS Region is set: use --region, `region` under [target] in controlsync.toml, or AWS_REGION")]
    NoRegion,
    /// What is named is no Region.
    #[error("{0:?} is no AWS Region: use a name such as eu-west-1")]
    InvalidRegion(String),
    /// The profile that was asked for gives no credentials.
    #[error("the profile {profile:?} gives no AWS credentials: {reason}; sign in to it, or choose another profile")]
    NoProfile {
        /// Its name.
        profile: String,
        /// Why.
        reason: String,
    },
    /// Nothing gives credentials.
    #[error(
        "no AWS credentials were found{0}: sign in (`aws sso login`), or name a profile with --profile or AWS_PROFILE"
    )]
    NoCredentials(NotIn),
    /// What should give credentials does not.
    #[error("the AWS credentials cannot be used: {0}; sign in again, or name another profile with --profile")]
    CredentialsFailed(String),
}

/// The profile of the environment that has no credentials.
#[derive(Debug)]
pub struct NotIn(Option<String>);

impl NotIn {
    /// That of the environment.
    fn environment() -> Self {
        Self(std::env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty()))
    }
}

impl std::fmt::Display for NotIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Some(profile) => write!(f, ", nor does the profile {profile:?} of AWS_PROFILE give any"),
            None => Ok(()),
        }
    }
}

/// Asks a run to start nothing new; what is in flight is finished and not tried again.
#[derive(Debug, Default)]
pub struct Stop(AtomicBool);

impl Stop {
    /// Asks.
    pub fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Sends requests to Audit Manager, all at one pace.
#[derive(Clone, Debug)]
pub struct Client {
    sdk: aws_sdk_auditmanager::Client,
    region: String,
    /// The account of the credentials, where they tell it.
    account: Option<String>,
    limiter: Option<Arc<Limiter>>,
    backoff: Duration,
    stop: Arc<Stop>,
    /// Whether the next request has had its turn already.
    has_turn: Arc<AtomicBool>,
    /// Requests sent so far, those sent again counted again.
    sent: Arc<AtomicUsize>,
}

/// Whether a request may be sent again when it is not clear whether it was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// A second time changes nothing.
    Freely,
    /// A second time could make a second object.
    Never,
}

/// A Region and credentials, from which the clients of all services are made.
#[derive(Clone, Debug)]
pub struct Connection {
    shared: SdkConfig,
    region: String,
    /// The account of the credentials, where they tell it.
    account: Option<String>,
    endpoint_url: Option<String>,
    rate: Option<f64>,
    backoff: Duration,
}

impl Connection {
    /// Finds Region and credentials. No request is sent to any of the services.
    ///
    /// # Errors
    ///
    /// There is no Region or there are no credentials.
    pub async fn open(settings: &Settings) -> Result<Self, ConnectError> {
        let tls = tls::Provider::Rustls(CryptoMode::Ring);
        let http = aws_smithy_http_client::Builder::new().tls_provider(tls).build_https();
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http.clone()).timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                .build(),
        );
        if let Some(region) = &settings.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(profile) = &settings.profile {
            loader = loader.profile_name(profile);
            if settings.profile_only {
                // A profile may assume a role, for which a Region is needed.
                let region = if let Some(region) = &settings.region {
                    Some(Region::new(region.clone()))
                } else {
                    let config = aws_config::defaults(BehaviorVersion::latest()).http_client(http.clone());
                    config.no_credentials().profile_name(profile).load().await.region().cloned()
                };
                let provider = ProviderConfig::without_region().with_http_client(http).with_region(region);
                let provider = ProfileFileCredentialsProvider::builder().configure(&provider).profile_name(profile);
                loader = loader.credentials_provider(provider.build());
            }
        }
        if settings.stand_in {
            loader = loader.credentials_provider(Credentials::new("stand-in", "stand-in", None, None, "stand-in"));
        }
        let mut shared = loader.load().await;
        let region = shared.region().ok_or(ConnectError::NoRegion)?.to_string();
        if region.is_empty() {
            return Err(ConnectError::NoRegion);
        }
        if !region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err(ConnectError::InvalidRegion(region));
        }
        if let Some(role) = &settings.role_arn {
            let provider = aws_config::sts::AssumeRoleProvider::builder(role)
                .configure(&shared)
                .session_name("controlsync")
                .build()
                .await;
            shared = shared
                .into_builder()
                .credentials_provider(aws_sdk_auditmanager::config::SharedCredentialsProvider::new(provider))
                .build();
        }
        let none = || ConnectError::NoCredentials(NotIn::environment());
        let provider = shared.credentials_provider().ok_or_else(none)?;
        let credentials = provider.provide_credentials().await.map_err(|error| match (error, &settings.profile) {
            (error, Some(profile)) if settings.profile_only => {
                ConnectError::NoProfile { profile: profile.clone(), reason: failure::reasons(&error) }
            }
            (CredentialsError::CredentialsNotLoaded(_), _) => none(),
            // The metadata service of a machine is asked last of all, whether or not there is one.
            (other, _) if failure::reasons(&other).contains("IMDS") => none(),
            (other, _) => ConnectError::CredentialsFailed(failure::reasons(&other)),
        })?;
        let account = credentials.account_id().map(|account| account.as_str().to_owned());
        Ok(Self {
            shared,
            region,
            account,
            endpoint_url: settings.endpoint_url.clone(),
            rate: settings.rate,
            backoff: settings.backoff.unwrap_or(FIRST_BACKOFF),
        })
    }

    /// The Region that requests go to.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The account of the credentials, where they tell it.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// A client of Audit Manager.
    pub fn audit_manager(&self) -> Client {
        // Requests are repeated by `call` alone; looking credentials up keeps the retries of the SDK.
        let mut config =
            aws_sdk_auditmanager::config::Builder::from(&self.shared).retry_config(RetryConfig::disabled());
        if let Some(endpoint) = &self.endpoint_url {
            config = config.endpoint_url(endpoint);
        }
        Client {
            sdk: aws_sdk_auditmanager::Client::from_conf(config.build()),
            region: self.region.clone(),
            account: self.account.clone(),
            limiter: self.rate.map(|rate| Arc::new(Limiter::new(rate))),
            backoff: self.backoff,
            stop: Arc::default(),
            has_turn: Arc::default(),
            sent: Arc::default(),
        }
    }

    /// A bucket of Amazon S3.
    pub fn bucket(&self, name: &str) -> Bucket {
        Bucket::new(aws_sdk_s3::Client::new(&self.shared), name)
    }

    /// Topics of Amazon SNS.
    #[cfg(feature = "messages")]
    pub fn topics(&self) -> Topics {
        Topics::new(aws_sdk_sns::Client::new(&self.shared))
    }

    /// A queue of Amazon SQS.
    #[cfg(feature = "messages")]
    pub fn queue(&self, url: &str) -> Queue {
        Queue::new(aws_sdk_sqs::Client::new(&self.shared), url)
    }
}

impl Client {
    /// Finds Region and credentials. No request is sent to Audit Manager.
    ///
    /// # Errors
    ///
    /// There is no Region or there are no credentials.
    pub async fn connect(settings: &Settings) -> Result<Self, ConnectError> {
        Connection::open(settings).await.map(|connection| connection.audit_manager())
    }

    /// The Region that requests go to.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The account of the credentials, where they tell it.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// The same for another run: not asked to stop, and with no requests sent yet. The pace stays.
    #[must_use]
    pub fn for_run(&self) -> Self {
        Self { stop: Arc::default(), has_turn: Arc::default(), sent: Arc::default(), ..self.clone() }
    }

    /// How many requests were sent so far; one that was sent again counts again.
    pub fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    /// By which a run is asked to stop.
    pub fn stop(&self) -> &Arc<Stop> {
        &self.stop
    }

    /// The SDK's client, for building requests.
    pub(crate) fn sdk(&self) -> &aws_sdk_auditmanager::Client {
        &self.sdk
    }

    /// Waits until a change may be started; none where the run was asked to stop before. The first request of the client
    /// that comes back is sent at once.
    pub(crate) async fn turn(&self) -> Option<Self> {
        if let Some(limiter) = &self.limiter {
            limiter.acquire().await;
        }
        let has_turn = Arc::new(AtomicBool::new(true));
        (!self.stop.asked()).then(|| Self { has_turn, ..self.clone() })
    }

    /// Waits a while before something is tried again: with full jitter, longer with each attempt, the first of which is 1.
    pub(crate) async fn back_off(&self, attempt: u32) {
        let longest = self.backoff * (1 << (attempt - 1));
        tokio::time::sleep(longest.mul_f64(fastrand::f64())).await;
    }

    /// Sends a request: at the common pace, again after throttling with full-jitter backoff, and again after an unclear
    /// failure where that does no harm.
    pub(crate) async fn call<T, E, F>(
        &self,
        operation: &'static str,
        repeat: Repeat,
        send: impl Fn() -> F,
    ) -> Result<T, Failure>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        F: Future<Output = Result<T, SdkError<E>>>,
        Error: From<SdkError<E>>,
    {
        let mut attempt = 1;
        loop {
            if let Some(limiter) = &self.limiter
                && !self.has_turn.swap(false, Ordering::Relaxed)
            {
                limiter.acquire().await;
            }
            self.sent.fetch_add(1, Ordering::Relaxed);
            let (class, failure) = match send().await {
                Ok(answer) => {
                    if let Some(limiter) = &self.limiter {
                        limiter.recover();
                    }
                    return Ok(answer);
                }
                Err(error) => failure::read(operation, error),
            };
            if class == Class::Throttled
                && let Some(limiter) = &self.limiter
            {
                limiter.slow_down();
            }
            let again = match class {
                Class::Throttled => true,
                Class::Unclear => repeat == Repeat::Freely,
                Class::NotSent | Class::Refused => false,
            };
            if !again || attempt == ATTEMPTS || self.stop.asked() {
                return Err(failure);
            }
            self.back_off(attempt).await;
            if self.stop.asked() {
                return Err(failure);
            }
            attempt += 1;
        }
    }
}

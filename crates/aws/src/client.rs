//! Configures the SDK and sends all requests to Audit Manager.

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
use aws_sdk_auditmanager::config::{Credentials, ProvideCredentials, SharedHttpClient};
use aws_sdk_auditmanager::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use controlsync_core::change_result::Failure;

use crate::bucket::Bucket;
use crate::failure::{self, Class};
use crate::limiter::Limiter;
#[cfg(feature = "messages")]
use crate::{queue::Queue, topic::Topics};

/// Requests per second of the CLI: the account's quota is 20, shared with its console users
/// (<https://docs.aws.amazon.com/audit-manager/latest/userguide/service-quotas.html>).
pub const DEFAULT_RATE: f64 = 18.0;

/// Maximum number of attempts per request.
const ATTEMPTS: u32 = 6;
/// Maximum wait before the second attempt; doubles with each attempt.
const FIRST_BACKOFF: Duration = Duration::from_millis(500);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// Settings of a connection.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// AWS Region; defaults to that of the environment or the profile.
    pub region: Option<String>,
    /// Profile of the AWS configuration files.
    pub profile: Option<String>,
    /// Whether the profile was selected explicitly: then credentials in the environment are ignored.
    pub profile_only: bool,
    /// Role to assume.
    pub role_arn: Option<String>,
    /// Custom endpoint of Audit Manager.
    pub endpoint_url: Option<String>,
    /// Whether the endpoint is an emulator that accepts any credentials.
    pub stand_in: bool,
    /// Requests per second; `None` for no limit.
    pub rate: Option<f64>,
    /// Maximum wait before the second attempt, doubled with each attempt; `None` for half a second.
    pub backoff: Option<Duration>,
}

/// Why no connection could be opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// No Region is set.
    #[error("no AWS Region is set: use --region, `region` under [target] in controlsync.toml, or AWS_REGION")]
    NoRegion,
    /// The Region is not valid.
    #[error("{0:?} is not a valid AWS Region: use a name such as eu-west-1")]
    InvalidRegion(String),
    /// The selected profile has no credentials.
    #[error("the profile {profile:?} has no AWS credentials: {reason}; sign in to it, or use another profile")]
    NoProfile {
        /// Name of the profile.
        profile: String,
        /// Reason.
        reason: String,
    },
    /// There are no credentials.
    #[error(
        "no AWS credentials found{0}: sign in with `aws sso login`, or select a profile with --profile or AWS_PROFILE"
    )]
    NoCredentials(NotIn),
    /// The credentials could not be loaded.
    #[error("cannot load the AWS credentials: {0}; sign in again, or use another profile with --profile")]
    CredentialsFailed(String),
}

/// The profile of the environment, if it has no credentials.
#[derive(Debug)]
pub struct NotIn(Option<String>);

impl NotIn {
    /// Reads it from the environment.
    fn environment() -> Self {
        Self(std::env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty()))
    }
}

impl std::fmt::Display for NotIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Some(profile) => write!(f, " (the profile {profile:?} of AWS_PROFILE has none)"),
            None => Ok(()),
        }
    }
}

/// Requests that a run starts nothing new; requests in flight are completed but not retried.
#[derive(Debug, Default)]
pub struct Stop(AtomicBool);

impl Stop {
    /// Requests the stop.
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the stop was requested.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Sends requests to Audit Manager, with a shared rate limit.
#[derive(Clone, Debug)]
pub struct Client {
    sdk: aws_sdk_auditmanager::Client,
    region: String,
    /// Account of the credentials, if known.
    account: Option<String>,
    limiter: Option<Arc<Limiter>>,
    backoff: Duration,
    stop: Arc<Stop>,
    /// Whether the next request already acquired its slot.
    has_turn: Arc<AtomicBool>,
    /// Number of requests sent so far, including retries.
    sent: Arc<AtomicUsize>,
}

/// Whether a request may be repeated if it is unclear whether it was processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// A repetition changes nothing.
    Freely,
    /// A repetition could create a second object.
    Never,
}

/// A Region and credentials, shared by the clients of all services.
#[derive(Clone, Debug)]
pub struct Connection {
    shared: SdkConfig,
    region: String,
    /// Account of the credentials, if known.
    account: Option<String>,
    endpoint_url: Option<String>,
    rate: Option<f64>,
    backoff: Duration,
}

/// Returns the credentials of a profile only: no other source is asked if it has none.
async fn provider_of(profile: &str, settings: &Settings, http: &SharedHttpClient) -> ProfileFileCredentialsProvider {
    // A profile may assume a role, which needs a Region.
    let region = if let Some(region) = &settings.region {
        Some(Region::new(region.clone()))
    } else {
        let config = aws_config::defaults(BehaviorVersion::latest()).http_client(http.clone());
        config.no_credentials().profile_name(profile).load().await.region().cloned()
    };
    let provider = ProviderConfig::without_region().with_http_client(http.clone()).with_region(region);
    ProfileFileCredentialsProvider::builder().configure(&provider).profile_name(profile).build()
}

impl Connection {
    /// Loads Region and credentials. No request is sent to any of the services.
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
                loader = loader.credentials_provider(provider_of(profile, settings, &http).await);
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
            // The instance metadata service is always tried last, even if there is none.
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

    /// Returns the Region.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Returns the account of the credentials, if known.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Creates a client of Audit Manager.
    pub fn audit_manager(&self) -> Client {
        // Requests are retried only by `call`; loading credentials keeps the retries of the SDK.
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

    /// Creates a client of an Amazon S3 bucket.
    pub fn bucket(&self, name: &str) -> Bucket {
        Bucket::new(aws_sdk_s3::Client::new(&self.shared), name)
    }

    /// Creates a client of Amazon SNS.
    #[cfg(feature = "messages")]
    pub fn topics(&self) -> Topics {
        Topics::new(aws_sdk_sns::Client::new(&self.shared))
    }

    /// Creates a client of an Amazon SQS queue.
    #[cfg(feature = "messages")]
    pub fn queue(&self, url: &str) -> Queue {
        Queue::new(aws_sdk_sqs::Client::new(&self.shared), url)
    }
}

impl Client {
    /// Loads Region and credentials. No request is sent to Audit Manager.
    ///
    /// # Errors
    ///
    /// There is no Region or there are no credentials.
    pub async fn connect(settings: &Settings) -> Result<Self, ConnectError> {
        Connection::open(settings).await.map(|connection| connection.audit_manager())
    }

    /// Returns the Region.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Returns the account of the credentials, if known.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Returns a client for another run: without a stop request, and with a count of zero requests. The rate limit is
    /// shared.
    #[must_use]
    pub fn for_run(&self) -> Self {
        Self { stop: Arc::default(), has_turn: Arc::default(), sent: Arc::default(), ..self.clone() }
    }

    /// Returns the number of requests sent so far, including retries.
    pub fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    /// Returns the handle to stop a run.
    pub fn stop(&self) -> &Arc<Stop> {
        &self.stop
    }

    /// Returns the SDK's client, for building requests.
    pub(crate) fn sdk(&self) -> &aws_sdk_auditmanager::Client {
        &self.sdk
    }

    /// Waits until a change may be started; `None` if the run was stopped meanwhile. The first request of the returned
    /// client is sent immediately.
    pub(crate) async fn turn(&self) -> Option<Self> {
        if let Some(limiter) = &self.limiter {
            limiter.acquire().await;
        }
        let has_turn = Arc::new(AtomicBool::new(true));
        (!self.stop.is_requested()).then(|| Self { has_turn, ..self.clone() })
    }

    /// Waits before a retry: with full jitter, longer with each attempt, starting at 1.
    pub(crate) async fn back_off(&self, attempt: u32) {
        let longest = self.backoff * (1 << (attempt - 1));
        tokio::time::sleep(longest.mul_f64(fastrand::f64())).await;
    }

    /// Sends a request within the rate limit. Retries with full-jitter backoff after throttling, and after an unclear
    /// failure if that is safe.
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
            if !again || attempt == ATTEMPTS || self.stop.is_requested() {
                return Err(failure);
            }
            self.back_off(attempt).await;
            if self.stop.is_requested() {
                return Err(failure);
            }
            attempt += 1;
        }
    }
}

//! Configures the SDK: Region, credentials and endpoints.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use aws_sdk_auditmanager::config::retry::RetryConfig;
use aws_sdk_auditmanager::config::{Credentials, SharedCredentialsProvider};
use aws_types::os_shim_internal::{Env, Fs};
use controlsync_core::regions;

use crate::audit_manager::client::{ATTEMPTS, Client};
use crate::aws_environment::{AwsEnvironment, EnvironmentError, Selected};
use crate::causes::reasons;
use crate::s3::Bucket;
use crate::sender::Sender;
use crate::{connector, failure};
#[cfg(feature = "messages")]
use crate::{sns::Topics, sqs::Queue};

/// Maximum number of attempts per request to other services, unless the environment sets another one.
const FEW_ATTEMPTS: u32 = 3;
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
    /// A setting of the AWS environment cannot be honored.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// No Region is set.
    #[error("no AWS Region is set: use --region, `region` under [target] in controlsync.toml, or AWS_REGION")]
    NoRegion,
    /// The Region is not valid.
    #[error("{region:?} is not a valid AWS Region: use a name such as {}", regions::meant(.region).unwrap_or("eu-west-1"))]
    InvalidRegion {
        /// The name.
        region: String,
    },
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
    /// No connection to a service that gives out credentials.
    #[error("cannot load the AWS credentials: {message}; {}", if *.untrusted {
        "if a proxy in your network inspects TLS, set AWS_CA_BUNDLE to a file with its CA certificates, in PEM"
    } else {
        "check the network"
    })]
    NotConnected {
        /// What failed.
        message: String,
        /// Whether it was the certificate.
        untrusted: bool,
    },
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
    attempts: Option<u32>,
}

/// Returns the credentials of a profile only: no other source is asked if it has none.
fn provider_of(profile: &str, config: &ProviderConfig) -> ProfileFileCredentialsProvider {
    ProfileFileCredentialsProvider::builder().configure(config).profile_name(profile).build()
}

/// Credentials that were loaded once: the first request uses them, and later ones ask their provider again.
#[derive(Debug)]
struct Loaded {
    first: Mutex<Option<Credentials>>,
    provider: SharedCredentialsProvider,
}

impl ProvideCredentials for Loaded {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        match self.first.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(credentials) => future::ProvideCredentials::ready(Ok(credentials)),
            None => self.provider.provide_credentials(),
        }
    }
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).operation_attempt_timeout(ATTEMPT_TIMEOUT).build()
}

/// Loads the configuration of the SDK. Its own reading of settings for retries, which panics at some, is not used.
async fn load(settings: &Settings, environment: &AwsEnvironment) -> SdkConfig {
    let http = connector::client(environment);
    let retries = RetryConfig::standard().with_max_attempts(environment.attempts.unwrap_or(FEW_ATTEMPTS));
    let region = settings.region.clone().map(Region::new);
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.clone())
        .timeout_config(timeouts())
        .retry_config(retries.clone());
    if let Some(region) = region.clone() {
        loader = loader.region(region);
    }
    if let Some(profile) = &settings.profile {
        loader = loader.profile_name(profile);
        if settings.profile_only {
            // A profile may assume a role, which needs a Region.
            let region = region.or_else(|| environment.region.clone().map(Region::new));
            let config =
                ProviderConfig::without_region().with_http_client(http).with_region(region).with_retry_config(retries);
            loader = loader.credentials_provider(provider_of(profile, &config));
        }
    }
    loader.load().await
}

/// Why there are no credentials.
fn without_credentials(error: &CredentialsError, settings: &Settings) -> ConnectError {
    if let Some(not_connected) = failure::not_connected(error) {
        return ConnectError::NotConnected { message: not_connected.message(), untrusted: not_connected.untrusted };
    }
    let mut reason = reasons(error);
    if reason.contains("cargo feature") {
        "this program does not support this kind of credentials".clone_into(&mut reason);
    }
    match (error, &settings.profile) {
        (_, Some(profile)) if settings.profile_only => ConnectError::NoProfile { profile: profile.clone(), reason },
        (CredentialsError::CredentialsNotLoaded(_), _) => ConnectError::NoCredentials(NotIn::environment()),
        // The instance metadata service is always tried last, even if there is none.
        _ if reason.contains("IMDS") => ConnectError::NoCredentials(NotIn::environment()),
        _ => ConnectError::CredentialsFailed(reason),
    }
}

impl Connection {
    /// Loads Region and credentials. No request is sent to any of the services.
    ///
    /// # Errors
    ///
    /// A setting of the AWS environment cannot be honored; there is no Region, or there are no credentials.
    pub async fn open(settings: &Settings) -> Result<Self, ConnectError> {
        if settings.stand_in {
            return Self::open_stand_in(settings);
        }
        let selected = Selected {
            profile: settings.profile.as_deref(),
            profile_only: settings.profile_only,
            endpoint_url: settings.endpoint_url.as_deref(),
        };
        let mut environment = AwsEnvironment::read(selected, &Fs::real(), &Env::real()).await?;
        let mut shared = load(settings, &environment).await;
        let region = shared.region().map(ToString::to_string).filter(|region| !region.is_empty());
        let unknown_profile = environment.unknown_profile.take().map(ConnectError::Environment);
        let Some(region) = region else { return Err(unknown_profile.unwrap_or(ConnectError::NoRegion)) };
        if !regions::is_region(&region) {
            return Err(ConnectError::InvalidRegion { region });
        }
        if let Some(role) = &settings.role_arn {
            let provider = aws_config::sts::AssumeRoleProvider::builder(role)
                .configure(&shared)
                .session_name("controlsync")
                .build()
                .await;
            shared = shared.into_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build();
        }
        let none = || ConnectError::NoCredentials(NotIn::environment());
        let provider = shared.credentials_provider().ok_or_else(none)?;
        let credentials = provider.provide_credentials().await;
        let credentials = match (credentials, unknown_profile) {
            (Ok(credentials), _) => credentials,
            (Err(_), Some(unknown)) => return Err(unknown),
            (Err(error), None) => return Err(without_credentials(&error, settings)),
        };
        let account = credentials.account_id().map(|account| account.as_str().to_owned());
        let loaded = Loaded { first: Mutex::new(Some(credentials)), provider };
        shared = shared.into_builder().credentials_provider(SharedCredentialsProvider::new(loaded)).build();
        Ok(Self::new(shared, region, account, settings, environment.attempts))
    }

    /// Without the AWS environment: none of its settings matters to an emulator that accepts any credentials.
    fn open_stand_in(settings: &Settings) -> Result<Self, ConnectError> {
        let region = settings.region.clone().ok_or(ConnectError::NoRegion)?;
        let credentials = Credentials::new("stand-in", "stand-in", None, None, "stand-in");
        let shared = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region.clone()))
            .http_client(connector::loopback())
            .timeout_config(timeouts())
            .credentials_provider(SharedCredentialsProvider::new(credentials));
        // An emulator is all services.
        let shared = match &settings.endpoint_url {
            Some(endpoint) => shared.endpoint_url(endpoint).build(),
            None => shared.build(),
        };
        Ok(Self::new(shared, region, None, settings, None))
    }

    fn new(
        shared: SdkConfig,
        region: String,
        account: Option<String>,
        settings: &Settings,
        attempts: Option<u32>,
    ) -> Self {
        // Requests are retried only by the sender; loading credentials, which is configured by now, keeps the retries of the SDK.
        let shared = shared.into_builder().retry_config(RetryConfig::disabled()).build();
        Self {
            shared,
            region,
            account,
            endpoint_url: settings.endpoint_url.clone(),
            rate: settings.rate,
            backoff: settings.backoff.unwrap_or(FIRST_BACKOFF),
            attempts,
        }
    }

    /// Returns the Region.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Returns the account of the credentials, if known.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Returns the configuration of the SDK for a service that another crate reads.
    pub const fn sdk_config(&self) -> &SdkConfig {
        &self.shared
    }

    /// Returns the URL of Audit Manager, if it is not the one of the Region.
    pub fn endpoint_url(&self) -> Option<&str> {
        self.endpoint_url.as_deref()
    }

    /// Returns a sender for a service with a rate in requests per second; `None` for no limit. It makes as many attempts as the
    /// environment or the profile sets.
    pub fn sender_at(&self, rate: Option<f64>) -> Sender {
        Sender::new(rate, self.attempts.unwrap_or(ATTEMPTS), self.backoff)
    }

    /// Returns the configuration of the SDK for Audit Manager, which has an endpoint of its own.
    pub fn audit_manager_config(&self) -> aws_sdk_auditmanager::Config {
        let config = aws_sdk_auditmanager::config::Builder::from(&self.shared);
        match &self.endpoint_url {
            Some(endpoint) => config.endpoint_url(endpoint).build(),
            None => config.build(),
        }
    }

    /// Creates a client of Audit Manager.
    pub fn audit_manager(&self) -> Client {
        let sender = Sender::new(self.rate, ATTEMPTS, self.backoff);
        Client::new(self.audit_manager_config(), self.region.clone(), self.account.clone(), sender)
    }

    /// Returns a sender for a service whose rate needs no limit. It makes as many attempts as the environment or the profile sets
    /// (`AWS_MAX_ATTEMPTS`, `max_attempts`).
    fn sender(&self) -> Sender {
        Sender::new(None, self.attempts.unwrap_or(FEW_ATTEMPTS), self.backoff)
    }

    /// Creates a client of an Amazon S3 bucket.
    pub fn bucket(&self, name: &str) -> Bucket {
        Bucket::new(aws_sdk_s3::Client::new(&self.shared), self.sender(), name)
    }

    /// Creates a client of Amazon SNS.
    #[cfg(feature = "messages")]
    pub fn topics(&self) -> Topics {
        Topics::new(aws_sdk_sns::Client::new(&self.shared), self.sender())
    }

    /// Creates a client of an Amazon SQS queue.
    #[cfg(feature = "messages")]
    pub fn queue(&self, url: &str) -> Queue {
        Queue::new(aws_sdk_sqs::Client::new(&self.shared), self.sender(), url)
    }
}

//! Configures the SDK: Region, credentials and endpoints.

use std::time::Duration;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_auditmanager::config::retry::RetryConfig;
use aws_sdk_auditmanager::config::{Credentials, ProvideCredentials, SharedHttpClient};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};

use crate::audit_manager::client::{ATTEMPTS, Client};
use crate::failure;
use crate::s3::Bucket;
use crate::sender::Sender;
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
        // Requests are retried only by the sender; loading credentials keeps the retries of the SDK.
        let mut config =
            aws_sdk_auditmanager::config::Builder::from(&self.shared).retry_config(RetryConfig::disabled());
        if let Some(endpoint) = &self.endpoint_url {
            config = config.endpoint_url(endpoint);
        }
        let sender = Sender::new(self.rate, ATTEMPTS, self.backoff);
        Client::new(config.build(), self.region.clone(), self.account.clone(), sender)
    }

    /// Returns a sender for a service whose rate needs no limit. It makes as many attempts as the environment or the profile sets
    /// (`AWS_MAX_ATTEMPTS`, `max_attempts`).
    fn sender(&self) -> Sender {
        let attempts = self.shared.retry_config().map_or(FEW_ATTEMPTS, RetryConfig::max_attempts);
        Sender::new(None, attempts, self.backoff)
    }

    /// Creates a client of an Amazon S3 bucket.
    pub fn bucket(&self, name: &str) -> Bucket {
        let config = aws_sdk_s3::config::Builder::from(&self.shared)
            .retry_config(aws_sdk_s3::config::retry::RetryConfig::disabled());
        Bucket::new(aws_sdk_s3::Client::from_conf(config.build()), self.sender(), name)
    }

    /// Creates a client of Amazon SNS.
    #[cfg(feature = "messages")]
    pub fn topics(&self) -> Topics {
        let config = aws_sdk_sns::config::Builder::from(&self.shared)
            .retry_config(aws_sdk_sns::config::retry::RetryConfig::disabled());
        Topics::new(aws_sdk_sns::Client::from_conf(config.build()), self.sender())
    }

    /// Creates a client of an Amazon SQS queue.
    #[cfg(feature = "messages")]
    pub fn queue(&self, url: &str) -> Queue {
        let config = aws_sdk_sqs::config::Builder::from(&self.shared)
            .retry_config(aws_sdk_sqs::config::retry::RetryConfig::disabled());
        Queue::new(aws_sdk_sqs::Client::from_conf(config.build()), self.sender(), url)
    }
}

//! Sends all requests to Audit Manager.

use std::future::Future;
use std::sync::Arc;

use aws_sdk_auditmanager::Error;
use aws_sdk_auditmanager::error::{ProvideErrorMetadata, SdkError};
use controlsync_core::change_result::Failure;

use super::failure;
use crate::failure::classify;
use crate::sender::{Repeat, Sender, Stop};

/// Requests per second by default, of every program: the account's quota is 20, shared with its console and with other programs
/// (<https://docs.aws.amazon.com/audit-manager/latest/userguide/service-quotas.html>). So two of them can run at once.
pub const DEFAULT_RATE: f64 = 10.0;

/// Maximum number of attempts per request to Audit Manager.
pub(crate) const ATTEMPTS: u32 = 6;

/// Sends requests to Audit Manager, with a shared rate limit.
#[derive(Clone, Debug)]
pub struct Client {
    sdk: aws_sdk_auditmanager::Client,
    region: String,
    /// Account of the credentials, if known.
    account: Option<String>,
    sender: Sender,
}

impl Client {
    /// Creates a client.
    pub(crate) fn new(
        config: aws_sdk_auditmanager::Config,
        region: String,
        account: Option<String>,
        sender: Sender,
    ) -> Self {
        Self { sdk: aws_sdk_auditmanager::Client::from_conf(config), region, account, sender }
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
        Self { sender: self.sender.for_run(), ..self.clone() }
    }

    /// Returns the number of requests sent so far, including retries.
    pub fn sent(&self) -> usize {
        self.sender.sent()
    }

    /// Returns the handle to stop a run.
    pub const fn stop(&self) -> &Arc<Stop> {
        self.sender.stop()
    }

    /// Returns the SDK's client, for building requests.
    pub(crate) fn sdk(&self) -> &aws_sdk_auditmanager::Client {
        &self.sdk
    }

    /// Waits until a change may be started; `None` if the run was stopped meanwhile. The first request of the returned
    /// client is sent immediately.
    pub(crate) async fn turn(&self) -> Option<Self> {
        Some(Self { sender: self.sender.turn().await?, ..self.clone() })
    }

    /// Waits for the service to see what it has done, see [`Sender::settle`].
    pub(crate) async fn settle(&self, attempt: u32) {
        self.sender.settle(attempt).await;
    }

    /// Sends a request, see [`Sender::send`].
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
        self.sender.send(repeat, classify, send).await.map_err(|error| failure::read(operation, error))
    }
}

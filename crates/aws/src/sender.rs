//! Sends the requests to one service: its rate, attempts, stop and counter.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_auditmanager::error::{ProvideErrorMetadata, SdkError};
use controlsync_core::change_result::Failure;

use crate::failure::{self, Class};
use crate::limiter::Limiter;

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

/// Whether a request may be repeated if it is unclear whether it was processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// A repetition changes nothing.
    Freely,
    /// A repetition could create a second object.
    Never,
}

/// Sends the requests to one service. Every service has one, so that rate, attempts, stop and count are the same for all of its
/// operations; the retries of the SDK are off.
#[derive(Clone, Debug)]
pub struct Sender {
    limiter: Option<Arc<Limiter>>,
    /// Maximum number of attempts per request.
    attempts: u32,
    /// Maximum wait before the second attempt; doubles with each attempt.
    backoff: Duration,
    stop: Arc<Stop>,
    /// Whether the next request already acquired its slot.
    has_turn: Arc<AtomicBool>,
    sent: Arc<AtomicUsize>,
}

impl Sender {
    /// Creates a sender with a rate in requests per second; `None` for no limit.
    pub(crate) fn new(rate: Option<f64>, attempts: u32, backoff: Duration) -> Self {
        Self {
            limiter: rate.map(|rate| Arc::new(Limiter::new(rate))),
            attempts,
            backoff,
            stop: Arc::default(),
            has_turn: Arc::default(),
            sent: Arc::default(),
        }
    }

    /// Returns a sender for another run: without a stop request, and with a count of zero requests. The rate limit is shared.
    #[must_use]
    pub(crate) fn for_run(&self) -> Self {
        Self { stop: Arc::default(), has_turn: Arc::default(), sent: Arc::default(), ..self.clone() }
    }

    /// Returns a sender for another account, which has a rate limit of its own. Its requests are counted with those of this one.
    #[must_use]
    pub fn for_other_account(&self) -> Self {
        let limiter = self.limiter.as_ref().map(|limiter| Arc::new(limiter.without_history()));
        Self { limiter, has_turn: Arc::default(), ..self.clone() }
    }

    /// Returns the number of requests sent so far, including retries.
    pub fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    /// Returns the handle to stop a run.
    pub(crate) const fn stop(&self) -> &Arc<Stop> {
        &self.stop
    }

    /// Waits until something new may be started; `None` if the run was stopped meanwhile. The first request of the returned sender is
    /// sent immediately.
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

    /// Waits for the service to see what it has done: longer with each attempt, starting at 1.
    pub(crate) async fn settle(&self, attempt: u32) {
        tokio::time::sleep(self.backoff * (1 << (attempt - 1))).await;
    }

    /// Sends a request that changes nothing, within the rate limit, with retries.
    ///
    /// # Errors
    ///
    /// The request failed.
    pub async fn read<T, E, F>(&self, operation: &'static str, send: impl Fn() -> F) -> Result<T, Failure>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        F: Future<Output = Result<T, SdkError<E>>>,
    {
        let answer = self.send(Repeat::Freely, failure::classify, send).await;
        answer.map_err(|error| failure::of_service(operation, &error))
    }

    /// Sends a request within the rate limit. Retries with full-jitter backoff after throttling, and after an unclear failure if
    /// that is safe. `class` says what an error means.
    ///
    /// # Errors
    ///
    /// The error of the last attempt.
    pub(crate) async fn send<T, E, F>(
        &self,
        repeat: Repeat,
        class: impl Fn(&SdkError<E>) -> Class,
        send: impl Fn() -> F,
    ) -> Result<T, SdkError<E>>
    where
        F: Future<Output = Result<T, SdkError<E>>>,
    {
        let mut attempt = 1;
        loop {
            if let Some(limiter) = &self.limiter
                && !self.has_turn.swap(false, Ordering::Relaxed)
            {
                limiter.acquire().await;
            }
            self.sent.fetch_add(1, Ordering::Relaxed);
            let error = match send().await {
                Ok(answer) => {
                    if let Some(limiter) = &self.limiter {
                        limiter.recover();
                    }
                    return Ok(answer);
                }
                Err(error) => error,
            };
            let class = class(&error);
            if class == Class::Throttled
                && let Some(limiter) = &self.limiter
            {
                limiter.slow_down();
            }
            let again = match class {
                Class::Throttled | Class::NotConnected => true,
                Class::Unclear => repeat == Repeat::Freely,
                Class::NotSent | Class::Refused => false,
            };
            if !again || attempt == self.attempts || self.stop.is_requested() {
                return Err(error);
            }
            self.back_off(attempt).await;
            if self.stop.is_requested() {
                return Err(error);
            }
            attempt += 1;
        }
    }
}

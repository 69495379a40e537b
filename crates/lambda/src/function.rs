//! The function with its clients, and one invocation of it.

use std::time::Duration;

use controlsync_aws::s3::Bucket;
use controlsync_aws::sns::Topics;
use controlsync_aws::sqs::Queue;
use controlsync_aws::{Client, Connection};
use controlsync_core::check;
use controlsync_core::plan::Target;
use controlsync_core::run::{Outcome, Triggers};
use time::OffsetDateTime;

use crate::environment::Environment;
use crate::event::Message;

/// The function with its clients. It serves all invocations of the process.
#[derive(Debug)]
pub struct Function {
    /// Its settings.
    pub environment: Environment,
    pub(crate) client: Client,
    pub(crate) bucket: Bucket,
    pub(crate) topics: Topics,
    pub(crate) queue: Option<Queue>,
}

/// One invocation.
#[derive(Debug)]
pub struct Invocation<'a> {
    /// Its request id.
    pub request: &'a str,
    /// The name of the function.
    pub function: &'a str,
    /// The account and Region of the function.
    pub target: Target,
    /// Reasons for the run.
    pub triggers: Triggers,
    /// The messages that carried the event.
    pub messages: &'a [Message],
    /// The number of messages that could not be read.
    pub unreadable: usize,
    /// The time until its deadline.
    pub time: Duration,
}

/// How an invocation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Outcome of the run.
    pub outcome: Outcome,
    /// Whether its messages are to be retried.
    pub retry: bool,
    /// Whether a report could not be sent.
    pub unreported: bool,
}

impl Function {
    /// Creates the clients of the function.
    pub fn new(environment: Environment, connection: &Connection) -> Self {
        Self {
            client: connection.audit_manager(),
            bucket: connection.bucket(&environment.location.bucket),
            topics: connection.topics(),
            queue: environment.queue.as_deref().map(|url| connection.queue(url)),
            environment,
        }
    }

    /// How the catalog is checked.
    pub fn check_options(&self) -> check::Options {
        check::Options {
            catalog: self.environment.catalog.clone(),
            quotas: self.environment.quotas.clone(),
            today: Some(OffsetDateTime::now_utc().date().to_string()),
            ..check::Options::default()
        }
    }
}

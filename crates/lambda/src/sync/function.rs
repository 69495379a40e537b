//! The function with its clients.

use controlsync_aws::s3::Bucket;
use controlsync_aws::sqs::Queue;
use controlsync_aws::{Client, Connection};
use controlsync_core::check;
use time::OffsetDateTime;

use crate::reports::Reports;
use crate::sync::environment::Environment;

/// The function with its clients. It serves all invocations of the process.
#[derive(Debug)]
pub struct Function {
    /// Its settings.
    pub environment: Environment,
    pub(crate) client: Client,
    pub(crate) bucket: Bucket,
    pub(crate) reports: Reports,
    pub(crate) queue: Option<Queue>,
}

impl Function {
    /// Creates the clients of the function.
    pub fn new(environment: Environment, connection: &Connection) -> Self {
        Self {
            client: connection.audit_manager(),
            bucket: connection.bucket(&environment.shared.location.bucket),
            reports: Reports::new(connection, &environment.shared),
            queue: environment.queue.as_deref().map(|url| connection.queue(url)),
            environment,
        }
    }

    /// How the catalog is checked.
    pub fn check_options(&self) -> check::Options {
        check::Options {
            catalog: self.environment.shared.catalog.clone(),
            quotas: self.environment.quotas.clone(),
            today: Some(OffsetDateTime::now_utc().date().to_string()),
            ..check::Options::default()
        }
    }
}

//! The function `evidence`: reads whether each source of the catalog can collect evidence, and what it says, and reports what changed.

mod environment;
mod state;
mod steps;
mod times;
mod compliance_report;
mod run;

use controlsync_aws::{Connection, Settings};

use crate::invocation::{self, Invocation};
use crate::log::{Log, LogLevel};
use crate::startup;
use environment::Environment;
use run::Function;

/// Reads the settings, then handles events.
///
/// # Errors
///
/// A setting is invalid, or the Runtime API failed.
pub async fn start(level: LogLevel) -> Result<(), String> {
    let environment = Environment::read(startup::variables())?;
    let connection = Connection::open(&Settings::default()).await.map_err(|error| error.to_string())?;
    let function = Function::new(environment, &connection);
    let (function, region) = (&function, connection.region());
    startup::serve(|event| async move {
        let run = async |invocation: &Invocation<'_>, log: &Log| run::run(function, invocation, log).await;
        invocation::handle(&function.environment.shared.location, region, level, event, run).await
    })
    .await
}

//! The function `sync`: applies the catalog in the bucket to the account.

mod environment;
mod function;
mod state;
mod steps;
mod redelivery;
mod run;

use controlsync_aws::{Connection, Settings};

use crate::log::LogLevel;
use crate::{invocation, startup};
use environment::Environment;
use function::Function;

/// Reads the settings, then handles events.
///
/// # Errors
///
/// A setting is invalid, or the Runtime API failed.
pub async fn start(level: LogLevel) -> Result<(), String> {
    let environment = Environment::read(startup::variables())?;
    let settings = Settings { rate: Some(environment.rate), ..Settings::default() };
    let connection = Connection::open(&settings).await.map_err(|error| error.to_string())?;
    let function = Function::new(environment, &connection);
    let (function, region) = (&function, connection.region());
    startup::serve(|event| async move {
        let run = async |invocation: &invocation::Invocation<'_>, log: &crate::log::Log| {
            run::run(function, invocation, log).await
        };
        invocation::handle(&function.environment.shared.location, region, level, event, run).await
    })
    .await
}

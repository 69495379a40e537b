//! The Lambda function: reads whether the sources of the catalog can collect evidence in every account, and reports what changed.

use std::process::ExitCode;

use controlsync_lambda::{evidence, startup};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    startup::run(evidence::start).await
}

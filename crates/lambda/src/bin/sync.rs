//! The Lambda function: applies the catalog in the bucket to the account after each upload, and reports to SNS topics.

use std::process::ExitCode;

use controlsync_lambda::{startup, sync};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    startup::run(sync::start).await
}

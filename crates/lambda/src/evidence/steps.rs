//! Logs the steps of a run, and its metrics.

use std::time::Duration;

use controlsync_core::change_result::Failure;
use controlsync_core::compliance::Status;
use controlsync_core::watch::WatchReport;
use serde_json::json;

use crate::log::{Log, LogLevel};
use crate::trace::{UNREADABLE, failure, number};

/// The cost of a run, and whether it is retried.
pub struct Figures<'a> {
    /// The name of the function.
    pub function: &'a str,
    /// Requests to all services that were read.
    pub requests: usize,
    /// How long it took.
    pub took: Duration,
    /// Whether its failure, if it failed, is not retried.
    pub gives_up: bool,
    /// Whether its message is sent back.
    pub retried: bool,
    /// The number of messages that could not be read.
    pub unreadable: usize,
}

/// Logs how many accounts were read, of those that a run was to read.
pub fn read(log: &Log, read: usize, of: usize) {
    let level = if read < of { LogLevel::Warn } else { LogLevel::Info };
    let message = if read < of { "the time is up: the next run reads the other accounts" } else { "read the accounts" };
    log.line(level, message, json!({ "read": read, "of": of }));
}

/// Logs in how many accounts the results were read, of those in scope.
pub fn results(log: &Log, read: usize, of: usize) {
    let level = if read < of { LogLevel::Warn } else { LogLevel::Info };
    log.line(level, "read the results", json!({ "read": read, "of": of }));
}

/// Logs that no results were read.
pub fn not_read(log: &Log, why: &Failure) {
    failure(log, LogLevel::Error, "the results were not read", why);
}

/// Logs a file of a report: how many bytes were written, or why none.
pub fn written(log: &Log, key: &str, written: &Result<usize, Failure>) {
    match written {
        Ok(bytes) => log.line(LogLevel::Info, "report written", json!({ "key": key, "bytes": bytes })),
        Err(why) => failure(log, LogLevel::Error, "a report was not written", why),
    }
}

/// Logs the outcome of a run.
pub fn end(log: &Log, run: &WatchReport<'_>, mail: bool) {
    if let Some((what, why)) = run.failure {
        failure(log, LogLevel::Error, what, why);
    }
    let news = run.news;
    let fields = json!({
        "outcome": run.outcome().name(), "trigger": run.triggers.name(), "stopped": news.stopped.len(), "found": news.found.len(),
        "ended": news.ended.len(), "mail": mail,
    });
    log.line(LogLevel::Info, "the run finished", fields);
}

/// Writes the metrics of a run.
pub fn metrics(log: &Log, run: &WatchReport<'_>, figures: &Figures<'_>) {
    let accounts = run.accounts();
    let failures = run.failure.is_some() && figures.gives_up;
    let mut metrics = vec![
        ("Failures", "Count", u64::from(failures)),
        ("NotReady", "Count", number(run.open(true))),
        ("UnreadAccounts", "Count", number(accounts.total - accounts.read)),
        ("CompletedRuns", "Count", u64::from(!figures.retried)),
        ("Requests", "Count", number(figures.requests)),
        (UNREADABLE, "Count", number(figures.unreadable)),
        ("Duration", "Milliseconds", u64::try_from(figures.took.as_millis()).unwrap_or(u64::MAX)),
    ];
    // Without results, nothing is known: no number is better than 0.
    if let Some(report) = run.compliance.filter(|report| report.found.is_ok()) {
        metrics.push(("NonCompliant", "Count", number(report.count(Status::NonCompliant))));
    }
    log.metrics(figures.function, &metrics);
}

//! What all functions log.

use controlsync_core::change_result::Failure;
use serde_json::json;

use crate::log::{Log, LogLevel};

/// Messages that could not be read. They are not retried: they would be the same.
pub(crate) const UNREADABLE: &str = "UnreadableMessages";

/// A count as the value of a metric.
pub(crate) fn number(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// Writes the number of messages that could not be read, if no run does.
pub fn unreadable(log: &Log, function: &str, count: usize) {
    if count > 0 {
        log.metrics(function, &[(UNREADABLE, "Count", number(count))]);
    }
}

/// Logs that unsent reports were dropped because there are too many.
pub fn dropped(log: &Log, count: usize) {
    if count > 0 {
        log.line(LogLevel::Error, "the oldest unsent reports were dropped", json!({ "count": count }));
    }
}

/// Logs a failed request. The service's message may quote a control, so it goes to the debug level.
pub fn failure(log: &Log, level: LogLevel, what: &str, why: &Failure) {
    let fields = json!({ "operation": why.operation, "code": why.code, "transient": why.transient });
    log.line(level, what, fields);
    log.line(LogLevel::Debug, what, json!({ "operation": why.operation, "reason": why.message }));
}

//! The log, one JSON object per line, and metrics in the format that CloudWatch extracts from logs.
//!
//! Lines above debug level contain names, paths, rule ids and error codes, but no text of a control.

use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value as Json, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Level of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Details for debugging. May contain text of controls.
    Debug,
    /// What was done.
    Info,
    /// Something unexpected that the run can handle.
    Warn,
    /// Something failed.
    Error,
}

impl LogLevel {
    const fn name(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }

    /// The level set in Lambda's logging configuration
    /// (<https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html>), or info if none is set.
    pub fn from_environment() -> Self {
        match std::env::var("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default().to_ascii_uppercase().as_str() {
            "TRACE" | "DEBUG" => Self::Debug,
            "WARN" => Self::Warn,
            "ERROR" | "FATAL" => Self::Error,
            _ => Self::Info,
        }
    }
}

/// Writes the lines of one invocation.
#[derive(Clone, Debug)]
pub struct Log {
    level: LogLevel,
    request: String,
}

impl Log {
    /// The log of an invocation. Before the first invocation, `request` is empty.
    pub const fn new(level: LogLevel, request: String) -> Self {
        Self { level, request }
    }

    /// Writes a line if its level is enabled.
    pub fn line(&self, level: LogLevel, message: &str, fields: Json) {
        if level < self.level {
            return;
        }
        let mut line = Map::new();
        line.insert("timestamp".to_owned(), now().into());
        line.insert("level".to_owned(), level.name().into());
        line.insert("requestId".to_owned(), self.request.as_str().into());
        line.insert("message".to_owned(), message.into());
        if let Json::Object(fields) = fields {
            line.extend(fields);
        }
        write(&Json::Object(line));
    }

    /// Writes metrics with one dimension, the function's name, in the embedded metric format
    /// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>).
    pub fn metrics(&self, function: &str, metrics: &[(&str, &str, u64)]) {
        let declared: Vec<Json> = metrics.iter().map(|(name, unit, _)| json!({ "Name": name, "Unit": unit })).collect();
        let mut line = json!({
            "_aws": {
                "Timestamp": millis(),
                "CloudWatchMetrics": [{
                    "Namespace": "controlsync",
                    "Dimensions": [["FunctionName"]],
                    "Metrics": declared,
                }],
            },
            "FunctionName": function,
            "timestamp": now(),
            "level": LogLevel::Info.name(),
            "requestId": self.request,
            "message": "metrics of the run",
        });
        for (name, _, value) in metrics {
            line[*name] = (*value).into();
        }
        write(&line);
    }
}

/// The time in the format that Lambda's log level filter reads. It treats lines with another format as level INFO
/// (<https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>).
fn now() -> String {
    OffsetDateTime::now_utc().truncate_to_millisecond().format(&Rfc3339).unwrap_or_default()
}

/// Milliseconds since 1970.
pub fn millis() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or_default()
}

/// Writes a line. If standard output is closed, there is nowhere to report that.
fn write(line: &Json) {
    let _ = std::io::stdout().lock().write_all(format!("{line}\n").as_bytes());
}

/// Logs panics as JSON lines instead of plain text.
pub fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string);
        Log::new(LogLevel::Error, String::new()).line(
            LogLevel::Error,
            "the function panicked; this is a bug in controlsync, please report it",
            json!({ "location": location }),
        );
    }));
}

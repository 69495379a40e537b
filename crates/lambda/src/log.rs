//! Logs, one JSON object a line, and metrics in the form that CloudWatch takes from logs.
//!
//! No line above debug level holds a text of a control: names, paths, rules and codes of errors tell what happened.

use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value as Json, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// For those who look for a fault; may hold texts of controls.
    Debug,
    /// What was done.
    Info,
    /// Something is not as it should be.
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

    /// The level that Lambda's logging settings ask for
    /// (<https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html>); info where they ask for
    /// none.
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
    /// The log of an invocation; before the first one its id is empty.
    pub const fn new(level: LogLevel, request: String) -> Self {
        Self { level, request }
    }

    /// Writes a line, where its level is asked for.
    pub fn line(&self, level: LogLevel, message: &str, members: Json) {
        if level < self.level {
            return;
        }
        let mut line = Map::new();
        line.insert("timestamp".to_owned(), now().into());
        line.insert("level".to_owned(), level.name().into());
        line.insert("requestId".to_owned(), self.request.as_str().into());
        line.insert("message".to_owned(), message.into());
        if let Json::Object(members) = members {
            line.extend(members);
        }
        write(&Json::Object(line));
    }

    /// Writes metrics of one dimension, the function's name, in the embedded metric format
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

/// The time in the form that Lambda's filter of levels reads; it takes a line with another one for one of level INFO
/// (<https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>).
fn now() -> String {
    OffsetDateTime::now_utc().truncate_to_millisecond().format(&Rfc3339).unwrap_or_default()
}

/// Milliseconds since 1970.
pub fn millis() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or_default()
}

/// Nobody can be told where standard output is closed.
fn write(line: &Json) {
    let _ = std::io::stdout().lock().write_all(format!("{line}\n").as_bytes());
}

/// A panic as a line of the log, in place of a text that no program reads.
pub fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        Log::new(LogLevel::Error, String::new()).line(
            LogLevel::Error,
            "the function panicked; this is a fault of controlsync, please report it",
            json!({ "place": place }),
        );
    }));
}

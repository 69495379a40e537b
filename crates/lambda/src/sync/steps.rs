//! Logs the steps of a run, and its metrics.

use std::collections::BTreeMap;
use std::time::Duration;

use controlsync_core::change_result::ChangeResult;
use controlsync_core::check::Checked;
use controlsync_core::diagnostic::Level;
use controlsync_core::plan::{Change, ChangeKind, Plan};
use controlsync_core::run::{NotPlanned, RunReport};
use serde_json::json;

use crate::log::{Log, LogLevel};
use crate::trace::{UNREADABLE, failure, number};

/// The cost of a run, and whether it is retried.
pub struct Figures<'a> {
    /// The name of the function.
    pub function: &'a str,
    /// Requests to Audit Manager.
    pub account_calls: usize,
    /// Requests to S3.
    pub bucket_calls: usize,
    /// How long it took.
    pub took: Duration,
    /// Whether it is retried.
    pub retry: bool,
    /// The number of messages that could not be read.
    pub unreadable: usize,
}

/// Writes the metrics of a run.
pub fn metrics(log: &Log, run: &RunReport<'_>, figures: &Figures<'_>) {
    let errors = run.news.current().filter(|notice| notice.level == Level::Error).count();
    let mut metrics = vec![
        ("Files", "Count", number(run.checked.map_or(0, |checked| checked.sources.len()))),
        ("Failures", "Count", number(run.failures())),
        ("Errors", "Count", number(errors)),
        ("CompletedRuns", "Count", u64::from(!figures.retry)),
        ("AuditManagerCalls", "Count", number(figures.account_calls)),
        ("S3Calls", "Count", number(figures.bucket_calls)),
        (UNREADABLE, "Count", number(figures.unreadable)),
        ("Duration", "Milliseconds", u64::try_from(figures.took.as_millis()).unwrap_or(u64::MAX)),
    ];
    for (kind, count) in run.counts() {
        metrics.push((metric_of(kind), "Count", number(count)));
    }
    log.metrics(figures.function, &metrics);
}

const fn metric_of(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Delete => "Deleted",
        ChangeKind::Create => "Created",
        ChangeKind::Rename => "Renamed",
        ChangeKind::Adopt => "Adopted",
        ChangeKind::Update => "Updated",
        ChangeKind::Retag => "Retagged",
        ChangeKind::Unchanged => "Unchanged",
    }
}

/// Logs the findings in the catalog: rules, levels and paths.
pub fn checked(log: &Log, checked: &Checked) {
    log.line(LogLevel::Info, "read the catalog", json!({ "files": checked.sources.len() }));
    for found in checked.findings_to_show_with_plan() {
        let path = checked.sources.get(found.file).path();
        let fields = json!({ "rule": found.rule.id, "findingLevel": found.level.name(), "path": path });
        log.line(LogLevel::Info, "finding", fields);
    }
}

/// Logs the number of planned changes and findings.
pub fn planned(log: &Log, plan: &Plan) {
    let pending = plan.changes.iter().filter(|change| change.writes()).count();
    log.line(LogLevel::Info, "planned", json!({ "changes": pending, "findings": plan.diagnostics.len() }));
}

/// Logs the result of a change.
pub fn result(log: &Log, change: &Change, result: &ChangeResult) {
    let what = json!({
        "kind": change.kind.name(), "type": change.object.noun(), "name": change.name, "result": result.name(),
    });
    match result {
        ChangeResult::Unchanged => {}
        ChangeResult::Failed(why) => {
            log.line(LogLevel::Error, "a change failed", what);
            failure(log, LogLevel::Error, "why the change failed", why);
        }
        _ => log.line(LogLevel::Info, "change result", what),
    }
}

/// Logs the number of denied changes that are attempted once more.
pub fn deferred(log: &Log, count: usize) {
    if count > 0 {
        log.line(LogLevel::Info, "denied changes are attempted once more", json!({ "count": count }));
    }
}

/// Logs the messages that could not be hidden: error codes, with the number of messages.
pub fn not_hidden(log: &Log, refused: &BTreeMap<String, usize>) {
    if !refused.is_empty() {
        let fields = json!({ "count": refused.values().sum::<usize>(), "codes": refused });
        log.line(LogLevel::Warn, "cannot set the visibility timeout of some messages", fields);
    }
}

/// Logs the outcome of a run.
pub fn end(log: &Log, run: &RunReport<'_>, mail: bool) {
    if let Some(NotPlanned::Failed { what, failure: why }) = run.not_planned {
        failure(log, LogLevel::Error, what, why);
    }
    let counts: serde_json::Map<_, _> =
        run.counts().into_iter().map(|(kind, count)| (kind.name().to_owned(), count.into())).collect();
    let fields =
        json!({ "outcome": run.outcome().name(), "trigger": run.triggers.name(), "changes": counts, "mail": mail });
    log.line(LogLevel::Info, "the run finished", fields);
}

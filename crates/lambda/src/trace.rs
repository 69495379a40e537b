//! What a pass leaves in the log: lines about what it does, and its metrics.

use std::time::Duration;

use controlsync_core::applied::{ChangeResult, Failure};
use controlsync_core::check::Checked;
use controlsync_core::diagnostic::Severity;
use controlsync_core::pass::{Pass, Stop};
use controlsync_core::plan::{Change, Kind, Plan};
use serde_json::json;

use crate::log::{Level, Log};

/// What a pass has cost, and whether it is made again.
pub struct Figures<'a> {
    /// The name of the function.
    pub function: &'a str,
    /// Requests to Audit Manager.
    pub account_calls: usize,
    /// Requests to S3.
    pub bucket_calls: usize,
    /// How long it took.
    pub took: Duration,
    /// Whether it is made again.
    pub again: bool,
}

/// The metrics of a pass.
pub fn metrics(log: &Log, pass: &Pass<'_>, figures: &Figures<'_>) {
    let number = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let errors = pass.news.current().filter(|notice| notice.severity == Severity::Error).count();
    let mut metrics = vec![
        ("Files", "Count", number(pass.checked.map_or(0, |checked| checked.sources.len()))),
        ("Failures", "Count", number(pass.failures())),
        ("Errors", "Count", number(errors)),
        ("FinishedPasses", "Count", u64::from(!figures.again)),
        ("AuditManagerCalls", "Count", number(figures.account_calls)),
        ("S3Calls", "Count", number(figures.bucket_calls)),
        ("Duration", "Milliseconds", u64::try_from(figures.took.as_millis()).unwrap_or(u64::MAX)),
    ];
    for (kind, count) in pass.counts() {
        metrics.push((metric_of(kind), "Count", number(count)));
    }
    log.metrics(figures.function, &metrics);
}

const fn metric_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Delete => "Deleted",
        Kind::Create => "Created",
        Kind::Rename => "Renamed",
        Kind::Adopt => "Adopted",
        Kind::Update => "Updated",
        Kind::Retag => "Retagged",
        Kind::Unchanged => "Unchanged",
    }
}

/// What was found in the catalog, by rules and places.
pub fn checked(log: &Log, checked: &Checked) {
    log.line(Level::Info, "read the catalog", json!({ "files": checked.sources.len() }));
    for found in checked.findings_beside_a_plan() {
        let path = checked.sources.get(found.file).path();
        let members = json!({ "rule": found.rule.id, "severity": found.severity.name(), "path": path });
        log.line(Level::Info, "found", members);
    }
}

/// Reports that nobody took, and that had to go for newer ones.
pub fn dropped(log: &Log, count: usize) {
    if count > 0 {
        log.line(Level::Error, "reports that no topic took were dropped for newer ones", json!({ "count": count }));
    }
}

/// How much is to be done.
pub fn planned(log: &Log, plan: &Plan) {
    let pending = plan.changes.iter().filter(|change| change.writes()).count();
    log.line(Level::Info, "planned", json!({ "changes": pending, "findings": plan.diagnostics.len() }));
}

/// A request that failed. The service's message may repeat what a control says: it is for those who look for a fault.
pub fn failure(log: &Log, level: Level, what: &str, why: &Failure) {
    let members = json!({ "operation": why.operation, "code": why.code, "transient": why.transient });
    log.line(level, what, members);
    log.line(Level::Debug, what, json!({ "operation": why.operation, "reason": why.message }));
}

/// What became of a change.
pub fn result(log: &Log, change: &Change, result: &ChangeResult) {
    let what = json!({
        "kind": change.kind.name(), "type": change.object.noun(), "name": change.name, "result": result.name(),
    });
    match result {
        ChangeResult::Unchanged => {}
        ChangeResult::Failed(why) => {
            log.line(Level::Error, "a change failed", what);
            failure(log, Level::Error, "why the change failed", why);
        }
        _ => log.line(Level::Info, "a change", what),
    }
}

/// What a pass comes to.
pub fn end(log: &Log, pass: &Pass<'_>, told: bool) {
    if let Some(Stop::Failed { what, failure: why }) = pass.stop {
        failure(log, Level::Error, what, why);
    }
    let counts: serde_json::Map<_, _> =
        pass.counts().into_iter().map(|(kind, count)| (kind.name().to_owned(), count.into())).collect();
    let members =
        json!({ "outcome": pass.outcome().name(), "trigger": pass.wake.name(), "changes": counts, "mail": told });
    log.line(Level::Info, "the pass is over", members);
}

//! The report of a run: everything that happened, and what of it is sent.

use std::collections::BTreeMap;

use super::notice::{News, NoticeKind, Status};
use super::retry::Retry;
use super::{Deployment, Mode, NotPlanned, Notify, Triggers};
use crate::change_result::{ChangeResult, Failure};
use crate::check::Checked;
use crate::diagnostic::Level;
use crate::plan::{self, Change, ChangeKind, ObjectType, Plan, Target};

/// Days without an email after which a scheduled run repeats what is still open.
pub(crate) const REMINDER_DAYS: u32 = 7;

/// A file that was added, changed or removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Upload {
    /// Path from ROOT.
    pub path: String,
    /// Whether it was removed.
    pub removed: bool,
    /// The commit that it comes from, as recorded by `controlsync push`.
    pub commit: Option<String>,
    /// The author of that commit.
    pub author: Option<String>,
}

/// A change that an earlier run had started when it was interrupted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartedChange {
    /// Kind of the change.
    pub kind: ChangeKind,
    /// Type of the object.
    pub object: ObjectType,
    /// Name of the object.
    pub name: String,
}

impl StartedChange {
    /// Whether it was applied, according to the current state of the account.
    pub fn is_done(&self, plan: &Plan, exists: impl Fn(ObjectType, &str) -> bool) -> bool {
        let now = plan.changes.iter().find(|change| change.object == self.object && change.name == self.name);
        let is = |kinds: &[ChangeKind]| now.is_none_or(|change| kinds.contains(&change.kind));
        match self.kind {
            ChangeKind::Create => exists(self.object, &self.name),
            ChangeKind::Delete => !exists(self.object, &self.name),
            // The fields were written; the next plan shows which tags are missing.
            ChangeKind::Update | ChangeKind::Rename => is(&[ChangeKind::Retag, ChangeKind::Unchanged]),
            ChangeKind::Adopt | ChangeKind::Retag | ChangeKind::Unchanged => is(&[ChangeKind::Unchanged]),
        }
    }
}

/// What a run found and did.
#[derive(Clone, Copy, Debug)]
pub struct RunReport<'a> {
    /// What triggered it.
    pub triggers: Triggers,
    /// Whether runs write.
    pub mode: Mode,
    /// Account and Region, as far as known.
    pub target: &'a Target,
    /// Name of the catalog; never empty, as message attributes must not be empty.
    pub catalog: &'a str,
    /// Location of the files, as `s3://bucket/prefix`.
    pub location: &'a str,
    /// Files that were added, changed or removed.
    pub uploads: &'a [Upload],
    /// The catalog; `None` if it could not be read.
    pub checked: Option<&'a Checked>,
    /// Why nothing was planned.
    pub not_planned: Option<&'a NotPlanned>,
    /// The plan.
    pub plan: Option<&'a Plan>,
    /// Results of the plan; `None` if nothing was to be applied.
    pub results: Option<&'a [ChangeResult]>,
    /// Changes that an earlier run had started when it was interrupted, and whether they were applied.
    pub interrupted: &'a [(StartedChange, bool)],
    /// New and resolved notices.
    pub news: &'a News<'a>,
    /// Whether the planned changes were reported before.
    pub plan_is_known: bool,
    /// Full days since the last email; `None` if there was none.
    pub days_since_email: Option<u32>,
    /// How settings are changed.
    pub deployment: &'a Deployment,
    /// The retry, if there is one.
    pub retry: Option<Retry>,
}

/// Outcome of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Something failed.
    Failed,
    /// Something was skipped, blocked or not started.
    Incomplete,
    /// Changes were applied.
    Applied,
    /// Changes are planned.
    Planned,
    /// The account drifted, or has objects without a file, and was not changed back.
    Drift,
    /// Account and catalog match.
    InSync,
    /// There are no definitions yet.
    Empty,
}

impl Outcome {
    /// Name in messages, message attributes and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Incomplete => "incomplete",
            Self::Applied => "applied",
            Self::Planned => "planned",
            Self::Drift => "drift",
            Self::InSync => "in-sync",
            Self::Empty => "empty",
        }
    }
}

/// Which messages to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The email.
    pub mail: bool,
    /// The JSON document.
    pub event: bool,
}

impl<'a> RunReport<'a> {
    /// Returns the changes with their results.
    pub(super) fn results(&self) -> impl Iterator<Item = (&'a Change, &'a ChangeResult)> {
        let changes = self.plan.map(|plan| plan.changes.as_slice()).unwrap_or_default();
        changes.iter().zip(self.results.unwrap_or_default())
    }

    /// Returns the changes that were applied.
    pub(super) fn applied(&self) -> impl Iterator<Item = (&'a Change, &'a ChangeResult)> {
        self.results().filter(|(_, result)| {
            matches!(result, ChangeResult::Applied { .. } | ChangeResult::CreatedConcurrently { .. })
        })
    }

    pub(super) fn failed(&self) -> impl Iterator<Item = (&'a Change, &'a Failure)> {
        self.results().filter_map(|(change, result)| match result {
            ChangeResult::Failed(failure) => Some((change, failure)),
            _ => None,
        })
    }

    pub(super) fn not_started(&self) -> impl Iterator<Item = &'a Change> {
        self.results().filter(|(_, result)| matches!(result, ChangeResult::NotStarted)).map(|(change, _)| change)
    }

    /// Returns the changes that a run in plan mode would apply.
    pub(super) fn planned(&self) -> impl Iterator<Item = &'a Change> {
        let changes = self.plan.filter(|_| self.results.is_none()).map(|plan| plan.changes.as_slice());
        changes.unwrap_or_default().iter().filter(|change| change.writes())
    }

    /// Whether something failed with a transient error or was not started, so that a retry makes sense.
    pub fn is_transient(&self) -> bool {
        self.not_planned.is_some_and(NotPlanned::is_transient)
            || self.failed().any(|(_, failure)| failure.transient)
            || self.not_started().next().is_some()
    }

    /// Returns the number of failures: changes, and the run itself. What will be retried does not count yet.
    pub fn failures(&self) -> usize {
        let counts = |failure: &Failure| !failure.transient || self.gives_up();
        let run_failed = matches!(self.not_planned, Some(NotPlanned::Failed { failure, .. }) if counts(failure));
        self.failed().filter(|(_, failure)| counts(failure)).count() + usize::from(run_failed)
    }

    /// Whether not every failure is retried automatically.
    fn gives_up(&self) -> bool {
        self.retry.is_none_or(|retry| retry.gives_up)
    }

    /// Returns the number of applied changes of each kind.
    pub fn counts(&self) -> BTreeMap<ChangeKind, usize> {
        let mut counts: BTreeMap<ChangeKind, usize> = ChangeKind::ALL.iter().map(|kind| (*kind, 0)).collect();
        for (change, result) in self.results() {
            if matches!(result, ChangeResult::Applied { .. } | ChangeResult::Unchanged) {
                *counts.entry(change.kind).or_default() += 1;
            }
        }
        counts
    }

    /// Returns the outcome.
    pub fn outcome(&self) -> Outcome {
        let conflict = self.applied().any(|(_, result)| !result.is_done());
        let blocked = self.results().any(|(change, result)| {
            let drift = change.blocked_by == [plan::Reason::Drift];
            matches!(result, ChangeResult::Blocked { .. }) && !drift
        });
        let errors = self.news.current().any(|notice| notice.level == Level::Error);
        if self.not_planned == Some(&NotPlanned::Empty) {
            Outcome::Empty
        } else if self.not_planned.is_some() || self.failed().next().is_some() || conflict {
            Outcome::Failed
        } else if errors || blocked || self.not_started().next().is_some() {
            Outcome::Incomplete
        } else if self.applied().next().is_some() {
            Outcome::Applied
        } else if self.planned().next().is_some() {
            Outcome::Planned
        } else if self.news.current().any(|notice| matches!(notice.kind, NoticeKind::Drift | NoticeKind::Orphan)) {
            Outcome::Drift
        } else {
            Outcome::InSync
        }
    }

    /// Returns which messages to send: none if there is nothing new.
    pub fn due(&self, notify: Notify) -> Due {
        let mail = self.has_news(notify) || (self.repeats() && self.is_open(notify));
        Due { mail: mail || self.triggers.report, event: self.has_news(Notify::All) || self.triggers.report }
    }

    /// Whether its email only repeats what is still open.
    pub fn is_reminder(&self) -> bool {
        self.repeats() && !self.has_news(Notify::All)
    }

    fn repeats(&self) -> bool {
        let is_due = self.triggers.schedule && self.days_since_email.is_some_and(|days| days >= REMINDER_DAYS);
        // What is retried is reported with the last attempt.
        is_due && (!self.is_transient() || self.gives_up())
    }

    /// Whether anything is new.
    fn has_news(&self, notify: Notify) -> bool {
        // Permanent failures are among the notices.
        let transient = self.not_planned.is_some_and(NotPlanned::is_transient)
            || self.failed().any(|(_, failure)| failure.transient);
        let failed = (self.gives_up() && transient) || self.applied().any(|(_, result)| !result.is_done());
        let news = |wanted: &dyn Fn(Level) -> bool| {
            let notices =
                self.news.notices.iter().any(|(status, notice)| *status != Status::Known && wanted(notice.level));
            notices || self.news.resolved.iter().any(|known| wanted(known.level()))
        };
        let interrupted = self.not_started().next().is_some() || !self.interrupted.is_empty();
        let errors = failed || interrupted || news(&|level| level == Level::Error);
        let changes = errors || self.applied().next().is_some() || !self.plan_is_known;
        match notify {
            Notify::All => changes || news(&|_| true),
            Notify::Changes => changes,
            Notify::Errors => errors,
        }
    }

    /// Whether anything waits for someone to do something.
    fn is_open(&self, notify: Notify) -> bool {
        let errors = self.news.current().any(|notice| notice.level == Level::Error);
        let changes = errors || self.planned().next().is_some();
        match notify {
            // Objects without a file may be retained on purpose.
            Notify::All => changes || self.news.current().any(|notice| notice.kind != NoticeKind::Orphan),
            Notify::Changes => changes,
            Notify::Errors => errors,
        }
    }

    /// Returns the attributes of both messages, for subscription filters.
    pub fn attributes(&self) -> BTreeMap<String, String> {
        attributes(self.outcome().name(), self.target, self.catalog)
    }
}

/// Returns the attributes of the messages of a function.
pub(crate) fn attributes(outcome: &str, target: &Target, catalog: &str) -> BTreeMap<String, String> {
    let account = target.account.as_deref().unwrap_or("unknown");
    [("outcome", outcome), ("account", account), ("region", &target.region), ("catalog", catalog)]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

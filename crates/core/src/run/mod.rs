//! What the function makes of a run: what it may do, what is news, and what people and programs are told.
//!
//! In reading order: [`Settings`] and [`Triggers`] say what a run may do, [`notice`] finds out what was not told before,
//! [`RunReport`] is what a run found and did, [`mail`] and [`json`] are the two messages about it.

pub mod json;
pub mod mail;
pub mod notice;

use std::collections::BTreeMap;

use crate::change_result::{ChangeResult, Failure};
use crate::check::Checked;
use crate::config::DEFAULT_CATALOG;
use crate::diagnostic::Level;
use crate::plan::{self, Adopt, Change, ChangeKind, Drift, ObjectType, Plan, Removed, Target};
use crate::source::FileKind;
use notice::{News, NoticeKind, Status};

/// Whether a run writes to the account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// It says what it would do.
    #[default]
    Plan,
    /// It does it.
    Apply,
}

impl Mode {
    /// The word for JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Apply => "apply",
        }
    }
}

/// Which runs people are told of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notify {
    /// All that have something new to tell.
    #[default]
    All,
    /// Those in which something was changed or planned, failed, or in which an error is new or gone.
    Changes,
    /// Those in which something failed or broke off, or in which an error is new or gone.
    Errors,
}

/// What whoever deployed the function has decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Whether runs write.
    pub mode: Mode,
    /// What to do with objects of the right name that no catalog has made.
    pub adopt: Adopt,
    /// Which runs people are told of.
    pub notify: Notify,
    /// Whether objects whose files are gone are deleted in scheduled runs.
    pub deletes: bool,
    /// How many objects may be deleted at once.
    pub max_deletes: Option<usize>,
    /// What becomes of what differs because somebody has changed the account.
    pub drift: Drift,
}

/// What has woken the function; several reasons at once make one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "several reasons at once make one run")]
pub struct Triggers {
    /// A file of the catalog was uploaded or removed.
    pub upload: bool,
    /// The schedule.
    pub schedule: bool,
    /// Somebody asked for a run.
    pub reconcile: bool,
    /// Somebody asked for a report of everything.
    pub report: bool,
}

impl Triggers {
    /// Whether there is no reason at all.
    pub fn is_none(self) -> bool {
        self == Self::default()
    }

    /// All reasons together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            upload: self.upload || other.upload,
            schedule: self.schedule || other.schedule,
            reconcile: self.reconcile || other.reconcile,
            report: self.report || other.report,
        }
    }

    /// The word for people and for JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self { schedule: true, .. } => "schedule",
            Self { upload: true, .. } => "upload",
            Self { reconcile: true, .. } => "reconcile",
            _ => "report",
        }
    }
}

impl Settings {
    /// Whether a run may write to the account: a report alone never does.
    pub const fn writes(&self, triggers: Triggers) -> bool {
        matches!(self.mode, Mode::Apply) && (triggers.upload || triggers.schedule || triggers.reconcile)
    }

    /// What a run plans.
    pub fn options(&self, triggers: Triggers) -> plan::Options {
        plan::Options {
            adopt: self.adopt,
            removed: match (self.deletes, triggers.schedule && self.writes(triggers)) {
                (false, _) => Removed::Name,
                (true, false) => Removed::DeleteLater,
                (true, true) => Removed::DeleteUnused,
            },
            max_deletes: self.max_deletes,
            impact: true,
            drift: self.drift,
            ..plan::Options::default()
        }
    }
}

/// A file that a run found new, changed or gone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Upload {
    /// Path from ROOT.
    pub path: String,
    /// Whether it is gone.
    pub removed: bool,
    /// The commit that it comes from, as `controlsync push` has noted it.
    pub commit: Option<String>,
    /// The author of that commit.
    pub author: Option<String>,
}

/// Why nothing was planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotPlanned {
    /// A request failed for good.
    Failed {
        /// What it was for.
        what: &'static str,
        /// Why it failed.
        failure: Failure,
    },
    /// There is no definition where the catalog should be.
    NoDefinitions,
    /// The catalog has lost its name: it was another one, and is the built-in one now.
    NoName {
        /// The name that it had.
        was: String,
    },
    /// The configuration has errors: whose objects these are, and which tags they get, is not known.
    Configuration,
}

impl NotPlanned {
    /// What a checked catalog is not planned from. `was` is the name that it had in an earlier run.
    pub fn of(checked: &Checked, was: Option<&str>) -> Option<Self> {
        let kind = |file| checked.sources.get(file).kind();
        let faulty = checked.diagnostics.iter().filter(|found| found.level == Level::Error);
        if faulty.into_iter().any(|found| kind(found.file) == FileKind::Config) {
            return Some(Self::Configuration);
        }
        if let Some(was) = was.filter(|was| checked.catalog.name == DEFAULT_CATALOG && *was != DEFAULT_CATALOG) {
            return Some(Self::NoName { was: was.to_owned() });
        }
        let defines = |kind| matches!(kind, FileKind::Control | FileKind::Framework);
        (!checked.sources.iter().any(|(_, source)| defines(source.kind()))).then_some(Self::NoDefinitions)
    }

    /// Whether it may heal by itself.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Failed { failure: Failure { transient: true, .. }, .. })
    }
}

/// That what failed is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// After so many seconds; none where nothing that woke the run has a try left.
    pub seconds: Option<u32>,
    /// How often a message is tried.
    pub tries: u32,
    /// Whether a message has had its last try.
    pub gives_up: bool,
}

/// A change that an earlier run had started when it broke off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartedChange {
    /// What was to happen.
    pub kind: ChangeKind,
    /// To what.
    pub object: ObjectType,
    /// Its name.
    pub name: String,
}

impl StartedChange {
    /// Whether it was carried out, by what the account holds now.
    pub fn is_done(&self, plan: &Plan, held: impl Fn(ObjectType, &str) -> bool) -> bool {
        let now = plan.changes.iter().find(|change| change.object == self.object && change.name == self.name);
        let is = |kinds: &[ChangeKind]| now.is_none_or(|change| kinds.contains(&change.kind));
        match self.kind {
            ChangeKind::Create => held(self.object, &self.name),
            ChangeKind::Delete => !held(self.object, &self.name),
            // The fields were written, and of the tags the next plan says what is left.
            ChangeKind::Update | ChangeKind::Rename => is(&[ChangeKind::Retag, ChangeKind::Unchanged]),
            ChangeKind::Adopt | ChangeKind::Retag | ChangeKind::Unchanged => is(&[ChangeKind::Unchanged]),
        }
    }
}

/// What a run found and did.
#[derive(Clone, Copy, Debug)]
pub struct RunReport<'a> {
    /// Why it ran.
    pub triggers: Triggers,
    /// Whether runs write.
    pub mode: Mode,
    /// The account, as far as it is known.
    pub target: &'a Target,
    /// The catalog, by its name; never empty, since attributes of messages must not be.
    pub catalog: &'a str,
    /// Where the files are, as `s3://bucket/prefix`.
    pub location: &'a str,
    /// The files that it found new, changed or gone.
    pub uploads: &'a [Upload],
    /// The catalog; none where it could not be read.
    pub checked: Option<&'a Checked>,
    /// Why nothing was planned.
    pub not_planned: Option<&'a NotPlanned>,
    /// What was to happen.
    pub plan: Option<&'a Plan>,
    /// What became of it; none where nothing was to be carried out.
    pub results: Option<&'a [ChangeResult]>,
    /// What an earlier run had started when it broke off, and whether it was carried out.
    pub interrupted: &'a [(StartedChange, bool)],
    /// What is new among what is to be said.
    pub news: &'a News<'a>,
    /// Whether what is planned was told before.
    pub plan_is_known: bool,
    /// Whether what failed is tried again.
    pub retry: Option<Retry>,
}

/// What a run comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Something failed.
    Failed,
    /// Something was left out, blocked, held back or not started.
    Incomplete,
    /// Changes were carried out.
    Applied,
    /// Changes are planned.
    Planned,
    /// Somebody has changed the account, or it holds what no file defines any more, and it stays so.
    Drift,
    /// Nothing differs.
    InSync,
}

impl Outcome {
    /// The word for people, for attributes of messages and for JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Incomplete => "incomplete",
            Self::Applied => "applied",
            Self::Planned => "planned",
            Self::Drift => "drift",
            Self::InSync => "in-sync",
        }
    }
}

/// Whom to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// People.
    pub mail: bool,
    /// Programs.
    pub event: bool,
}

impl<'a> RunReport<'a> {
    /// What became of each change that would write.
    fn results(&self) -> impl Iterator<Item = (&'a Change, &'a ChangeResult)> {
        let changes = self.plan.map(|plan| plan.changes.as_slice()).unwrap_or_default();
        changes.iter().zip(self.results.unwrap_or_default())
    }

    /// The changes that were carried out.
    fn carried_out(&self) -> impl Iterator<Item = (&'a Change, &'a ChangeResult)> {
        self.results().filter(|(_, result)| {
            matches!(result, ChangeResult::Applied { .. } | ChangeResult::CreatedConcurrently { .. })
        })
    }

    fn failed(&self) -> impl Iterator<Item = (&'a Change, &'a Failure)> {
        self.results().filter_map(|(change, result)| match result {
            ChangeResult::Failed(failure) => Some((change, failure)),
            _ => None,
        })
    }

    fn left(&self) -> impl Iterator<Item = &'a Change> {
        self.results().filter(|(_, result)| matches!(result, ChangeResult::NotStarted)).map(|(change, _)| change)
    }

    /// The changes that would write and were not to be carried out.
    fn planned(&self) -> impl Iterator<Item = &'a Change> {
        let changes = self.plan.filter(|_| self.results.is_none()).map(|plan| plan.changes.as_slice());
        changes.unwrap_or_default().iter().filter(|change| change.writes())
    }

    /// Whether something may heal by itself, so that it is worth another try.
    pub fn is_transient(&self) -> bool {
        self.not_planned.is_some_and(NotPlanned::is_transient)
            || self.failed().any(|(_, failure)| failure.transient)
            || self.left().next().is_some()
    }

    /// How many things failed: changes, and the run itself. What is tried again has not failed yet.
    pub fn failures(&self) -> usize {
        let counts = |failure: &Failure| !failure.transient || self.gives_up();
        let stopped = matches!(self.not_planned, Some(NotPlanned::Failed { failure, .. }) if counts(failure));
        self.failed().filter(|(_, failure)| counts(failure)).count() + usize::from(stopped)
    }

    /// Whether what failed is not tried again by itself, or not all of it.
    fn gives_up(&self) -> bool {
        self.retry.is_none_or(|retry| retry.gives_up)
    }

    /// How many changes of each kind were carried out.
    pub fn counts(&self) -> BTreeMap<ChangeKind, usize> {
        let mut counts: BTreeMap<ChangeKind, usize> = ChangeKind::ALL.iter().map(|kind| (*kind, 0)).collect();
        for (change, result) in self.results() {
            if matches!(result, ChangeResult::Applied { .. } | ChangeResult::Unchanged) {
                *counts.entry(change.kind).or_default() += 1;
            }
        }
        counts
    }

    /// What it comes to.
    pub fn outcome(&self) -> Outcome {
        let raced = self.carried_out().any(|(_, result)| !result.is_done());
        let blocked = self.results().any(|(change, result)| {
            let drift = change.blocked_by == [plan::DRIFT];
            matches!(result, ChangeResult::Blocked { .. }) && !drift
        });
        let errors = self.news.current().any(|notice| notice.level == Level::Error);
        if self.not_planned.is_some() || self.failed().next().is_some() || raced {
            Outcome::Failed
        } else if errors || blocked || self.left().next().is_some() {
            Outcome::Incomplete
        } else if self.carried_out().next().is_some() {
            Outcome::Applied
        } else if self.planned().next().is_some() {
            Outcome::Planned
        } else if self.news.current().any(|notice| matches!(notice.kind, NoticeKind::Drift | NoticeKind::Orphan)) {
            Outcome::Drift
        } else {
            Outcome::InSync
        }
    }

    /// Whom to tell: nobody where there is nothing new.
    pub fn due(&self, notify: Notify) -> Due {
        // What does not heal by itself is among the notices.
        let transient = self.not_planned.is_some_and(NotPlanned::is_transient)
            || self.failed().any(|(_, failure)| failure.transient);
        let failed = (self.gives_up() && transient) || self.carried_out().any(|(_, result)| !result.is_done());
        let news = |wanted: &dyn Fn(Level) -> bool| {
            let notices =
                self.news.notices.iter().any(|(status, notice)| *status != Status::Known && wanted(notice.level));
            notices || self.news.resolved.iter().any(|known| wanted(known.level()))
        };
        let broken_off = self.left().next().is_some() || !self.interrupted.is_empty();
        let errors = failed || broken_off || news(&|level| level == Level::Error);
        let changes = errors || self.carried_out().next().is_some() || !self.plan_is_known;
        let anything = changes || news(&|_| true);
        let mail = match notify {
            Notify::All => anything,
            Notify::Changes => changes,
            Notify::Errors => errors,
        };
        Due { mail: mail || self.triggers.report, event: anything || self.triggers.report }
    }

    /// Attributes of both messages, by which subscriptions filter.
    pub fn attributes(&self) -> BTreeMap<String, String> {
        let account = self.target.account.as_deref().unwrap_or("unknown");
        [
            ("outcome", self.outcome().name()),
            ("account", account),
            ("region", &self.target.region),
            ("catalog", self.catalog),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
    }
}

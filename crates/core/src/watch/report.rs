//! The report of a run: what it found, and what of it is sent.

use std::collections::BTreeMap;

use super::compliance::ComplianceReport;
use super::news::News;
use super::standing::Standing;
use crate::change_result::Failure;
use crate::compliance::Status;
use crate::evidence::facts::Seconds;
use crate::evidence::{Evidence, Setup};
use crate::plan::Target;
use crate::run::{Deployment, Due, Notify, REMINDER_DAYS, Triggers, attributes};

/// What a run found.
#[derive(Clone, Copy, Debug)]
pub struct WatchReport<'a> {
    /// What triggered it.
    pub triggers: Triggers,
    /// Account and Region of Audit Manager.
    pub target: &'a Target,
    /// Name of the catalog; never empty, as message attributes must not be empty.
    pub catalog: &'a str,
    /// Location of the files, as `s3://bucket/prefix`.
    pub location: &'a str,
    /// The evidence in the accounts that were reached; `None` if the run failed.
    pub evidence: Option<&'a Evidence>,
    /// Whether definitions with errors were left out.
    pub has_errors: bool,
    /// The report about compliance, if the run made one.
    pub compliance: Option<ComplianceReport<'a>>,
    /// Why the run failed.
    pub failure: Option<(&'static str, &'a Failure)>,
    /// Whether the function can read other accounts.
    pub has_role: bool,
    /// How settings are changed.
    pub deployment: &'a Deployment,
    /// What changed.
    pub news: &'a News,
    /// Full days since the last email; `None` if there was none.
    pub days_since_email: Option<u32>,
    /// The current time.
    pub now: Seconds,
}

/// Outcome of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatchOutcome {
    /// Nothing could be read.
    Failed,
    /// A problem keeps a source from collecting.
    NotReady,
    /// Something could not be read.
    Unknown,
    /// Every source that was read can collect.
    Ready,
    /// There are no controls.
    Empty,
}

impl WatchOutcome {
    /// Name in messages, message attributes and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::NotReady => "not-ready",
            Self::Unknown => "unknown",
            Self::Ready => "ready",
            Self::Empty => "empty",
        }
    }
}

/// The accounts of the assessments, over all runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    /// How many there are.
    pub total: usize,
    /// How many were read when a run last tried.
    pub read: usize,
    /// How many no run has tried yet.
    pub waiting: usize,
    /// When the one was read that was not read for the longest time.
    pub oldest: Option<Seconds>,
}

impl WatchReport<'_> {
    /// Returns the outcome.
    pub fn outcome(&self) -> WatchOutcome {
        let Some(evidence) = self.evidence else { return WatchOutcome::Failed };
        let unread = !self.news.memory.unread.is_empty() || evidence.count(Setup::Unknown) > 0;
        if self.news.memory.open.iter().any(|standing| standing.error) {
            WatchOutcome::NotReady
        } else if unread || self.accounts().read < self.accounts().total {
            WatchOutcome::Unknown
        } else if evidence.controls.is_empty() {
            WatchOutcome::Empty
        } else {
            WatchOutcome::Ready
        }
    }

    /// Returns the accounts of the assessments.
    pub fn accounts(&self) -> Accounts {
        let all = &self.news.memory.accounts;
        Accounts {
            total: all.len(),
            read: all.values().filter(|seen| seen.read_at == Some(seen.tried_at)).count(),
            waiting: all.values().filter(|seen| seen.tried_at == 0).count(),
            oldest: all.values().filter_map(|seen| seen.read_at).min(),
        }
    }

    /// Returns the number of open problems with a level: errors or warnings.
    pub fn open(&self, errors: bool) -> usize {
        self.news.memory.open.iter().filter(|standing| standing.error == errors).count()
    }

    /// Returns which messages to send: none if there is nothing new.
    pub fn due(&self, notify: Notify) -> Due {
        let mail = self.has_news(notify) || self.is_reminder(notify);
        Due { mail: mail || self.triggers.report, event: self.has_news(Notify::All) || self.triggers.report }
    }

    /// Whether its email only repeats what is still open.
    pub fn is_reminder(&self, notify: Notify) -> bool {
        let is_due = self.triggers.schedule && self.days_since_email.is_some_and(|days| days >= REMINDER_DAYS);
        let counts = |standing: &Standing| notify == Notify::All || standing.error;
        let is_open = self.news.memory.open.iter().any(counts) || !self.news.memory.unread.is_empty();
        let is_open = is_open || self.is_compliance_open(notify);
        is_due && is_open && self.failure.is_none() && !self.has_news(Notify::All)
    }

    fn has_news(&self, notify: Notify) -> bool {
        let news = self.news;
        let counts = |standing: &Standing| notify == Notify::All || standing.error;
        let problems = news.stopped.iter().chain(&news.found).chain(news.ended.iter().map(|(standing, _)| standing));
        let failure = news.failure.is_some() || news.recovered.is_some();
        let others = !news.started.is_empty() || !news.unread.is_empty() || !news.readable.is_empty();
        let baseline = news.is_baseline && self.evidence.is_some();
        let problems = problems.into_iter().any(counts);
        baseline || failure || problems || (others && notify != Notify::Errors) || self.has_compliance_news(notify)
    }

    /// Whether compliance changed, or its report failed.
    fn has_compliance_news(&self, notify: Notify) -> bool {
        let news = self.compliance.and_then(|report| report.news());
        let changed = news.is_some_and(|news| news.is_baseline || news.has_changes());
        self.news.report_failed || self.news.report_recovered || (changed && notify != Notify::Errors)
    }

    /// Whether a reminder has something to say about compliance.
    fn is_compliance_open(&self, notify: Notify) -> bool {
        self.compliance.is_some_and(|report| {
            let failing = report.count(Status::NonCompliant) > 0 && notify != Notify::Errors;
            failing || !report.failures().is_empty()
        })
    }

    /// Returns the attributes of both messages, for subscription filters.
    pub fn attributes(&self) -> BTreeMap<String, String> {
        let mut attributes = attributes(self.outcome().name(), self.target, self.catalog);
        attributes.insert("function".to_owned(), "evidence".to_owned());
        attributes
    }
}

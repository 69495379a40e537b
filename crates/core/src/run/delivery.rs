//! What becomes of the report of a run and of the messages that triggered it: everything is reported at least once, and not again by
//! every attempt.

use serde_json::{Value as Json, json};

use super::report::RunReport;
use super::retry::Retry;
use super::{Mode, NotPlanned, Triggers};
use crate::change_result::ChangeResult;
use crate::digest::sha256;
use crate::plan::{Change, ChangeKind, Plan};

/// What a run can do with the object that keeps its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateAccess {
    /// It was read and written: the next run knows what this one has reported.
    Written,
    /// It was read, and could not be written.
    Read,
    /// It could not be read.
    Unreadable,
}

/// How a run ended, as far as it matters for its report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Whether a retry makes sense, or something failed before there was a plan.
    pub unfinished: bool,
    /// Whether it changed anything in the account.
    pub acted: bool,
    /// Whether only a report was requested.
    pub report_only: bool,
}

impl Ending {
    /// Returns how a run ended.
    pub fn of(run: &RunReport<'_>) -> Self {
        let acted = run.counts().into_iter().any(|(kind, count)| kind != ChangeKind::Unchanged && count > 0);
        Self {
            unfinished: run.is_transient() || matches!(run.not_planned, Some(NotPlanned::Failed { .. })),
            acted,
            report_only: Triggers { report: false, ..run.triggers }.is_none(),
        }
    }

    /// Whether the uploads that triggered the run are done with; otherwise the next report names them too.
    pub const fn forgets_uploads(self) -> bool {
        !self.unfinished && !self.report_only
    }

    /// Whether the report is sent now. If later runs cannot know what was reported, every attempt would send the same: then it is
    /// sent only if something changed or if no attempt is left.
    pub fn sends(self, state: StateAccess, retry: Option<Retry>) -> bool {
        let is_last = retry.is_none_or(|retry| retry.gives_up);
        match state {
            StateAccess::Written => true,
            StateAccess::Read => self.acted || is_last,
            StateAccess::Unreadable => is_last,
        }
    }

    /// Whether the messages that triggered the run are retried, after its report was sent or kept.
    pub const fn retries(self, state: StateAccess, unsent: bool) -> bool {
        self.unfinished || unsent || matches!(state, StateAccess::Read)
    }
}

/// What was reported of the changes that are planned and not applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedPlan {
    /// Whether an earlier run reported exactly these changes, or there is nothing to report.
    pub is_known: bool,
    /// Digest of the reported changes, for the next run; `None` if there are none.
    pub digest: Option<String>,
}

impl ReportedPlan {
    /// Compares the plan of a run with what earlier runs have reported.
    pub fn of(before: Option<&str>, mode: Mode, plan: Option<&Plan>, results: Option<&[ChangeResult]>) -> Self {
        let planned = plan.filter(|_| mode == Mode::Plan && results.is_none()).map(pending);
        match planned {
            Some(digest) => Self { is_known: before == digest.as_deref(), digest },
            None => Self { is_known: true, digest: before.filter(|_| results.is_none()).map(str::to_owned) },
        }
    }
}

/// Returns a digest of the changes that a plan would apply; `None` if there are none.
fn pending(plan: &Plan) -> Option<String> {
    let changes = plan.changes.iter().filter(|change| change.writes());
    let shown = |change: &Change| json!([change.kind.name(), change.object.noun(), change.name, change.differences()]);
    let changes: Vec<Json> = changes.map(shown).collect();
    (!changes.is_empty()).then(|| sha256(Json::from(changes).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn retry(gives_up: bool) -> Retry {
        Retry { seconds: Some(30), attempts: 5, gives_up }
    }

    #[test]
    fn a_report_is_sent_at_least_once_and_not_by_every_attempt() {
        use StateAccess::{Read, Unreadable, Written};
        for (state, acted, retry, sends) in [
            (Written, false, None, true),
            (Written, false, Some(retry(false)), true),
            (Written, true, Some(retry(true)), true),
            // The run is not retried: no later run reports it.
            (Read, false, None, true),
            (Read, false, Some(retry(true)), true),
            (Read, false, Some(retry(false)), false),
            // What changed would be no news for the next attempt.
            (Read, true, Some(retry(false)), true),
            (Unreadable, false, None, true),
            (Unreadable, false, Some(retry(true)), true),
            (Unreadable, false, Some(retry(false)), false),
        ] {
            let ending = Ending { unfinished: retry.is_some(), acted, report_only: false };
            assert_eq!(ending.sends(state, retry), sends, "{state:?} {acted} {retry:?}");
        }
    }

    #[test]
    fn messages_are_retried_until_a_run_finished_and_its_report_is_sent() {
        use StateAccess::{Read, Unreadable, Written};
        for (unfinished, state, unsent, retries) in [
            (false, Written, false, false),
            (false, Written, true, true),
            (false, Read, false, true),
            (true, Written, false, true),
            (true, Unreadable, false, true),
        ] {
            let ending = Ending { unfinished, acted: false, report_only: false };
            assert_eq!(ending.retries(state, unsent), retries, "{unfinished} {state:?} {unsent}");
        }
    }

    #[test]
    fn uploads_are_named_until_a_run_finished() {
        for (unfinished, report_only, forgets) in
            [(false, false, true), (false, true, false), (true, false, false), (true, true, false)]
        {
            assert_eq!(Ending { unfinished, acted: true, report_only }.forgets_uploads(), forgets);
        }
    }

    #[test]
    fn a_plan_is_news_until_it_was_reported() {
        let none = ReportedPlan { is_known: true, digest: None };
        let empty = Plan::default();
        assert_eq!(ReportedPlan::of(None, Mode::Plan, Some(&empty), None), none);
        let gone = ReportedPlan::of(Some("a"), Mode::Plan, Some(&empty), None);
        assert_eq!(gone, ReportedPlan { is_known: false, digest: None });
        // Without a plan, nothing is known about it.
        let kept = ReportedPlan { is_known: true, digest: Some("a".to_owned()) };
        assert_eq!(ReportedPlan::of(Some("a"), Mode::Plan, None, None), kept);
        assert_eq!(ReportedPlan::of(Some("a"), Mode::Apply, Some(&empty), None), kept);
        assert_eq!(ReportedPlan::of(Some("a"), Mode::Apply, Some(&empty), Some(&[])), none);
    }
}

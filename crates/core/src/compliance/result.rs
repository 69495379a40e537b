//! What the evidence of a catalog says, rolled up.

use std::collections::BTreeSet;

use super::facts::Resource;
use super::status::{Counts, Reason, Score, Status};
use crate::evidence::facts::{Place, Seconds};
use crate::evidence::{InForce, Unknown};
use crate::model::Severity;
use crate::source::FileId;

/// What the evidence of a catalog says: frameworks, controls, sources and accounts.
///
/// A source is as bad as its worst account, a control as its worst source, and a framework as its worst control. Scores count controls,
/// each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compliance {
    /// Account and Region of Audit Manager.
    pub home: Place,
    /// When it was read.
    pub read_at: Seconds,
    /// Name of the aggregator, if one was read.
    pub aggregator: Option<String>,
    /// The accounts and Regions in the scope of any control, sorted.
    pub places: Vec<Place>,
    /// Those of them that the aggregator does not have.
    pub not_aggregated: BTreeSet<Place>,
    /// The frameworks, by name.
    pub frameworks: Vec<FrameworkCompliance>,
    /// The controls, the worst first: by status, severity and name.
    pub controls: Vec<ControlCompliance>,
    /// The answers to what sources ask; several sources can share one.
    pub answers: Vec<Answer>,
    /// Why statuses are not results, each once.
    pub reasons: Vec<Reason>,
    /// The exceptions in force for the checks of the controls, those first that end first.
    pub exceptions: Vec<ExceptionUse>,
    /// The accounts, the worst first.
    pub accounts: Vec<AccountRank>,
    /// The checks that are not compliant anywhere, the worst first.
    pub checks: Vec<CheckRank>,
    /// The resources that are not compliant, the worst first: those that the controls list.
    pub resources: Vec<ResourceRank>,
    /// What is worth knowing, but decides nothing.
    pub notes: Vec<String>,
}

/// A framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameworkCompliance {
    /// Its name.
    pub name: String,
    /// The worst status of its controls; `None` without any.
    pub status: Option<Status>,
    /// Its controls by status, each once.
    pub counts: Counts,
    /// Its control sets, in the order of the file.
    pub sets: Vec<SetCompliance>,
}

/// A control set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetCompliance {
    /// Its name.
    pub name: String,
    /// The worst status of its controls; `None` without any.
    pub status: Option<Status>,
    /// Its controls, by their numbers in [`Compliance::controls`], the worst first.
    pub controls: Vec<usize>,
    /// Controls that have no file in the catalog, as the framework names them.
    pub others: Vec<String>,
}

/// A control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlCompliance {
    /// Its name.
    pub name: String,
    /// Its file.
    pub file: FileId,
    /// How bad a failure is.
    pub severity: Option<Severity>,
    /// Page with the procedure.
    pub procedure_url: Option<String>,
    /// What to do if it fails; empty if the file does not say.
    pub instructions: String,
    /// Names of the frameworks of the catalog that have it, of those that are shown.
    pub frameworks: Vec<String>,
    /// The worst status of its sources.
    pub status: Status,
    /// Why its accounts are not known.
    pub unknown: Vec<Unknown>,
    /// Its sources, in the order of the file.
    pub sources: Vec<SourceCompliance>,
    /// The number of different resources that are not compliant.
    pub failing: usize,
    /// The first of them: by account, Region, type and ID.
    pub resources: Vec<ListedResource>,
}

/// A source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceCompliance {
    /// Its name.
    pub name: String,
    /// Name of its type.
    pub source_type: &'static str,
    /// Its keyword.
    pub keyword: Option<String>,
    /// The worst status of all accounts.
    pub status: Status,
    /// Its accounts by status.
    pub counts: Counts,
    /// The number of its answer in [`Compliance::answers`]; `None` if it needs none.
    pub answer: Option<usize>,
}

/// What a check says, in each account of a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Name of the type of the source.
    pub source_type: &'static str,
    /// Identifier of a rule, `Custom_` and the name of one, or ID of a Security Hub control.
    pub check: String,
    /// The accounts, sorted.
    pub places: Vec<PlaceCompliance>,
}

/// What a check says in an account. There can be a million of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceCompliance {
    /// The number of the account in [`Compliance::places`].
    pub place: u32,
    /// The number of the reason in [`Compliance::reasons`].
    pub reason: Option<u32>,
    /// Different resources that are not compliant.
    pub failing: u32,
    /// Different resources that are not compliant and that exceptions accept.
    pub excepted: u32,
    /// Different resources of which findings are suppressed.
    pub suppressed: u32,
    /// Different resources of which findings are archived.
    pub archived: u32,
    /// The number of the exception in [`Compliance::exceptions`] that accepts something here; of several, that which ends first.
    pub exception: Option<u16>,
    /// The status.
    pub status: Status,
}

/// A resource of an account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListedResource {
    /// The account and Region.
    pub place: Place,
    /// The resource.
    pub resource: Resource,
}

/// An exception that is in force, and what it accepts now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionUse {
    /// Its check.
    pub check: String,
    /// Its file, last day and reason.
    pub exception: InForce,
    /// Who accepted it.
    pub approver: Option<String>,
    /// The number of accounts and Regions where it accepts something.
    pub places: usize,
}

/// An account, for a ranking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRank {
    /// Its ID.
    pub account: String,
    /// The controls by their worst status in its Regions.
    pub counts: Counts,
    /// The number of different resources that are not compliant.
    pub failing: usize,
}

/// A check, for a ranking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckRank {
    /// Name of the type of the source.
    pub source_type: &'static str,
    /// Identifier of a rule, `Custom_` and the name of one, or ID of a Security Hub control.
    pub check: String,
    /// The number of accounts and Regions where it is not compliant.
    pub places: usize,
    /// The number of different resources that are not compliant.
    pub failing: usize,
    /// The number of controls that ask for it.
    pub controls: usize,
}

/// A resource, for a ranking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceRank {
    /// The resource.
    pub resource: ListedResource,
    /// The number of checks that it fails.
    pub checks: usize,
}

impl Compliance {
    /// Returns the controls by status.
    pub fn counts(&self) -> Counts {
        Counts::of(self.controls.iter().map(|control| control.status))
    }

    /// Returns the score over all controls, each once.
    pub fn score(&self) -> Score {
        self.counts().score()
    }

    /// Returns the accounts of a source with what its check says there, sorted; none if it needs none.
    pub fn places_of(&self, source: &SourceCompliance) -> impl Iterator<Item = (&Place, &PlaceCompliance)> {
        let answer = source.answer.map(|answer| &self.answers[answer]);
        answer.into_iter().flat_map(|answer| &answer.places).map(|of| (&self.places[of.place as usize], of))
    }

    /// Returns why the status of a check in an account is not a result.
    pub fn reason(&self, of: &PlaceCompliance) -> Option<&Reason> {
        of.reason.map(|reason| &self.reasons[reason as usize])
    }

    /// Returns the exception that accepts something of a check in an account.
    pub fn exception(&self, of: &PlaceCompliance) -> Option<&ExceptionUse> {
        of.exception.map(|exception| &self.exceptions[usize::from(exception)])
    }

    /// Whether a control of this severity or a worse one is not compliant. A control without a severity counts as one of the lowest.
    ///
    /// ```
    /// use controlsync_core::compliance::Compliance;
    /// use controlsync_core::model::Severity;
    /// fn exit_code(compliance: &Compliance) -> i32 {
    ///     i32::from(compliance.fails(Severity::High))
    /// }
    /// ```
    pub fn fails(&self, severity: Severity) -> bool {
        let mut failing = self.controls.iter().filter(|control| control.status == Status::NonCompliant);
        failing.any(|control| control.severity.unwrap_or(Severity::Low) <= severity)
    }
}

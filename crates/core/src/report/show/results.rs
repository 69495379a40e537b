//! What the evidence says, for the page: results of the catalog, its frameworks, controls and sources.

use std::collections::BTreeMap;

use super::Shown;
use crate::compliance::since::Changes;
use crate::compliance::{
    AccountRank, CheckRank, Compliance, ControlCompliance, Counts, FrameworkCompliance, PlaceCompliance, Score,
    SourceCompliance, Status,
};
use crate::evidence::facts::{Place, Seconds};
use crate::report::compliance::{Report, words};
use crate::report::evidence::json::instant;

/// Resources that are listed of a control, and accounts of a source; the others are counted.
const MAX_OF_CONTROL: usize = 20;
/// Changes of each kind that are listed.
const MAX_CHANGES: usize = 50;

/// Lines of a list that has an end.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub(super) lines: Vec<Shown>,
    /// How many more there are.
    pub(super) more: usize,
}

impl Listed {
    fn new(all: impl ExactSizeIterator<Item = String>, most: usize) -> Self {
        let more = all.len().saturating_sub(most);
        Self { lines: all.take(most).map(|line| Shown::new(&line)).collect(), more }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

/// Results of the catalog.
#[derive(Debug)]
pub(super) struct Results {
    /// Account and Region of Audit Manager.
    pub(super) home: Shown,
    /// Whose results they are.
    pub(super) scope: Shown,
    /// When they were read, in UTC: `2026-11-28 05:53`.
    pub(super) read_at: String,
    pub(super) counts: Counts,
    pub(super) notes: Vec<Shown>,
    /// The accounts, the worst first.
    pub(super) accounts: Vec<AccountRank>,
    /// The checks that are not compliant, the worst first.
    pub(super) checks: Vec<CheckRank>,
    /// The resources that are not compliant, the worst first.
    pub(super) resources: Listed,
    pub(super) exceptions: Listed,
    /// Why something is unknown or has no data.
    pub(super) reasons: Listed,
    /// What changed since an earlier report, if it was compared with one.
    pub(super) changes: Option<ShownChanges>,
}

/// What changed since an earlier report.
#[derive(Debug)]
pub(super) struct ShownChanges {
    pub(super) in_numbers: Shown,
    /// By kind.
    pub(super) kinds: Vec<(&'static str, Listed)>,
}

/// Results of a framework.
#[derive(Debug)]
pub(super) struct FrameworkResult {
    pub(super) status: Option<Status>,
    pub(super) counts: Counts,
}

impl FrameworkResult {
    pub(super) fn score(&self) -> String {
        words::score(self.counts.score())
    }
}

/// Results of a control.
#[derive(Debug)]
pub(super) struct ControlResult {
    pub(super) status: Status,
    /// The number of noncompliant resources in words, or nothing.
    pub(super) failing: String,
    pub(super) resources: Listed,
    /// Why its accounts are not known.
    pub(super) unknown: Vec<Shown>,
}

/// Results of a source.
#[derive(Debug)]
pub(super) struct SourceResult {
    pub(super) status: Status,
    pub(super) word: String,
    /// Its accounts by status, if there are several.
    pub(super) counts: String,
    /// The accounts that need an explanation, the worst first.
    pub(super) places: Listed,
}

/// What a page needs of a report.
pub(super) struct Reported<'a> {
    report: Report<'a>,
    controls: BTreeMap<&'a str, (usize, &'a ControlCompliance)>,
    frameworks: BTreeMap<&'a str, &'a FrameworkCompliance>,
}

impl<'a> Reported<'a> {
    pub(super) fn new(report: Report<'a>) -> Self {
        let Compliance { controls, frameworks, .. } = report.compliance;
        Self {
            report,
            controls: controls.iter().enumerate().map(|(rank, of)| (of.name.as_str(), (rank, of))).collect(),
            frameworks: frameworks.iter().map(|of| (of.name.as_str(), of)).collect(),
        }
    }

    pub(super) fn has_control(&self, name: &str) -> bool {
        self.controls.contains_key(name)
    }

    pub(super) fn has_framework(&self, name: &str) -> bool {
        self.frameworks.contains_key(name)
    }

    /// The place of a control among all, the worst first; controls without a result are last.
    pub(super) fn rank(&self, control: &str) -> usize {
        self.controls.get(control).map_or(usize::MAX, |(rank, _)| *rank)
    }

    pub(super) fn control(&self, name: &str) -> Option<ControlResult> {
        let (_, of) = self.controls.get(name)?;
        let shown = of.resources.len().min(MAX_OF_CONTROL);
        let lines = of.resources.iter().take(shown).map(|of| Shown::new(&words::resource(of)));
        Some(ControlResult {
            status: of.status,
            failing: words::failing(of.failing),
            resources: Listed { lines: lines.collect(), more: of.failing.saturating_sub(shown) },
            unknown: of.unknown.iter().map(|why| Shown::new(&why.to_string())).collect(),
        })
    }

    pub(super) fn source(&self, control: &str, index: usize) -> Option<SourceResult> {
        let compliance = self.report.compliance;
        let of = self.controls.get(control)?.1.sources.get(index)?;
        Some(SourceResult {
            status: of.status,
            word: words::status(compliance, of),
            counts: words::counts_of_several(&of.counts),
            places: Listed::new(explained(compliance, of), MAX_OF_CONTROL),
        })
    }

    pub(super) fn framework(&self, name: &str) -> Option<FrameworkResult> {
        let of = self.frameworks.get(name)?;
        Some(FrameworkResult { status: of.status, counts: of.counts })
    }

    /// Returns the controls of a set by status, in words.
    pub(super) fn set(&self, framework: &str, index: usize) -> Option<String> {
        let of = self.frameworks.get(framework)?.sets.get(index)?;
        Some(words::controls_of(&self.report, of))
    }

    pub(super) fn results(&self) -> Results {
        let Report { compliance, changes, .. } = self.report;
        Results {
            home: Shown::new(&compliance.home.to_string()),
            scope: Shown::new(&words::scope(compliance)),
            read_at: minute(compliance.read_at),
            counts: compliance.counts(),
            notes: words::notes(compliance).iter().map(|note| Shown::new(note)).collect(),
            accounts: compliance.accounts.clone(),
            checks: compliance.checks.clone(),
            resources: Listed::new(compliance.resources.iter().map(words::resource_rank), words::RANKED),
            exceptions: Listed::new(words::exceptions(&self.report).into_iter(), usize::MAX),
            reasons: Listed::new(words::reasons(compliance).iter().map(ToString::to_string), usize::MAX),
            changes: changes.map(self::changes),
        }
    }
}

impl Results {
    pub(super) fn score(&self) -> Score {
        self.counts.score()
    }
}

/// Returns for example `2026-11-28 05:53`.
fn minute(at: Seconds) -> String {
    let instant = instant(at);
    instant.get(..16).unwrap_or_default().replace('T', " ")
}

fn changes(of: &Changes) -> ShownChanges {
    let kinds = words::changes(of).into_iter();
    let kinds = kinds.map(|(kind, subjects)| (kind, Listed::new(subjects.iter().map(words::subject), MAX_CHANGES)));
    ShownChanges { in_numbers: Shown::new(&words::changes_in_numbers(of)), kinds: kinds.collect() }
}

/// Returns the accounts of a source whose status does not speak for itself, the worst first.
fn explained(compliance: &Compliance, source: &SourceCompliance) -> impl ExactSizeIterator<Item = String> {
    let mut places: Vec<(&Place, &PlaceCompliance)> = compliance
        .places_of(source)
        .filter(|(_, of)| of.status < Status::Compliant || of.status == Status::Excepted)
        .collect();
    places.sort_by_key(|(_, of)| of.status);
    places.into_iter().map(|(place, of)| words::in_place(compliance, place, of))
}

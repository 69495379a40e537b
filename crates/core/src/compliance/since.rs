//! What changed since an earlier report.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::result::Compliance;
use super::status::Status;
use crate::evidence::facts::Place;

/// A check that a control asks for, in an account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// Name of the control.
    pub control: String,
    /// Keyword of its source.
    pub check: String,
    /// The account and Region.
    pub place: Place,
}

/// What an earlier report says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Earlier {
    /// When accounts were read, RFC 3339.
    pub read_at: String,
    /// What was not compliant.
    pub failing: BTreeSet<Subject>,
}

/// What changed. Only what is compliant now, or has no resources anymore, is resolved: data that is missing resolves nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// When the earlier report was made, RFC 3339.
    pub since: String,
    /// Not compliant now, and not before.
    pub new: Vec<Subject>,
    /// Not compliant before, and proved not to be now.
    pub resolved: Vec<Subject>,
    /// Not compliant before, and accepted by an exception now.
    pub excepted: Vec<Subject>,
    /// Not compliant before, and now neither that nor proved to be resolved.
    pub unproven: Vec<Subject>,
    /// The number of those that are still not compliant.
    pub open: usize,
}

/// Why an earlier report cannot be compared with.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum EarlierError {
    /// Not a report, or a damaged one.
    #[error("it is not a report of `controlsync compliance --format json`: {0}")]
    NotAReport(String),
    /// Written by a later version of this program.
    #[error(
        "it has version {0}, and this program knows version {VERSION}: use the version of controlsync that wrote it"
    )]
    LaterVersion(u32),
}

/// The version of reports that this program reads.
const VERSION: u32 = 1;

/// The keys of a report that are compared.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EarlierV1 {
    version: u32,
    read_at: String,
    controls: Vec<EarlierControl>,
}

#[derive(Deserialize)]
struct EarlierControl {
    name: String,
    sources: Vec<EarlierSource>,
}

#[derive(Deserialize)]
struct EarlierSource {
    keyword: Option<String>,
    accounts: Vec<EarlierPlace>,
}

#[derive(Deserialize)]
struct EarlierPlace {
    account: Option<String>,
    region: String,
    status: String,
}

impl Earlier {
    /// Reads a report of `--format json`.
    ///
    /// # Errors
    ///
    /// The text is not such a report, or one of a later version.
    pub fn read(text: &str) -> Result<Self, EarlierError> {
        let not_a_report = |error: serde_json::Error| EarlierError::NotAReport(error.to_string());
        let report: EarlierV1 = serde_json::from_str(text).map_err(not_a_report)?;
        if report.version > VERSION {
            return Err(EarlierError::LaterVersion(report.version));
        }
        let mut failing = BTreeSet::new();
        for control in report.controls {
            for source in control.sources {
                let places = source.accounts.into_iter();
                let places = places.filter(|of| Status::from_name(&of.status) == Some(Status::NonCompliant));
                failing.extend(places.map(|of| Subject {
                    control: control.name.clone(),
                    check: source.keyword.clone().unwrap_or_default(),
                    place: Place { account: of.account.unwrap_or_default(), region: of.region },
                }));
            }
        }
        Ok(Self { read_at: report.read_at, failing })
    }
}

/// Returns what all checks say now, repeatedly if several sources of a control have the same check. There can be millions, so a subject is
/// made where it is needed.
fn each(now: &Compliance) -> impl Iterator<Item = (impl Fn() -> Subject + '_, Status)> {
    let sources = now.controls.iter().flat_map(|control| control.sources.iter().map(move |source| (control, source)));
    sources.flat_map(|(control, source)| {
        now.places_of(source).map(move |(place, of)| {
            let subject = move || Subject {
                control: control.name.clone(),
                check: source.keyword.clone().unwrap_or_default(),
                place: place.clone(),
            };
            (subject, of.status)
        })
    })
}

/// Returns what is not compliant now, repeatedly if several sources of a control have the same check.
pub fn failing(now: &Compliance) -> impl Iterator<Item = Subject> + '_ {
    each(now).filter(|(_, status)| *status == Status::NonCompliant).map(|(subject, _)| subject())
}

/// Compares with an earlier report. What was not asked for now is left out.
pub fn changes(earlier: &Earlier, now: &Compliance) -> Changes {
    let mut changes = Changes { since: earlier.read_at.clone(), ..Changes::default() };
    for (subject, status) in subjects(earlier, now) {
        match (earlier.failing.contains(&subject), status) {
            (true, Status::NonCompliant) => changes.open += 1,
            (true, Status::Compliant | Status::NoResources) => changes.resolved.push(subject),
            (true, Status::Excepted) => changes.excepted.push(subject),
            (true, _) => changes.unproven.push(subject),
            (false, Status::NonCompliant) => changes.new.push(subject),
            (false, _) => {}
        }
    }
    changes
}

/// Returns what is or was not compliant, with its status now; the worst if several sources of a control have the same check. An account
/// that is in no scope anymore proves nothing.
fn subjects(earlier: &Earlier, now: &Compliance) -> BTreeMap<Subject, Status> {
    let controls: BTreeSet<&str> = now.controls.iter().map(|control| control.name.as_str()).collect();
    let asked = |subject: &&Subject| controls.contains(subject.control.as_str());
    let before = earlier.failing.iter().filter(asked);
    let mut all: BTreeMap<Subject, Option<Status>> = before.map(|subject| (subject.clone(), None)).collect();
    for (subject, status) in each(now) {
        let subject = subject();
        match all.get_mut(&subject) {
            Some(known) => *known = Some(known.map_or(status, |known| known.min(status))),
            None if status == Status::NonCompliant => drop(all.insert(subject, Some(status))),
            None => {}
        }
    }
    all.into_iter().map(|(subject, status)| (subject, status.unwrap_or(Status::Unknown))).collect()
}

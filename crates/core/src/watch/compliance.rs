//! What the evidence says, compared with the last report.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::change_result::Failure;
use crate::check::Checked;
use crate::compliance::since::{Changes, Earlier, Subject, changes, failing};
use crate::compliance::{Compliance, Score, Status};
use crate::evidence::facts::{Place, Seconds};
use crate::report::evidence::json::instant;

/// Checks in accounts that are remembered as not compliant. With more, changes are not compared: the state would not fit into memory.
pub const REMEMBERED: usize = 100_000;

/// The form of a report for people.
pub const PAGE: &str = "HTML";
/// The form of a report for programs.
pub const JSON: &str = "JSON";

/// Accounts by Region.
type Places = BTreeMap<String, BTreeSet<String>>;

/// What the last report said, as runs remember it. Without it, the next report is a baseline.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RememberedCompliance {
    /// When accounts were read.
    pub read_at: Seconds,
    /// The controls that were compliant.
    pub compliant: usize,
    /// The controls that should have been.
    pub of: usize,
    /// What was not compliant, and was not proved to be since: accounts by control and check. `None` if it was too much.
    pub failing: Option<BTreeMap<String, BTreeMap<String, Places>>>,
    /// The controls that a report has had.
    pub controls: BTreeSet<String>,
    /// The accounts of which a report has had a result.
    pub places: Places,
}

/// A file of a report in the bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportFile {
    /// Its form: [`PAGE`] or [`JSON`].
    pub form: &'static str,
    /// Its key.
    pub key: String,
    /// Why it was not written.
    pub failure: Option<Failure>,
}

/// What a run found, and what is known of the catalog.
#[derive(Clone, Copy, Debug)]
pub struct ComplianceRun<'a> {
    /// The catalog.
    pub checked: &'a Checked,
    /// What the evidence says.
    pub compliance: &'a Compliance,
    /// Whether all accounts in scope are known: those of the aggregator were read.
    pub scope_is_known: bool,
    /// The most that is remembered, [`REMEMBERED`] unless a test says otherwise.
    pub most: usize,
}

/// What the evidence says, compared with the last report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComplianceNews {
    /// Whether no earlier report is remembered.
    pub is_baseline: bool,
    /// The score of the last report, and when its accounts were read.
    pub before: Option<(Score, Seconds)>,
    /// What changed since the last report; `None` if that cannot be compared.
    pub changes: Option<Changes>,
    /// Of what is new, what is in accounts or of controls that no report has had.
    pub found: BTreeSet<Subject>,
    /// What the next report is compared with.
    pub memory: RememberedCompliance,
}

impl RememberedCompliance {
    /// Returns the score.
    pub const fn score(&self) -> Score {
        Score { compliant: self.compliant, of: self.of }
    }

    /// Returns what was not compliant; `None` if it was too much.
    fn earlier(&self) -> Option<Earlier> {
        let mut all = BTreeSet::new();
        for (control, checks) in self.failing.as_ref()? {
            for (check, places) in checks {
                for (region, accounts) in places {
                    let place = |account: &String| Place { account: account.clone(), region: region.clone() };
                    let subject =
                        |account| Subject { control: control.clone(), check: check.clone(), place: place(account) };
                    all.extend(accounts.iter().map(subject));
                }
            }
        }
        Some(Earlier { read_at: instant(self.read_at), failing: all })
    }

    /// Whether a report has had a result of the account, and the control.
    fn has_looked_at(&self, subject: &Subject) -> bool {
        let Place { account, region } = &subject.place;
        self.controls.contains(&subject.control) && self.places.get(region).is_some_and(|of| of.contains(account))
    }
}

impl ComplianceNews {
    /// Compares a run with what is remembered of the last report.
    pub fn new(run: ComplianceRun<'_>, before: Option<&RememberedCompliance>) -> Self {
        let ComplianceRun { compliance: now, .. } = run;
        let fits = failing(now).nth(run.most).is_none();
        let earlier = before.and_then(RememberedCompliance::earlier).filter(|_| fits);
        let changes = earlier.as_ref().map(|earlier| changes(earlier, now));
        let new = changes.iter().flat_map(|changes| &changes.new);
        let found = new.filter(|subject| before.is_some_and(|before| !before.has_looked_at(subject)));
        let found = found.cloned().collect();
        let open = earlier.into_iter().flat_map(|earlier| earlier.failing).filter(|of| run.may_be_open(of));
        let memory = run.remembered(fits.then_some(open), before);
        let before = before.map(|before| (before.score(), before.read_at));
        Self { is_baseline: before.is_none(), before, changes, found, memory }
    }

    /// What is new where a report has looked before.
    pub fn new_subjects(&self) -> impl Iterator<Item = &Subject> {
        self.changes.iter().flat_map(|changes| &changes.new).filter(|subject| !self.found.contains(subject))
    }

    /// What is not compliant anymore, because it is compliant or there is nothing to check.
    pub fn resolved(&self) -> impl Iterator<Item = &Subject> {
        self.changes.iter().flat_map(|changes| &changes.resolved)
    }

    /// What is accepted by an exception now.
    pub fn excepted(&self) -> impl Iterator<Item = &Subject> {
        self.changes.iter().flat_map(|changes| &changes.excepted)
    }

    /// Whether something changed.
    pub fn has_changes(&self) -> bool {
        let changes = self.changes.as_ref();
        changes.is_some_and(|of| !(of.new.is_empty() && of.resolved.is_empty() && of.excepted.is_empty()))
    }

    /// Whether the last report or this one has too much to compare.
    pub const fn is_too_much(&self) -> bool {
        !self.is_baseline && self.changes.is_none()
    }
}

impl ComplianceRun<'_> {
    /// Whether something that was not compliant may still be: nothing proves the contrary, and the check is still asked in the account.
    fn may_be_open(&self, subject: &Subject) -> bool {
        let now = self.compliance;
        let Some(control) = now.controls.iter().find(|control| control.name == subject.control) else {
            // A definition with errors is left out, and nothing is known of its name.
            return self.checked.has_errors();
        };
        let scope_is_known = self.scope_is_known && control.unknown.is_empty();
        let mut asked = false;
        let mut known = None;
        let of_check = |keyword: &Option<String>| keyword.as_deref().unwrap_or_default() == subject.check;
        for source in control.sources.iter().filter(|source| of_check(&source.keyword)) {
            asked = true;
            let mut statuses = now.places_of(source).filter(|(place, _)| **place == subject.place);
            let status = statuses.next().map(|(_, of)| of.status);
            known = known.into_iter().chain(status).min();
        }
        match known {
            Some(Status::Compliant | Status::NoResources | Status::Excepted) => false,
            Some(_) => true,
            None => asked && !scope_is_known,
        }
    }

    /// Returns what the next report is compared with; `open` is what may still be open of earlier ones.
    fn remembered(
        &self,
        open: Option<impl Iterator<Item = Subject>>,
        before: Option<&RememberedCompliance>,
    ) -> RememberedCompliance {
        let now = self.compliance;
        let Score { compliant, of } = now.score();
        let failing = open.map(|open| {
            let mut all: BTreeMap<String, BTreeMap<String, Places>> = BTreeMap::new();
            for Subject { control, check, place } in failing(now).chain(open) {
                let places = all.entry(control).or_default().entry(check).or_default();
                places.entry(place.region).or_default().insert(place.account);
            }
            all
        });
        let mut places = Places::new();
        for answer in &now.answers {
            for of in answer.places.iter().filter(|of| is_result(of.status)) {
                let Place { account, region } = &now.places[of.place as usize];
                if !places.get(region).is_some_and(|known| known.contains(account)) {
                    places.entry(region.clone()).or_default().insert(account.clone());
                }
            }
        }
        let mut controls: BTreeSet<String> = now.controls.iter().map(|control| control.name.clone()).collect();
        if let Some(before) = before {
            for (region, accounts) in &before.places {
                places.entry(region.clone()).or_default().extend(accounts.iter().cloned());
            }
            // A definition with errors is left out, and is the same afterwards.
            if self.checked.has_errors() {
                controls.extend(before.controls.iter().cloned());
            }
        }
        RememberedCompliance { read_at: now.read_at, compliant, of, failing, controls, places }
    }
}

/// Whether something was found in an account.
const fn is_result(status: Status) -> bool {
    matches!(status, Status::NonCompliant | Status::Compliant | Status::Excepted | Status::NoResources)
}

/// What a run reports about compliance.
#[derive(Clone, Copy, Debug)]
pub struct ComplianceReport<'a> {
    /// What the evidence says, with what changed, or why that was not read.
    pub found: Result<(&'a Compliance, &'a ComplianceNews), &'a Failure>,
    /// Name of the bucket.
    pub bucket: &'a str,
    /// The files of the report.
    pub files: &'a [ReportFile],
}

impl<'a> ComplianceReport<'a> {
    /// Returns what failed, in words, and why.
    pub fn failures(&self) -> Vec<(String, &'a Failure)> {
        let unread = self.found.err().map(|why| ("The results were not read".to_owned(), why));
        let unwritten = self.files.iter().filter_map(|file| {
            let what = format!("The report was not written as {}", file.form);
            Some((what, file.failure.as_ref()?))
        });
        unread.into_iter().chain(unwritten).collect()
    }

    /// Returns the files that were written.
    pub fn written(&self) -> impl Iterator<Item = &'a ReportFile> {
        self.files.iter().filter(|file| file.failure.is_none())
    }

    /// Returns where a file that was written is.
    pub fn url(&self, file: &ReportFile) -> String {
        format!("s3://{}/{}", self.bucket, file.key)
    }

    /// Returns the changes, if the results were read.
    pub fn news(&self) -> Option<&'a ComplianceNews> {
        self.found.ok().map(|(_, news)| news)
    }

    /// Returns the number of controls with a status.
    pub fn count(&self, status: Status) -> usize {
        self.found.map_or(0, |(compliance, _)| compliance.counts().count(status))
    }

    /// Returns what failed, whatever the message of the service was.
    pub(super) fn failure_keys(&self) -> BTreeSet<String> {
        let key = |(what, why): (String, &Failure)| {
            format!("{what}: {} {}", why.operation, why.code.as_deref().unwrap_or_default())
        };
        self.failures().into_iter().map(key).collect()
    }
}

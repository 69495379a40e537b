//! What the roll-up keeps: a small entry for each check in each account, and digests of resources. No row is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::asked::{CheckId, PlaceId};
use super::facts::{FindingRow, FindingStatus, Resource, RuleResult};

/// A rule of a check in an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RuleKey {
    pub(super) place: PlaceId,
    pub(super) check: CheckId,
    /// Its number among the rules of the check in the account, or a digest of its name if these are not known.
    pub(super) rule: u16,
}

/// What rows say of a rule in an account.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RuleState {
    /// The worst result.
    pub(super) result: Option<RuleResult>,
    /// The resources that are not compliant, at least.
    pub(super) resources: u16,
    /// Whether a resource is not compliant that no exception accepts.
    pub(super) failing: bool,
    /// Whether all resources that are not compliant were read.
    pub(super) details: bool,
}

impl RuleState {
    pub(super) fn add(&mut self, result: RuleResult, resources: u32) {
        self.result = Some(self.result.map_or(result, |known| known.min(result)));
        self.resources = self.resources.max(u16::try_from(resources).unwrap_or(u16::MAX));
    }
}

/// What findings say of a control of Security Hub in an account.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "what was seen, in any order and any number")]
pub(super) struct FindingState {
    /// A resource failed that no exception accepts.
    pub(super) failed: bool,
    /// A check is a warning, or was not available.
    pub(super) not_checked: bool,
    /// A resource passed.
    pub(super) passed: bool,
    /// There was nothing to check.
    pub(super) not_applicable: bool,
}

/// Reasons of Security Hub for which there was nothing to check: `NOT_AVAILABLE` or `PASSED`
/// (<https://docs.aws.amazon.com/securityhub/latest/userguide/controls-findings-create-update.html>).
const NOTHING_TO_CHECK: [&str; 2] = ["CONFIG_RETURNS_NOT_APPLICABLE", "CONFIG_EVALUATIONS_EMPTY"];

impl FindingState {
    /// Adds an active finding of a resource that no exception accepts.
    pub(super) fn add(&mut self, row: &FindingRow) {
        let nothing = row.reasons.iter().any(|reason| NOTHING_TO_CHECK.contains(&reason.as_str()));
        match row.status {
            FindingStatus::Failed => self.failed = true,
            FindingStatus::NotAvailable | FindingStatus::Passed if nothing => self.not_applicable = true,
            FindingStatus::Warning | FindingStatus::NotAvailable => self.not_checked = true,
            FindingStatus::Passed => self.passed = true,
        }
    }
}

/// What is said of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Said {
    /// It is not compliant.
    Failing,
    /// It is not compliant, and an exception accepts it.
    Excepted,
    /// Its finding is suppressed.
    Suppressed,
    /// Its finding is archived.
    Archived,
}

/// A resource that is not compliant, for lists; in the order of lists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Listed {
    pub(super) place: PlaceId,
    pub(super) resource: Resource,
}

/// Digest of a resource within its account.
pub(super) type ResourceDigest = u64;

/// Resources by check and account: each counts once, however often a row repeats.
#[derive(Debug, Default)]
pub(super) struct Resources {
    /// By what is said of them.
    seen: [BTreeSet<(CheckId, PlaceId, ResourceDigest)>; 4],
    /// The exceptions that accept resources of a check in an account, by their numbers.
    exceptions: BTreeSet<(CheckId, PlaceId, usize)>,
    /// The first resources of each check.
    listed: BTreeMap<CheckId, BTreeSet<Listed>>,
}

/// Returns the digest of a resource within its account.
pub(super) fn digest(of: impl Hash) -> ResourceDigest {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

impl Resource {
    pub(super) fn digest(&self) -> ResourceDigest {
        digest((&self.kind, &self.id))
    }
}

impl Resources {
    pub(super) fn add(&mut self, check: CheckId, place: PlaceId, said: Said, resource: &Resource) {
        self.seen[said as usize].insert((check, place, resource.digest()));
    }

    /// Adds a resource that an exception of the check accepts, by the number of that.
    pub(super) fn accept(&mut self, check: CheckId, place: PlaceId, exception: usize, resource: &Resource) {
        self.add(check, place, Said::Excepted, resource);
        self.exceptions.insert((check, place, exception));
    }

    /// Adds a resource that is not compliant, and keeps its name if it is one of the first.
    pub(super) fn fail(&mut self, check: CheckId, place: PlaceId, resource: &Resource, most: usize) {
        self.add(check, place, Said::Failing, resource);
        let listed = self.listed.entry(check).or_default();
        let before = |last: &Listed| (place, resource) < (last.place, &last.resource);
        if listed.len() < most || listed.last().is_some_and(before) {
            listed.insert(Listed { place, resource: resource.clone() });
            if listed.len() > most {
                listed.pop_last();
            }
        }
    }

    /// The number of different resources of which something is said of a check in an account. What is also not compliant counts as that
    /// alone: copies of a finding may differ.
    pub(super) fn count(&self, check: CheckId, place: PlaceId, said: Said) -> u32 {
        let all = self.range(check, place, said);
        let apart = |digest: &ResourceDigest| {
            said == Said::Failing || !self.seen[Said::Failing as usize].contains(&(check, place, *digest))
        };
        u32::try_from(all.filter(apart).count()).unwrap_or(u32::MAX)
    }

    /// The different resources of which something is said of a check in an account.
    pub(super) fn range(
        &self,
        check: CheckId,
        place: PlaceId,
        said: Said,
    ) -> impl Iterator<Item = ResourceDigest> + '_ {
        let all = (check, place, ResourceDigest::MIN)..=(check, place, ResourceDigest::MAX);
        self.seen[said as usize].range(all).map(|(_, _, digest)| *digest)
    }

    /// The exceptions that accept resources of a check in an account, by their numbers.
    pub(super) fn exceptions(&self, check: CheckId, place: PlaceId) -> impl Iterator<Item = usize> + '_ {
        self.exceptions.range((check, place, 0)..=(check, place, usize::MAX)).map(|(_, _, exception)| *exception)
    }

    /// The first resources of a check that are not compliant.
    pub(super) fn listed(&self, check: CheckId) -> impl Iterator<Item = &Listed> {
        self.listed.get(&check).into_iter().flatten()
    }

    /// All resources that are not compliant, by account and digest: each as often as checks say so.
    pub(super) fn failing(&self) -> Vec<(PlaceId, ResourceDigest)> {
        let seen = self.seen[Said::Failing as usize].iter();
        let mut all: Vec<_> = seen.map(|(_, place, digest)| (*place, *digest)).collect();
        all.sort_unstable();
        all
    }
}

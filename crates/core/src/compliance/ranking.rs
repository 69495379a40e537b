//! Rankings: the worst accounts, checks and resources.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::asked::{Asked, PlaceId, SourceAsked};
use super::result::{AccountRank, Answer, CheckRank, ControlCompliance, ResourceRank};
use super::rollup::Rollup;
use super::state::{Listed, ResourceDigest};
use super::status::{Counts, Status};
use crate::evidence::facts::Place;

/// The resources that are not compliant, by account and digest: each as often as checks say so.
type Failing = [(PlaceId, ResourceDigest)];

/// Ranks accounts by their controls, those of all Regions together.
pub(super) fn accounts(
    places: &[Place],
    controls: &[ControlCompliance],
    answers: &[Answer],
    failing: &Failing,
) -> Vec<AccountRank> {
    let mut ranks: Vec<AccountRank> = Vec::new();
    let mut account_of = Vec::with_capacity(places.len());
    for place in places {
        if ranks.last().is_none_or(|last| last.account != place.account) {
            ranks.push(AccountRank { account: place.account.clone(), counts: Counts::default(), failing: 0 });
        }
        account_of.push(ranks.len() - 1);
    }
    for control in controls {
        let mut worst: Vec<Option<Status>> = vec![None; ranks.len()];
        let of_sources = control.sources.iter().filter_map(|source| source.answer);
        for place in of_sources.flat_map(|answer| &answers[answer].places) {
            let status = &mut worst[account_of[place.place as usize]];
            *status = Some(status.map_or(place.status, |known| known.min(place.status)));
        }
        for (rank, status) in ranks.iter_mut().zip(worst) {
            if let Some(status) = status {
                rank.counts.add(status);
            }
        }
    }
    for same in failing.chunk_by(|one, other| one == other) {
        ranks[account_of[same[0].0 as usize]].failing += 1;
    }
    ranks.sort_by_cached_key(|rank| {
        let most = [Status::NonCompliant, Status::Unknown, Status::NoData].map(|of| Reverse(rank.counts.count(of)));
        (most, Reverse(rank.failing), rank.account.clone())
    });
    ranks
}

/// Ranks the checks that are not compliant anywhere by the number of accounts and resources.
pub(super) fn checks(asked: &Asked<'_>, answers: &[Answer]) -> Vec<CheckRank> {
    let mut ranks = Vec::new();
    for (number, check) in (0..).zip(&asked.checks) {
        let of_check = |question: usize| asked.questions[question].check == number;
        let of_check = |source: &SourceAsked| matches!(source, SourceAsked::Question(question) if of_check(*question));
        let answers = answers.iter().zip(&asked.questions).filter(|(_, question)| question.check == number);
        let (mut places, mut failing) = (BTreeSet::new(), BTreeMap::new());
        for place in answers.flat_map(|(answer, _)| &answer.places) {
            failing.insert(place.place, place.failing as usize);
            if place.status == Status::NonCompliant {
                places.insert(place.place);
            }
        }
        if !places.is_empty() {
            ranks.push(CheckRank {
                source_type: check.source_type,
                check: check.keyword.to_owned(),
                places: places.len(),
                failing: failing.values().sum(),
                controls: asked.controls.iter().filter(|control| control.sources.iter().any(of_check)).count(),
            });
        }
    }
    ranks.sort_by(|one, other| {
        let key = |rank: &CheckRank| (Reverse(rank.places), Reverse(rank.failing));
        (key(one), &one.check, one.source_type).cmp(&(key(other), &other.check, other.source_type))
    });
    ranks
}

/// Ranks the resources that checks list by the number of checks that they fail.
pub(super) fn resources(rollup: &Rollup<'_>, failing: &Failing) -> Vec<ResourceRank> {
    let listed: BTreeSet<&Listed> =
        (0..).zip(&rollup.asked.checks).flat_map(|(check, _)| rollup.resources.listed(check)).collect();
    let checks = |of: &Listed| {
        let key = (of.place, of.resource.digest());
        failing.partition_point(|other| *other <= key) - failing.partition_point(|other| *other < key)
    };
    let mut ranked: Vec<(Reverse<usize>, &Listed)> = listed.into_iter().map(|of| (Reverse(checks(of)), of)).collect();
    ranked.sort();
    ranked.truncate(rollup.asked.input.listed);
    ranked.into_iter().map(|(Reverse(checks), of)| ResourceRank { resource: rollup.listed(of), checks }).collect()
}

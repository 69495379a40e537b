//! Which checks a row is about.

use std::collections::BTreeMap;

use super::asked::{Asked, CheckId, PlaceId};
use super::facts::FindingRow;
use super::state::{RuleKey, digest};
use crate::evidence::config_rules;
use crate::evidence::facts::ConfigRule;
use crate::evidence::need::{Need, is_foundational, standard_in_arn};
use crate::keywords::config::{OF_PACK, without_generated_id};
use crate::keywords::security_hub::Control;

/// The checks of rules and of findings.
///
/// AWS Config says the name of a rule, not its identifier. If the rules of the account were read, they say which check a name is. Else only
/// the names in `packs.lock.json` do, to which AWS Config appends.
#[derive(Debug)]
pub(super) struct Index<'a> {
    /// The rules of the accounts that were read, by name.
    known: BTreeMap<PlaceId, Vec<(&'a str, CheckId, u16)>>,
    /// The rules of exported packs, by name.
    pinned: Vec<(&'a str, CheckId)>,
    /// The controls of Security Hub, by consolidated ID.
    controls: BTreeMap<&'static str, Vec<(&'static Control, CheckId)>>,
}

/// Returns the entries with a name of a sorted list.
fn named<'i, T>(all: &'i [T], name: &str, of: impl Fn(&T) -> &str) -> &'i [T] {
    let start = all.partition_point(|one| of(one) < name);
    let end = all.partition_point(|one| of(one) <= name);
    &all[start..end]
}

impl<'a> Index<'a> {
    pub(super) fn new(asked: &Asked<'a>) -> Self {
        let mut index = Self { known: BTreeMap::new(), pinned: Vec::new(), controls: BTreeMap::new() };
        for (place, account) in (0..).zip(&asked.accounts) {
            if let Some(rules) = account.and_then(|account| account.rules.known()) {
                index.known.insert(place, rules_by_name(asked, rules));
            }
        }
        for (check, of) in (0..).zip(&asked.checks) {
            match of.need {
                Need::ConfigRule(_) => {
                    let pins = asked.input.evidence.packs.into_iter().flat_map(|lock| &lock.checks);
                    let pins = pins.filter(|pin| pin.check == of.keyword);
                    index.pinned.extend(pins.map(|pin| (pin.rule_name.as_str(), check)));
                }
                Need::HubControl(control) => {
                    index.controls.entry(control.consolidated).or_default().push((control, check));
                }
                Need::Nothing | Need::Manual | Need::AwsManaged | Need::Unlisted(_) => {}
            }
        }
        index.pinned.sort_unstable();
        index.pinned.dedup();
        index
    }

    /// Returns the names of the rules that checks ask for in an account whose rules were read, sorted.
    pub(super) fn names(&self, place: PlaceId) -> Vec<&'a str> {
        let mut names: Vec<&str> = self.known.get(&place).into_iter().flatten().map(|(name, _, _)| *name).collect();
        names.dedup();
        names
    }

    /// Returns the consolidated IDs of the controls of Security Hub that checks ask for, sorted.
    pub(super) fn controls(&self) -> Vec<&'static str> {
        self.controls.keys().copied().collect()
    }

    /// Whether the rules of an account were read.
    pub(super) fn is_known(&self, place: PlaceId) -> bool {
        self.known.contains_key(&place)
    }

    /// Whether the packs have a rule of a check.
    pub(super) fn is_pinned(&self, check: CheckId) -> bool {
        self.pinned.iter().any(|(_, of)| *of == check)
    }

    /// Returns the rules of checks with a name in an account.
    pub(super) fn joined(&self, place: PlaceId, name: &str) -> Vec<RuleKey> {
        if let Some(known) = self.known.get(&place) {
            let of = named(known, name, |(known, ..)| known).iter();
            return of.map(|(_, check, rule)| RuleKey { check: *check, place, rule: *rule }).collect();
        }
        // Packs in one account can have the same rule; the digest tells them apart.
        let [first, second, ..] = digest(name).to_le_bytes();
        let rule = u16::from_le_bytes([first, second]);
        self.pinned(name).iter().map(|(_, check)| RuleKey { check: *check, place, rule }).collect()
    }

    /// Whether a rule of a pack has results in an account that does not have it anymore.
    pub(super) fn is_deleted(&self, asked: &Asked<'_>, place: PlaceId, rule: &str) -> bool {
        let rules = asked.accounts[place as usize].and_then(|account| account.rules.known());
        rules.is_some_and(|rules| !self.pinned(rule).is_empty() && !rules.iter().any(|known| known.name == rule))
    }

    /// Returns the rules of exported packs with the name of a deployed rule.
    fn pinned(&self, rule: &str) -> &[(&'a str, CheckId)] {
        let name = without_generated_id(rule).and_then(|(_, rest)| rest.strip_suffix(OF_PACK));
        name.map_or(&[], |name| named(&self.pinned, name, |(name, _)| name))
    }

    /// Returns the checks that a finding is about.
    pub(super) fn checks_of(&self, row: &FindingRow) -> Vec<CheckId> {
        let of = |control: &Control| {
            let standard = standard_in_arn(control);
            is_foundational(control) || row.standards.iter().any(|of| of.contains(standard))
        };
        let controls = self.controls.get(row.control.as_str()).into_iter().flatten();
        controls.filter(|(control, _)| of(control)).map(|(_, check)| *check).collect()
    }
}

/// Returns the rules of an account that checks ask for, by name, numbered for each check.
fn rules_by_name<'a>(asked: &Asked<'a>, rules: &'a [ConfigRule]) -> Vec<(&'a str, CheckId, u16)> {
    let mut all = Vec::new();
    for (check, of) in (0..).zip(&asked.checks) {
        if let Need::ConfigRule(need) = &of.need {
            all.extend((0..).zip(config_rules::names(rules, need)).map(|(number, name)| (name, check, number)));
        }
    }
    all.sort_unstable();
    all
}

//! Accounts that aggregators see and that are made up when they are read: a million rows from a few numbers.

use serde::{Deserialize, Serialize};

use crate::config::results::{Counted, RuleResults};
use crate::protocol::time::Time;

/// The end of the name of a rule that a conformance pack adds characters to, other ones in each account and Region.
const OF_A_PACK: &str = "-conformance-pack";

/// Accounts, each with the same rules in the same Regions, of which some are noncompliant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Generated {
    accounts: u64,
    /// The lowest ID.
    #[serde(default = "first_account")]
    first_account: u64,
    regions: Vec<String>,
    rules: u64,
    /// The names of the first rules; the others have numbers.
    #[serde(default)]
    rule_names: Vec<String>,
    #[serde(default = "resource_type")]
    resource_type: String,
    /// Resources that each rule evaluates.
    #[serde(default = "resources")]
    resources: u64,
    /// How many of 1,000 rules are noncompliant.
    #[serde(default)]
    non_compliant_per_mille: u64,
    /// The resources that do not comply with a noncompliant rule.
    #[serde(default = "non_compliant_resources")]
    non_compliant_resources: u64,
    /// The conformance pack that has all rules.
    #[serde(default)]
    pub(crate) pack: Option<String>,
    /// The time of all results: that of the seed.
    #[serde(default)]
    at: Time,
}

/// A generated account in a Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GeneratedPlace<'a> {
    pub(crate) account: String,
    pub(crate) region: &'a str,
    /// Its number among all.
    pub(crate) number: u64,
}

fn first_account() -> u64 {
    300_000_000_000
}

fn resource_type() -> String {
    "AWS::S3::Bucket".to_owned()
}

fn resources() -> u64 {
    20
}

fn non_compliant_resources() -> u64 {
    3
}

impl Generated {
    /// Returns what a seed says, with results of this time.
    ///
    /// # Errors
    ///
    /// A number cannot be used; the error is a message.
    pub(crate) fn of_seed(self, now: Time) -> Result<Self, String> {
        const MOST: u64 = 1_000_000;
        // https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html: rules in an account and a Region.
        const MAX_RULES: u64 = 1000;
        let names = u64::try_from(self.rule_names.len()).unwrap_or(u64::MAX);
        let wrong = [
            ("accounts", self.accounts == 0 || self.accounts > MOST),
            ("firstAccount", self.first_account > 999_999_999_999 - MOST),
            ("regions", self.regions.is_empty() || self.regions.len() > 100),
            ("rules", self.rules == 0 || self.rules > MAX_RULES),
            ("ruleNames", names > self.rules),
            ("nonCompliantPerMille", self.non_compliant_per_mille > 1000),
            ("nonCompliantResources", self.non_compliant_resources > self.resources || self.resources > MOST),
        ];
        match wrong.into_iter().find(|(_, is_wrong)| *is_wrong) {
            Some((key, _)) => Err(format!("`generated` cannot have this value of `{key}`")),
            None => Ok(Self { at: now, ..self }),
        }
    }

    /// Makes all times this many milliseconds older.
    pub(crate) fn age(&mut self, millis: u64) {
        self.at.age(millis);
    }

    /// The number of rules in each account and Region.
    pub(crate) fn rules(&self) -> u64 {
        self.rules
    }

    /// The accounts in all Regions, from a number on; only those of an account if it is given.
    pub(crate) fn places(&self, first: u64, account: Option<&str>) -> impl Iterator<Item = GeneratedPlace<'_>> {
        let regions = u64::try_from(self.regions.len()).unwrap_or(u64::MAX);
        let accounts = match account {
            None => 0..self.accounts,
            Some(account) => self.number_of(account).map_or(0..0, |number| number..number + 1),
        };
        let numbers = (accounts.start * regions).max(first)..accounts.end * regions;
        numbers.filter_map(move |number| {
            let account = format!("{:012}", self.first_account + number / regions);
            let region = self.regions.get(usize::try_from(number % regions).ok()?)?;
            Some(GeneratedPlace { account, region, number })
        })
    }

    fn number_of(&self, account: &str) -> Option<u64> {
        let number = account.parse::<u64>().ok()?.checked_sub(self.first_account)?;
        (number < self.accounts).then_some(number)
    }

    /// The name of a rule by its number.
    pub(crate) fn rule_name(&self, place: &GeneratedPlace, rule: u64) -> String {
        match usize::try_from(rule).ok().and_then(|rule| self.rule_names.get(rule)) {
            None => format!("rule-{rule:05}"),
            Some(name) if name.ends_with(OF_A_PACK) => {
                let suffix = mixed(place.number * self.rules + rule) % 36_u64.pow(9);
                format!("{name}-{}", base36(suffix, 9))
            }
            Some(name) => name.clone(),
        }
    }

    /// The number of the rule with a name.
    pub(crate) fn rule_number(&self, place: &GeneratedPlace, name: &str) -> Option<u64> {
        let named = |known: &String| name.strip_prefix(known.as_str()).is_some_and(|rest| rest.len() <= 10);
        let listed = self.rule_names.iter().enumerate().filter(|(_, known)| named(known));
        let listed = listed.filter_map(|(number, _)| u64::try_from(number).ok());
        let numbered = name.strip_prefix("rule-").and_then(|number| number.parse().ok());
        let mut candidates = listed.chain(numbered).filter(|number| *number < self.rules);
        candidates.find(|number| self.rule_name(place, *number) == name)
    }

    /// Whether a rule is noncompliant: as good as random, and always the same.
    pub(crate) fn is_non_compliant(&self, place: &GeneratedPlace, rule: u64) -> bool {
        mixed(!(place.number * self.rules + rule)) % 1000 < self.non_compliant_per_mille
    }

    /// The results of a rule.
    pub(crate) fn results(&self, place: &GeneratedPlace, rule: u64) -> RuleResults {
        let is_non_compliant = self.is_non_compliant(place, rule);
        let non_compliant = if is_non_compliant { self.non_compliant_resources } else { 0 };
        let counted = Counted {
            non_compliant,
            compliant: self.resources - non_compliant,
            not_applicable: 0,
            resource_type: self.resource_type.clone(),
            annotation: None,
            at: self.at,
        };
        RuleResults { counted: Some(counted), ..RuleResults::default() }
    }
}

/// `SplitMix64` (<https://prng.di.unimi.it/splitmix64.c>): numbers that look random from numbers that ascend.
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// The last digits of a number, in lowercase letters and digits.
fn base36(number: u64, digits: u32) -> String {
    let digit = |place: u32| char::from_digit(u32::try_from(number / 36_u64.pow(place) % 36).unwrap_or(0), 36);
    (0..digits).rev().filter_map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generated(spec: &str) -> Generated {
        serde_json::from_str::<Generated>(spec).unwrap().of_seed(Time(1)).unwrap()
    }

    #[test]
    fn numbers_become_accounts_regions_and_rules() {
        let generated = generated(
            r#"{"accounts":3,"regions":["us-east-1","eu-west-1"],"rules":4,"ruleNames":["keys-conformance-pack","own"],
                "nonCompliantPerMille":500}"#,
        );
        let places: Vec<_> = generated.places(0, None).map(|of| format!("{} {}", of.account, of.region)).collect();
        assert_eq!(places.len(), 6);
        assert_eq!(places[3], "300000000001 eu-west-1");
        let of_account: Vec<_> = generated.places(0, Some("300000000002")).collect();
        assert_eq!((of_account.len(), of_account[1].number), (2, 5));
        assert_eq!(generated.places(0, Some("300000000003")).count() + generated.places(6, None).count(), 0);
        let names: Vec<_> = (0..4).map(|rule| generated.rule_name(&of_account[0], rule)).collect();
        assert_eq!(names[1..], ["own", "rule-00002", "rule-00003"]);
        assert!(names[0].strip_prefix("keys-conformance-pack-").is_some_and(|suffix| suffix.len() == 9));
        assert_ne!(names[0], generated.rule_name(&of_account[1], 0), "each account and Region has its own");
        for (number, name) in (0..).zip(&names) {
            assert_eq!(generated.rule_number(&of_account[0], name), Some(number));
        }
        assert_eq!(generated.rule_number(&of_account[1], &names[0]), None);
    }

    #[test]
    fn about_as_many_rules_are_noncompliant_as_asked_for() {
        let generated = generated(
            r#"{"accounts":100,"regions":["us-east-1"],"rules":100,"nonCompliantPerMille":100,"resources":5}"#,
        );
        let rules = generated.places(0, None).flat_map(|place| (0..100).map(move |rule| (place.clone(), rule)));
        let found = rules.filter(|(place, rule)| generated.is_non_compliant(place, *rule)).count();
        assert!((900..1100).contains(&found), "{found}");
    }

    #[test]
    fn what_cannot_be_generated_is_named() {
        for (spec, key) in [
            (r#"{"accounts":0,"regions":["us-east-1"],"rules":1}"#, "accounts"),
            (r#"{"accounts":1,"regions":[],"rules":1}"#, "regions"),
            (r#"{"accounts":1,"regions":["us-east-1"],"rules":1,"resources":2}"#, "nonCompliantResources"),
        ] {
            let message = serde_json::from_str::<Generated>(spec).unwrap().of_seed(Time(1)).unwrap_err();
            assert_eq!(message, format!("`generated` cannot have this value of `{key}`"));
        }
    }
}

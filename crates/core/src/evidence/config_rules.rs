//! The rules of AWS Config in an account that feed a source.

use super::facts::{AccountFacts, ConfigRule, Evaluation};
use super::need::{RuleNeed, WhichRules};
use super::setup::Found;
use crate::keywords::{Trigger, config};
use crate::model::DataSource;
use crate::pack_lock::{Lock, Pin};

/// A source of AWS Config in an account, and the rules there that feed it.
pub(crate) struct ConfigSource<'a> {
    pub(crate) source: &'a DataSource,
    pub(crate) need: &'a RuleNeed<'a>,
    pub(crate) account: &'a AccountFacts,
    /// The rules that Audit Manager uses.
    pub(crate) rules: Vec<&'a ConfigRule>,
    /// The rules that it does not use, and why.
    pub(crate) others: Vec<(&'a ConfigRule, &'static str)>,
    /// The rules of exported conformance packs that it could use.
    pub(crate) exported: Vec<&'a Pin>,
    pub(crate) now: i64,
}

/// Services whose rules Audit Manager uses: conformance packs and organizations
/// (<https://docs.aws.amazon.com/audit-manager/latest/userguide/evidence-collection-issues.html>).
const USED_PRINCIPALS: [&str; 2] = ["config-conforms.amazonaws.com", "config-multiaccountsetup.amazonaws.com"];

/// Returns the service that deployed a rule, by its ARN.
fn principal(rule: &ConfigRule) -> Option<&str> {
    let (_, rest) = rule.arn.split_once("config-rule/aws-service-rule/")?;
    rest.split('/').next()
}

/// Returns why Audit Manager does not use a rule; `None` if it does.
fn unused(rule: &ConfigRule) -> Option<&'static str> {
    if rule.deleting {
        Some("is being deleted")
    } else if !rule.detective {
        Some("evaluates only planned resources")
    } else if principal(rule).is_some_and(|principal| !USED_PRINCIPALS.contains(&principal)) {
        Some("belongs to another service, whose rules Audit Manager does not use")
    } else {
        None
    }
}

/// Whether a rule is one that the source needs.
pub(crate) fn is_needed(rule: &ConfigRule, which: WhichRules<'_>) -> bool {
    match which {
        WhichRules::Managed { identifier, .. } => rule.identifier.as_deref() == Some(identifier),
        // Audit Manager drops the ID that a pack or an organization appends.
        WhichRules::Custom { name } => {
            let deployed = principal(rule).is_some();
            let own = rule.name == name && (deployed || rule.identifier.is_none());
            own || deployed && config::without_generated_id(&rule.name).is_some_and(|(_, rest)| rest == name)
        }
    }
}

/// Returns the names of the rules that a source needs.
pub(crate) fn names<'a>(rules: &'a [ConfigRule], need: &RuleNeed<'_>) -> impl Iterator<Item = &'a str> {
    let which = need.which;
    let needed = move |rule: &&ConfigRule| is_needed(rule, which) && unused(rule).is_none();
    rules.iter().filter(needed).map(|rule| rule.name.as_str())
}

impl<'a> ConfigSource<'a> {
    /// Finds the rules; `None` if they were not read.
    pub(crate) fn new(
        source: &'a DataSource,
        need: &'a RuleNeed<'a>,
        account: &'a AccountFacts,
        packs: Option<&'a Lock>,
        now: i64,
        found: &mut Found,
    ) -> Option<Self> {
        let all = found.known(&account.rules)?;
        let (mut rules, mut others) = (Vec::new(), Vec::new());
        for rule in all.iter().filter(|rule| is_needed(rule, need.which)) {
            match unused(rule) {
                None => rules.push(rule),
                Some(why) => others.push((rule, why)),
            }
        }
        let check = source.keyword.as_deref().map(str::trim).unwrap_or_default();
        let exported = packs.map(|lock| lock.pins_of(check).collect()).unwrap_or_default();
        Some(Self { source, need, account, rules, others, exported, now })
    }

    /// When the rules evaluate; `None` if nothing says it.
    pub(crate) fn trigger(&self) -> Option<Trigger> {
        self.need.trigger.or_else(|| {
            let mut triggers = self.rules.iter().filter_map(|rule| rule.trigger);
            let first = triggers.next()?;
            Some(if triggers.all(|other| other == first) { first } else { Trigger::Both })
        })
    }

    /// The resource types that the rules evaluate; empty if nothing says it.
    pub(crate) fn types(&self) -> Vec<&'a str> {
        if !self.need.types.is_empty() {
            return self.need.types.clone();
        }
        let mut types: Vec<&str> = self.rules.iter().flat_map(|rule| &rule.scope_types).map(String::as_str).collect();
        types.sort_unstable();
        types.dedup();
        types
    }

    /// What the source needs, in words.
    pub(crate) fn wanted(&self) -> String {
        match self.need.which {
            WhichRules::Managed { identifier, .. } => format!("managed rule `{identifier}`"),
            WhichRules::Custom { name } => format!("custom rule `{name}`"),
        }
    }

    /// How its rules were evaluated, each with its rule; `None` if that was not read. A rule without an entry was not evaluated.
    pub(crate) fn evaluations(&self, found: &mut Found) -> Option<Vec<(&'a ConfigRule, Evaluation)>> {
        if self.rules.is_empty() {
            return None;
        }
        let all = found.known(&self.account.evaluations)?;
        let evaluation = |rule: &&'a ConfigRule| Some((*rule, all.get(&rule.name)?.clone()));
        let each: Vec<_> = self.rules.iter().filter_map(evaluation).collect();
        if each.len() < self.rules.len() {
            // A rule that was deleted meanwhile, or a service that leaves one out.
            found.unknown(super::setup::Unknown::Undecided(
                "AWS Config did not say how every rule was evaluated".to_owned(),
            ));
        }
        Some(each)
    }
}

/// Returns a rule name without the ID that AWS appended to it, which differs by account: accounts with the same problem then have the
/// same message.
pub(crate) fn rule_name(name: &str) -> String {
    config::without_generated_id(name).map_or_else(|| name.to_owned(), |(_, kept)| format!("{kept}-*"))
}

/// Rule names for messages: at most three.
pub(crate) fn rules_in_words(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| rule_name(name)).collect();
    names_in_words(&names.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Names for messages: at most three.
pub(crate) fn names_in_words(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(3).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(3) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

//! What a reader must read for a catalog: no more than its sources need.

use std::collections::BTreeSet;

use super::config_rules;
use super::facts::{AccountFacts, Fact};
use super::need::{self, Need, RuleNeed, WhichRules};
use super::rules::config_rule_never_evaluated::is_due;
use crate::catalog::Catalog;
use crate::digest;
use crate::keywords::Keywords;
use crate::keywords::security_hub::Control;

/// What the sources of a catalog need, before anything is read.
#[derive(Debug, Default)]
pub struct Wanted<'a> {
    rules: Vec<RuleNeed<'a>>,
    controls: Vec<&'static Control>,
    /// Whether a source collects events of CloudTrail.
    pub cloudtrail: bool,
}

impl<'a> Wanted<'a> {
    /// Returns what the controls with these names need.
    pub fn of(catalog: &'a Catalog, keywords: &Keywords, controls: &BTreeSet<&str>) -> Self {
        let mut wanted = Self::default();
        for (name, entry) in &catalog.controls {
            if !controls.contains(name.as_str()) {
                continue;
            }
            for source in &entry.value.sources {
                match Need::of(source, keywords) {
                    Need::ConfigRule(rule) => wanted.rules.push(rule),
                    Need::HubControl(control) => wanted.controls.push(control),
                    _ => {
                        wanted.cloudtrail |= need::service_of(source.source_type) == Some(need::Service::Cloudtrail);
                    }
                }
            }
        }
        wanted
    }

    /// Returns a digest of what is wanted: facts that were read for the same are enough.
    pub fn digest(&self) -> String {
        let rules = self.rules.iter().map(|need| match need.which {
            WhichRules::Managed { identifier, .. } => format!("rule {identifier}"),
            WhichRules::Custom { name } => format!("custom {name} {}", need.types.join(" ")),
        });
        let controls = self.controls.iter().map(|control| format!("control {}", control.keyword));
        let all: BTreeSet<String> = rules.chain(controls).chain([format!("trails {}", self.cloudtrail)]).collect();
        digest::sha256(all.into_iter().collect::<Vec<_>>().join("\n"))
    }

    /// Whether a source collects results of AWS Config.
    pub fn config(&self) -> bool {
        !self.rules.is_empty()
    }

    /// Whether a source collects findings of Security Hub.
    pub fn security_hub(&self) -> bool {
        !self.controls.is_empty()
    }

    /// Returns the consolidated IDs whose state decides.
    pub fn consolidated(&self) -> BTreeSet<&'static str> {
        let foundational = self.controls.iter().filter(|control| need::is_foundational(control));
        foundational.map(|control| control.consolidated).collect()
    }

    /// Returns the ARNs of the subscriptions whose controls decide.
    pub fn subscriptions<'f>(&self, account: &'f AccountFacts) -> Vec<&'f str> {
        // With consolidated findings, the state of a control in a standard does not decide.
        if account.hub.known().is_none_or(|hub| hub.as_ref().is_none_or(|hub| hub.consolidated)) {
            return Vec::new();
        }
        let standards: BTreeSet<&str> = self
            .controls
            .iter()
            .filter(|control| !need::is_foundational(control))
            .map(|control| need::standard_in_arn(control))
            .collect();
        let enabled = account.standards.known().into_iter().flatten().filter(|standard| standard.ready);
        enabled
            .filter(|standard| standards.iter().any(|wanted| standard.arn.contains(wanted)))
            .map(|standard| standard.subscription.as_str())
            .collect()
    }

    /// Drops the rules that feed no source: an account may have a thousand.
    pub fn drop_other_rules(&self, account: &mut AccountFacts) {
        if let Fact::Known(rules) = &mut account.rules {
            rules.retain(|rule| self.rules.iter().any(|need| config_rules::is_needed(rule, need.which)));
        }
    }

    /// Returns the names of the rules whose evaluation decides.
    pub fn evaluations<'f>(&self, account: &'f AccountFacts) -> BTreeSet<&'f str> {
        let Some(rules) = account.rules.known() else { return BTreeSet::new() };
        self.rules.iter().flat_map(|need| config_rules::names(rules, need)).collect()
    }

    /// Returns the resource types whose numbers decide: those of rules that were never evaluated.
    pub fn resource_types<'f>(&'f self, account: &'f AccountFacts) -> BTreeSet<&'f str> {
        let (Some(rules), Some(evaluations)) = (account.rules.known(), account.evaluations.known()) else {
            return BTreeSet::new();
        };
        let mut types = BTreeSet::new();
        for need in &self.rules {
            let names: BTreeSet<&str> = config_rules::names(rules, need).collect();
            let never = |name: &str| evaluations.get(name).is_some_and(is_due);
            if names.iter().any(|name| never(name)) {
                let scoped = rules.iter().filter(|rule| names.contains(rule.name.as_str()));
                let scoped = scoped.flat_map(|rule| rule.scope_types.iter().map(String::as_str));
                types.extend(need.types.iter().copied());
                types.extend(scoped.filter(|_| need.types.is_empty()));
            }
        }
        types
    }
}

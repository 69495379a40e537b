//! The checks of a catalog: each is a rule, shared by all controls that name it.

use std::collections::{BTreeMap, BTreeSet};

use super::gap::Reason;
use super::options::{Manual, SecurityHub};
use crate::catalog::{Catalog, Entry};
use crate::keywords::{Keywords, config, managed_rule};
use crate::model::{Control, CustomRule, DataSource, Evaluator};
use crate::pack_limits::{MAX_GUARD_RULE, MAX_RULE_NAME};
use crate::source_type::{KeywordForm, SourceType};

/// What evaluates a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Evaluation {
    /// The managed rule with an identifier.
    Managed(String),
    /// A Guard rule, by its text.
    Guard { text: String, types: Vec<String> },
    /// A Lambda function.
    Lambda { arn: String, types: Vec<String>, periodic: bool },
    /// A person.
    ProcessCheck,
}

/// What becomes of a data source.
#[derive(Clone, Debug)]
pub(crate) enum Fate {
    /// A rule.
    Rule {
        /// Identifies the check.
        check: String,
        evaluation: Evaluation,
        /// Whether it is only the rule behind a Security Hub control.
        mapped: bool,
    },
    /// Nothing, and what the reason is about.
    Gap(Reason, Option<String>),
}

/// A data source of the catalog.
#[derive(Debug)]
pub(crate) struct Item<'a> {
    pub(crate) control: &'a Entry<Control>,
    pub(crate) index: usize,
    pub(crate) source: &'a DataSource,
    pub(crate) fate: Fate,
}

impl Item<'_> {
    /// Returns what the source is about: a source that does not say it is about what its control is about, if it is the only one.
    pub(crate) fn about(&self) -> &str {
        let control = &self.control.value;
        let of_control = if control.sources.len() == 1 { control.description.trim() } else { "" };
        [self.source.description.trim(), of_control]
            .into_iter()
            .find(|text| !text.is_empty())
            .unwrap_or(&self.source.name)
    }

    /// Returns the pointer of a value of the source in its file.
    pub(crate) fn pointer(&self, path: &str) -> String {
        format!("/{}/{}/{path}", self.control.value.sources_member, self.index)
    }
}

/// Start of the checks of manual sources.
pub(crate) const PROCESS_CHECK: &str = "AWS_CONFIG_PROCESS_CHECK";

/// Whether a check is that of a manual source.
pub(crate) fn is_manual(check: &str) -> bool {
    check.strip_prefix(PROCESS_CHECK).is_some_and(|rest| rest.starts_with(' '))
}

/// Decides what becomes of each data source, in the order of the controls' names.
pub(crate) struct Sorter<'a> {
    pub(crate) keywords: &'a Keywords,
    /// Texts of Guard rules by path.
    pub(crate) guard_rules: &'a BTreeMap<String, String>,
    pub(crate) manual: Manual,
    pub(crate) security_hub: SecurityHub,
}

impl Sorter<'_> {
    /// Returns all data sources.
    pub(crate) fn items<'a>(&self, catalog: &'a Catalog) -> Vec<Item<'a>> {
        let mut items = Vec::new();
        for control in catalog.controls.values() {
            for (index, source) in control.value.sources.iter().enumerate() {
                let fate = self.fate(&control.value.name, source);
                items.push(Item { control, index, source, fate });
            }
        }
        only_one_definition(&mut items);
        items
    }

    fn fate(&self, control: &str, source: &DataSource) -> Fate {
        let gap = |reason| Fate::Gap(reason, None);
        let form = source.source_type.keyword().form;
        match form {
            KeywordForm::Unused if self.manual == Manual::ProcessCheck => {
                let of = serde_json::to_string(&[control, source.name.as_str()]).unwrap_or_default();
                let check = format!("{PROCESS_CHECK} {of}");
                return Fate::Rule { check, evaluation: Evaluation::ProcessCheck, mapped: false };
            }
            KeywordForm::Unused => return gap(Reason::Manual),
            KeywordForm::CommonControlArn | KeywordForm::CoreControlId => return gap(Reason::AwsManaged),
            KeywordForm::ApiCall => return gap(Reason::ApiCall),
            KeywordForm::CloudtrailEvent => return gap(Reason::CloudtrailEvent),
            KeywordForm::ConfigRule | KeywordForm::SecurityHubControl => {}
        }
        let keyword = source.keyword.as_deref().map(str::trim).unwrap_or_default();
        match (form, keyword.strip_prefix(config::CUSTOM)) {
            _ if keyword.is_empty() => gap(Reason::MissingKeyword),
            (KeywordForm::SecurityHubControl, _) => self.of_security_hub(keyword),
            (_, Some(name)) if !config::is_managed(keyword) => self.custom(keyword, name, source.custom_rule.as_ref()),
            _ if self.is_known(keyword) => {
                let evaluation = Evaluation::Managed(keyword.to_owned());
                Fate::Rule { check: keyword.to_owned(), evaluation, mapped: false }
            }
            _ => gap(Reason::UnknownRule),
        }
    }

    /// Whether a managed rule exists, by the table or by a list of the catalog, which can be newer.
    fn is_known(&self, identifier: &str) -> bool {
        let own = self.keywords.list(SourceType::Config).filter(|_| self.keywords.is_own(SourceType::Config));
        managed_rule(identifier).is_some() || own.is_some_and(|list| list.contains(identifier))
    }

    fn of_security_hub(&self, keyword: &str) -> Fate {
        if self.security_hub == SecurityHub::Skip {
            return Fate::Gap(Reason::SecurityHub, None);
        }
        match config::behind_hub_control(keyword) {
            Some(identifier) => {
                let evaluation = Evaluation::Managed(identifier.clone());
                Fate::Rule { check: identifier, evaluation, mapped: true }
            }
            None => Fate::Gap(Reason::SecurityHubWithoutRule, None),
        }
    }

    fn custom(&self, keyword: &str, name: &str, rule: Option<&CustomRule>) -> Fate {
        let Some(rule) = rule else { return Fate::Gap(Reason::UndefinedCustomRule, None) };
        let invalid = |name: &str| name.trim().is_empty() || name.chars().count() > MAX_RULE_NAME;
        if name.strip_suffix(config::OF_PACK).is_none_or(invalid) {
            return Fate::Gap(Reason::CustomRuleName, None);
        }
        let types = rule.resource_types.clone();
        let evaluation = match &rule.evaluator {
            Evaluator::Lambda(arn) => {
                Evaluation::Lambda { arn: arn.clone(), types, periodic: rule.trigger.as_deref() == Some("periodic") }
            }
            Evaluator::Guard(path) => {
                let text = self.guard_rules.get(path).filter(|text| !text.trim().is_empty());
                let Some(text) = text.filter(|text| text.chars().count() <= MAX_GUARD_RULE) else {
                    return Fate::Gap(Reason::GuardRule, Some(path.clone()));
                };
                Evaluation::Guard { text: text.clone(), types }
            }
        };
        Fate::Rule { check: keyword.to_owned(), evaluation, mapped: false }
    }
}

/// Two controls can define a custom rule differently. The first one counts.
fn only_one_definition(items: &mut [Item<'_>]) {
    let mut defined: BTreeMap<String, Evaluation> = BTreeMap::new();
    for item in items {
        let Fate::Rule { check, evaluation, .. } = &item.fate else { continue };
        if defined.entry(check.clone()).or_insert_with(|| evaluation.clone()) != evaluation {
            item.fate = Fate::Gap(Reason::OtherCustomRule, None);
        }
    }
}

/// Returns the name that a custom rule must have; `None` for other checks, whose names are free.
pub(crate) fn fixed_name(check: &str) -> Option<&str> {
    if config::is_managed(check) || is_manual(check) {
        return None;
    }
    check.strip_prefix(config::CUSTOM)?.strip_suffix(config::OF_PACK)
}

/// Paths of the Guard rules that controls of a catalog name.
pub fn guard_paths(catalog: &Catalog) -> BTreeSet<&str> {
    let sources = catalog.controls.values().flat_map(|control| &control.value.sources);
    let rules = sources.filter_map(|source| source.custom_rule.as_ref());
    rules
        .filter_map(|rule| match &rule.evaluator {
            Evaluator::Guard(path) => Some(path.as_str()),
            Evaluator::Lambda(_) => None,
        })
        .collect()
}

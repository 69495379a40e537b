//! From the data sources of a catalog to rules in groups, with everything that no rule has.

use std::collections::{BTreeMap, BTreeSet};

use super::check::{Evaluation, Fate, Item, Sorter, is_manual};
use super::gap::{Gap, Reason};
use super::options::Options;
use super::parameters::{Demands, Given, Unfit, is_unknown, parameters};
use super::place::Group;
use super::remediation::{PackRemediation, Policy};
use super::template::Rule;
use crate::check::Checked;
use crate::diagnostic::{Diagnostic, Level};
use crate::keywords::Keywords;
use crate::model::ControlRef;
use crate::rules::missing_parameter;

/// Everything to place.
pub(crate) struct Gathered {
    pub(crate) groups: Vec<Group>,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The sources that have a rule.
    pub(crate) controls: Vec<Use>,
}

/// A source that has a rule.
pub(crate) struct Use {
    pub(crate) check: String,
    pub(crate) has_remediation: bool,
    gap: Gap,
}

impl Use {
    /// Returns a gap about the source.
    pub(crate) fn gap(&self, reason: Reason, about: Option<String>) -> Gap {
        Gap { reason, about, ..self.gap.clone() }
    }
}

/// Gathers the rules of a catalog.
pub(crate) fn gather(checked: &Checked, options: &Options<'_>) -> Gathered {
    let keywords = Keywords::of(&checked.sources);
    let sorter = Sorter {
        keywords: &keywords,
        guard_rules: &options.guard_rules,
        manual: options.manual,
        security_hub: options.security_hub,
    };
    let items = sorter.items(&checked.catalog);
    let mut gatherer = Gatherer {
        checked,
        policy: Policy { organization: options.organization, allow_automatic: options.allow_automatic_remediation },
        by_check: BTreeMap::new(),
        gaps: Vec::new(),
        diagnostics: Vec::new(),
    };
    for item in &items {
        match &item.fate {
            Fate::Gap(reason, about) => gatherer.gap(item, *reason, about.clone()),
            Fate::Rule { check, .. } => gatherer.by_check.entry(check).or_default().push(item),
        }
    }
    let given = gatherer.parameters();
    let mut groups = Vec::new();
    for (framework, manual, controls) in groups_of(checked, options.per_framework) {
        let rules = gatherer.rules(&given, manual, controls.as_ref());
        groups.push(Group { framework, manual, rules });
    }
    let controls = given.keys().flat_map(|check| {
        gatherer.by_check.get(check).into_iter().flatten().map(move |item| Use {
            check: (*check).to_owned(),
            has_remediation: item.source.remediation.is_some(),
            gap: gap(checked, item, Reason::RemediationPackFull, None),
        })
    });
    let controls = controls.collect();
    Gathered { groups, gaps: gatherer.gaps, diagnostics: gatherer.diagnostics, controls }
}

/// Controls that share packs: the framework, whether they are process checks, and their names; `None` for all.
type GroupOf = (Option<String>, bool, Option<BTreeSet<String>>);

/// Process checks are not copied: a person would have to set each copy.
fn groups_of(checked: &Checked, per_framework: bool) -> Vec<GroupOf> {
    if !per_framework {
        return vec![(None, false, None), (None, true, None)];
    }
    let mut alone: BTreeSet<String> = checked.catalog.controls.keys().cloned().collect();
    let mut groups = Vec::new();
    for (name, framework) in &checked.catalog.frameworks {
        let references = framework.value.control_sets.iter().flat_map(|set| &set.controls);
        let names: BTreeSet<String> = references
            .filter_map(|reference| match reference {
                ControlRef::Name(name) => Some(name.clone()),
                _ => None,
            })
            .collect();
        alone.retain(|name| !names.contains(name));
        groups.push((Some(name.clone()), false, Some(names)));
    }
    groups.insert(0, (None, false, Some(alone)));
    groups.push((None, true, None));
    groups
}

struct Gatherer<'a> {
    checked: &'a Checked,
    policy: Policy,
    /// Sources by check, in the order of the controls' names.
    by_check: BTreeMap<&'a str, Vec<&'a Item<'a>>>,
    gaps: Vec<Gap>,
    diagnostics: Vec<Diagnostic>,
}

fn gap(checked: &Checked, item: &Item<'_>, reason: Reason, about: Option<String>) -> Gap {
    Gap {
        reason,
        control: item.control.value.name.clone(),
        source: item.source.name.clone(),
        source_type: item.source.source_type,
        keyword: item.source.keyword.clone(),
        path: checked.sources.get(item.control.file).path().to_owned(),
        about,
    }
}

fn rule_of(item: &Item<'_>) -> Option<(Evaluation, bool)> {
    match &item.fate {
        Fate::Rule { evaluation, mapped, .. } => Some((evaluation.clone(), *mapped)),
        Fate::Gap(..) => None,
    }
}

impl<'a> Gatherer<'a> {
    fn gap(&mut self, item: &Item<'_>, reason: Reason, about: Option<String>) {
        self.gaps.push(gap(self.checked, item, reason, about));
    }

    /// Returns the parameters of each check that can be deployed.
    fn parameters(&mut self) -> BTreeMap<&'a str, BTreeMap<String, Given>> {
        let mut all = BTreeMap::new();
        for (check, items) in self.by_check.clone() {
            let Some((evaluation, _)) = items.first().and_then(|item| rule_of(item)) else { continue };
            let mut demands: Demands<'_> = BTreeMap::new();
            for item in &items {
                for (name, demand) in &item.source.required_parameters {
                    demands.entry(name).or_default().push(demand);
                    if is_unknown(&evaluation, name) {
                        self.gap(item, Reason::UnknownParameter, Some(name.clone()));
                    }
                }
            }
            match parameters(&evaluation, &demands) {
                Ok(given) => {
                    for item in items.iter().filter(|item| rule_of(item).is_some_and(|(_, mapped)| mapped)) {
                        self.gap(item, Reason::SecurityHubMapped, Some(check.to_owned()));
                    }
                    all.insert(check, given);
                }
                Err(unfit) => self.unfit(check, &items, &unfit),
            }
        }
        all
    }

    fn unfit(&mut self, check: &str, items: &[&Item<'_>], unfit: &Unfit) {
        let (reason, about) = match unfit {
            Unfit::Missing(names) => {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                let names = names.join(" and ");
                let own = items.iter().find(|item| rule_of(item).is_some_and(|(_, mapped)| !mapped));
                if let Some(item) = own {
                    let pointer = item.pointer("sourceKeyword/keywordValue");
                    let span = self.checked.catalog.span(&self.checked.sources, item.control.file, &pointer);
                    let message = format!("`{check}` cannot be deployed without {names}, which no control gives");
                    let mut error =
                        Diagnostic::new(&missing_parameter::RULE, item.control.file, span, message).at(pointer);
                    error.level = Level::Error;
                    self.diagnostics.push(error.help("write what the control demands under `requiredParameters`"));
                }
                (Reason::SecurityHubParameter, Some(format!("{check}: {names}")))
            }
            Unfit::Conflicting(name) => (Reason::ConflictingDemands, Some(name.clone())),
            Unfit::TooLong => (Reason::LongParameters, Some(check.to_owned())),
        };
        for item in items {
            let mapped = rule_of(item).is_some_and(|(_, mapped)| mapped);
            // For a source of AWS Config, a missing parameter is an error.
            if mapped || reason != Reason::SecurityHubParameter {
                self.gap(item, reason, about.clone());
            }
        }
    }

    /// Returns the rules of some controls, sorted by check.
    fn rules(
        &mut self,
        given: &BTreeMap<&'a str, BTreeMap<String, Given>>,
        manual: bool,
        controls: Option<&BTreeSet<String>>,
    ) -> Vec<Rule> {
        let mut rules = Vec::new();
        for (check, parameters) in given.iter().filter(|(check, _)| is_manual(check) == manual) {
            let items: Vec<&Item<'_>> = self.by_check.get(check).into_iter().flatten().copied().collect();
            let is_of = |item: &&Item<'_>| controls.is_none_or(|names| names.contains(&item.control.value.name));
            let items: Vec<&Item<'_>> = items.into_iter().filter(is_of).collect();
            let Some((evaluation, _)) = items.first().and_then(|item| rule_of(item)) else { continue };
            let names: BTreeSet<String> = items.iter().map(|item| item.control.value.name.clone()).collect();
            rules.push(Rule {
                check: (*check).to_owned(),
                evaluation,
                controls: names.into_iter().collect(),
                description: description(&items),
                parameters: parameters.clone(),
                remediation: self.remediation(&items),
            });
        }
        rules
    }

    /// Returns the remediation of a rule: that of the first control that gives one.
    fn remediation(&mut self, items: &[&Item<'_>]) -> Option<PackRemediation> {
        let mut chosen: Option<PackRemediation> = None;
        for item in items {
            let Some(remediation) = &item.source.remediation else { continue };
            match PackRemediation::new(remediation, self.policy) {
                Err((reason, about)) => self.gap(item, reason, about),
                Ok((own, lost)) => {
                    if chosen.as_ref().is_some_and(|chosen| *chosen != own) {
                        self.gap(item, Reason::OtherRemediation, Some(own.document));
                        continue;
                    }
                    if let Some(lost) = lost {
                        self.gap(item, lost, Some(own.document.clone()));
                    }
                    chosen = Some(own);
                }
            }
        }
        chosen
    }
}

/// Returns what the sources of a rule are about, on one line.
fn description(items: &[&Item<'_>]) -> String {
    let mut texts: Vec<String> = Vec::new();
    for item in items {
        let text = item.about().split_whitespace().collect::<Vec<_>>().join(" ");
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts.join("; ")
}

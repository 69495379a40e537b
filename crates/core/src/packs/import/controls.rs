//! One control for each check, shared between packs and with the catalog.
//!
//! Audit Manager feeds every rule with an identifier to every control that names it, so a second control for the same
//! check would collect the same evidence. A control of the catalog is used only if the check is its only data source, and
//! never changed; what it does not say is listed.

use std::collections::{BTreeMap, BTreeSet};

use super::log::Log;
use super::rule::{Check, Code, Evaluation, Rule};
use crate::demand::{Demand, ParameterType, common_value};
use crate::keywords::config::{CUSTOM, OF_PACK};
use crate::keywords::{managed_rule, managed_rules_date};
use crate::model::{Control, CustomRule, DataSource, Evaluator};
use crate::pull::{Taken, Target};
use crate::source::{FileKind, Span};
use crate::source_type::{KeywordForm, SourceType};

/// Maximum length of a description, see `schemas/control.schema.json`.
const MAX_DESCRIPTION: usize = 1000;

/// A control that packs need.
pub(super) struct Needed {
    pub control: Control,
    /// Whether the catalog has it already.
    pub existing: bool,
    /// Path of its file; empty for an existing one.
    pub path: String,
    /// Path and text of its new rule in the language of AWS CloudFormation Guard.
    pub guard: Option<(String, String)>,
    /// The rules that need it: number of the pack, logical ID, line.
    pub rules: Vec<(usize, String, usize)>,
}

/// All controls that packs need.
pub(super) struct Controls<'a> {
    target: &'a Target,
    taken: Taken,
    pub needed: Vec<Needed>,
    of_keyword: BTreeMap<String, usize>,
    of_name: BTreeMap<String, usize>,
}

impl<'a> Controls<'a> {
    pub(super) fn new(target: &'a Target) -> Self {
        let taken = Taken::new(target.files.iter().map(String::as_str), target.folders.iter().map(String::as_str));
        Self { target, taken, needed: Vec::new(), of_keyword: BTreeMap::new(), of_name: BTreeMap::new() }
    }

    /// Takes the path of a framework.
    pub(super) fn take_framework(&mut self, name: &str) -> String {
        self.taken.take_slug(name, FileKind::Framework)
    }

    /// Returns the number of the control for a rule, which it adds if there is none.
    pub(super) fn add(&mut self, pack: usize, rule: Rule, log: &mut Log<'_>) -> usize {
        let name = rule.name.clone().unwrap_or_default();
        let at = match &rule.check {
            Check::Process => self.process(&name, &rule.description),
            Check::Managed(identifier) => {
                let name = identifier.to_lowercase().replace('_', "-");
                self.collecting(identifier, &name, &rule)
            }
            Check::Custom(_) => self.collecting(&format!("{CUSTOM}{name}{OF_PACK}"), &name, &rule),
        };
        self.needed[at].rules.push((pack, rule.id.clone(), log.line(rule.span)));
        self.agree(at, rule, log);
        at
    }

    /// Returns the control of a process check. Those with the same name and another description are others.
    fn process(&mut self, name: &str, description: &str) -> usize {
        let catalog = &self.target.checked.catalog;
        let is_same = |control: &Control| {
            control.sources == [DataSource::manual_attestation()] && control.description.trim() == description
        };
        for name in names(name) {
            if let Some(at) = self.of_name.get(&name) {
                if is_same(&self.needed[*at].control) {
                    return *at;
                }
                continue;
            }
            match catalog.controls.get(&name).map(|entry| &entry.value) {
                Some(control) if is_same(control) => return self.push(control.clone(), true),
                Some(_) => {}
                None if catalog.defines_control(&name) => {}
                None => {
                    let mut control = self.control(name, DataSource::manual_attestation());
                    description.clone_into(&mut control.description);
                    return self.push(control, false);
                }
            }
        }
        // `names` never ends.
        0
    }

    /// Returns the control that collects a keyword.
    fn collecting(&mut self, keyword: &str, name: &str, rule: &Rule) -> usize {
        if let Some(at) = self.of_keyword.get(keyword) {
            return *at;
        }
        let collects = |control: &&Control| match control.sources.as_slice() {
            [source] => {
                source.source_type.keyword().form == KeywordForm::ConfigRule
                    && source.keyword.as_deref() == Some(keyword)
            }
            _ => false,
        };
        let catalog = &self.target.checked.catalog;
        let existing: Vec<&Control> = catalog.controls.values().map(|entry| &entry.value).filter(collects).collect();
        let says_all = |control: &&&Control| {
            let demands = &control.sources[0].required_parameters;
            rule.parameters.iter().all(|(name, (value, _))| {
                demands.get(name).is_some_and(|demand| says(demand, value, type_of(keyword, name)))
            })
        };
        let chosen = existing.iter().find(says_all).or_else(|| existing.first());
        let at = if let Some(control) = chosen {
            let control = (*control).clone();
            self.push(control, true)
        } else {
            let is_free = |name: &String| !self.of_name.contains_key(name) && !catalog.defines_control(name);
            let name = names(name).find(is_free).unwrap_or_default();
            let source_name = rule.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
            let source = DataSource {
                name: source_name.unwrap_or(&name).to_owned(),
                source_type: SourceType::Config,
                keyword: Some(keyword.to_owned()),
                ..DataSource::manual_attestation()
            };
            let control = self.control(name, source);
            self.push(control, false)
        };
        self.of_keyword.insert(keyword.to_owned(), at);
        at
    }

    fn control(&self, name: String, source: DataSource) -> Control {
        let tags = self.target.checked.config.tags.clone();
        Control { tags, ..Control::new(name, vec![source]) }
    }

    fn push(&mut self, control: Control, existing: bool) -> usize {
        let path = if existing { String::new() } else { self.taken.take_slug(&control.name, FileKind::Control) };
        self.of_name.insert(control.name.clone(), self.needed.len());
        self.needed.push(Needed { control, existing, path, guard: None, rules: Vec::new() });
        self.needed.len() - 1
    }

    /// Adds to a new control what it does not say yet, and lists what it says otherwise.
    fn agree(&mut self, at: usize, rule: Rule, log: &mut Log<'_>) {
        let Rule { id, span, check, description, parameters, remediation, .. } = rule;
        self.agree_on_description(at, &id, span, description, log);
        self.agree_on_parameters(at, &id, &parameters, log);
        let Needed { control, existing, .. } = &mut self.needed[at];
        let own = &mut control.sources[0].remediation;
        match remediation {
            Some((remediation, _)) if own.is_none() && !*existing => *own = Some(remediation),
            Some((remediation, span)) if own.as_ref() != Some(&remediation) => {
                log.part(span, &id, format!("the control `{}` has another remediation, or none", control.name));
            }
            _ => {}
        }
        if let Check::Custom(Some(evaluation)) = check {
            self.agree_on_custom_rule(at, &id, span, evaluation, log);
        }
    }

    fn agree_on_description(&mut self, at: usize, id: &str, span: Span, description: String, log: &mut Log<'_>) {
        let Needed { control, existing, .. } = &mut self.needed[at];
        if description.chars().count() > MAX_DESCRIPTION {
            log.part(span, id, format!("`Description` has more than {MAX_DESCRIPTION} characters"));
        } else if control.description.is_empty() && !*existing {
            control.description = description;
        } else if !description.is_empty() && control.description.trim() != description {
            log.part(span, id, format!("the control `{}` has another description", control.name));
        }
    }

    fn agree_on_parameters(
        &mut self,
        at: usize,
        id: &str,
        parameters: &BTreeMap<String, (String, Span)>,
        log: &mut Log<'_>,
    ) {
        let keyword = self.needed[at].control.sources[0].keyword.clone().unwrap_or_default();
        let table = managed_rule(&keyword);
        let mut demands = BTreeMap::new();
        for (name, (value, span)) in parameters {
            let demand = exactly(value);
            let of = type_of(&keyword, name);
            if table.is_some_and(|rule| rule.parameter(name).is_none()) {
                let date = managed_rules_date();
                log.part(*span, id, format!("`{keyword}` has no parameter `{name}` in the table of {date}"));
            } else if let Some(problem) = demand.problem(of) {
                log.part(*span, id, format!("the parameter `{name}`: {}", problem.message));
            } else {
                demands.insert(name.clone(), (demand, value, *span, of));
            }
        }
        let Needed { control, existing, .. } = &mut self.needed[at];
        if !*existing && control.sources[0].required_parameters.is_empty() {
            for (name, (demand, value, span, of)) in demands {
                if conflicts(self.target, &keyword, &name, &demand, of) {
                    let reason =
                        format!("no value of `{name}` meets `{value}` and what other controls of the catalog demand");
                    log.part(span, id, reason);
                } else {
                    control.sources[0].required_parameters.insert(name, demand);
                }
            }
            return;
        }
        for (name, (_, value, span, of)) in demands {
            let own = control.sources[0].required_parameters.get(&name);
            if !own.is_some_and(|own| says(own, value, of)) {
                let demanded = own.map_or_else(|| "nothing".to_owned(), ToString::to_string);
                let reason =
                    format!("the pack sets `{name}` to `{value}`; the control `{}` demands {demanded}", control.name);
                log.part(span, id, reason);
            }
        }
    }

    fn agree_on_custom_rule(&mut self, at: usize, id: &str, span: Span, evaluation: Evaluation, log: &mut Log<'_>) {
        let Evaluation { code, resource_types, periodic } = evaluation;
        let Needed { control, existing, guard, .. } = &mut self.needed[at];
        let source = &mut control.sources[0];
        let trigger = periodic.then(|| "periodic".to_owned());
        if source.custom_rule.is_none() && !*existing {
            let evaluator = match code {
                Code::Lambda(arn) => Evaluator::Lambda(arn),
                Code::Guard(text) => {
                    let path = self.taken.take_slug(&control.name, FileKind::GuardRule);
                    *guard = Some((path.clone(), text));
                    Evaluator::Guard(path)
                }
            };
            source.custom_rule = Some(CustomRule { evaluator, resource_types, trigger });
            return;
        }
        let files = &self.target.checked.sources;
        let guard = guard.as_ref();
        let text_of = |path: &str| match guard {
            Some((own, text)) if own == path => Some(text.as_str()),
            _ => files.iter().find(|(_, file)| file.path() == path).and_then(|(_, file)| file.text().ok()),
        };
        let same = source.custom_rule.as_ref().is_some_and(|own| {
            let same_code = match (&own.evaluator, &code) {
                (Evaluator::Lambda(own), Code::Lambda(arn)) => own == arn,
                (Evaluator::Guard(path), Code::Guard(text)) => text_of(path) == Some(text),
                _ => false,
            };
            let set = |types: &[String]| types.iter().cloned().collect::<BTreeSet<_>>();
            let is_periodic = |trigger: &Option<String>| trigger.as_deref() == Some("periodic");
            same_code && set(&own.resource_types) == set(&resource_types) && is_periodic(&own.trigger) == periodic
        });
        if !same {
            log.part(span, id, format!("the control `{}` has another `customRule`, or none", control.name));
        }
    }
}

/// Returns a name, and then the name with numbers.
fn names(name: &str) -> impl Iterator<Item = String> {
    (1..).map(move |number: usize| if number == 1 { name.to_owned() } else { format!("{name} ({number})") })
}

fn exactly(value: &str) -> Demand {
    Demand { exactly: Some(value.to_owned()), ..Demand::default() }
}

/// Whether a demand leads to a value: it is met by it, and an export chooses it.
fn says(demand: &Demand, value: &str, of: ParameterType) -> bool {
    let chosen = common_value(&[demand], of);
    demand.is_met(value, of) && chosen.is_some_and(|chosen| exactly(value).is_met(&chosen, of))
}

/// Type of a parameter; those of custom rules have none.
fn type_of(keyword: &str, parameter: &str) -> ParameterType {
    let parameter = managed_rule(keyword).and_then(|rule| rule.parameter(parameter));
    parameter.map_or(ParameterType::String, |parameter| parameter.of)
}

/// Whether other controls of the catalog demand what no value meets together with a demand.
fn conflicts(target: &Target, keyword: &str, name: &str, demand: &Demand, of: ParameterType) -> bool {
    let sources = target.checked.catalog.controls.values().flat_map(|entry| &entry.value.sources);
    let of_keyword = sources.filter(|source| source.keyword.as_deref() == Some(keyword));
    let demands = of_keyword.filter_map(|source| source.required_parameters.get(name));
    let usable = demands.filter(|demand| demand.problem(of).is_none());
    let all: Vec<&Demand> = usable.chain([demand]).collect();
    common_value(&all, of).is_none()
}

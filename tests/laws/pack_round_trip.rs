//! Packs that are imported and exported again have the same rules; the import lists each difference.

use std::collections::{BTreeMap, BTreeSet};

use controlsync_core::check::Checked;
use controlsync_core::packs::import::{Extent, Imported};
use controlsync_core::packs::{Gap, Manual, Options, Part, guard_paths};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use serde_yaml::Value as Yaml;

use crate::imports::{CUSTOM, Files, checked, corpus, generated, imported, template};
use crate::packs::{exported, nothing_is_lost, places, templates_match_the_lock};

/// A rule as a deployment with the defaults of the parameters has it.
#[derive(Clone, Debug, PartialEq)]
struct Deployed {
    id: String,
    source: Json,
    description: String,
    parameters: BTreeMap<String, String>,
    types: BTreeSet<String>,
    /// `None` for a rule that does not say it: every 24 hours, if it is periodic.
    frequency: Option<String>,
    remediation: Option<(String, Json)>,
}

/// Reads a template without the code of the product.
struct Template {
    parameters: BTreeMap<String, Json>,
    conditions: Yaml,
    resources: Vec<(String, Yaml)>,
}

impl Template {
    fn read(text: &str) -> Self {
        let read: Yaml = serde_yaml::from_str(text).unwrap();
        let entries = |key: &str| read.get(key).and_then(Yaml::as_mapping).cloned().unwrap_or_default();
        let named = |(name, value): (Yaml, Yaml)| (name.as_str().unwrap().to_owned(), value);
        let default = |(name, of): (String, Yaml)| Some((name, serde_json::to_value(of.get("Default")?).unwrap()));
        Self {
            parameters: entries("Parameters").into_iter().map(named).filter_map(default).collect(),
            conditions: Yaml::Mapping(entries("Conditions")),
            resources: entries("Resources").into_iter().map(named).collect(),
        }
    }

    /// A value with its functions evaluated; null for one that is left out.
    fn value(&self, node: &Yaml) -> Json {
        match node {
            Yaml::Tagged(tagged) => self.function(&tagged.tag.to_string()[1..], &tagged.value),
            Yaml::Mapping(entries) => {
                if let [(name, arguments)] = entries.iter().collect::<Vec<_>>()[..]
                    && let Some(function) = name.as_str().filter(|name| *name == "Ref" || name.starts_with("Fn::"))
                {
                    return self.function(function.trim_start_matches("Fn::"), arguments);
                }
                let entry = |(name, value): (&Yaml, &Yaml)| (name.as_str().unwrap().to_owned(), self.value(value));
                entries
                    .iter()
                    .map(entry)
                    .filter(|(_, value)| !value.is_null())
                    .collect::<serde_json::Map<_, _>>()
                    .into()
            }
            Yaml::Sequence(items) => items.iter().map(|item| self.value(item)).collect(),
            scalar => serde_json::to_value(scalar).unwrap(),
        }
    }

    fn function(&self, name: &str, arguments: &Yaml) -> Json {
        let argument = |at: usize| self.value(&arguments[at]);
        match name {
            "Ref" => self.parameters.get(arguments.as_str().unwrap()).cloned().unwrap_or(Json::Null),
            "If" => argument(if self.holds(arguments[0].as_str().unwrap()) { 1 } else { 2 }),
            "Equals" => (text(&argument(0)) == text(&argument(1))).into(),
            "Not" => (!argument(0).as_bool().unwrap()).into(),
            // What is known only in a deployment differs from everything.
            other => format!("Fn::{other}").into(),
        }
    }

    fn holds(&self, condition: &str) -> bool {
        self.value(&self.conditions[condition]).as_bool().unwrap()
    }

    /// The rules by what they check; several can have the same check.
    fn rules(&self) -> Vec<(String, Deployed)> {
        let deployed =
            |resource: &Yaml| resource.get("Condition").is_none_or(|name| self.holds(name.as_str().unwrap()));
        let resources: Vec<(&String, Json, &Yaml)> = self
            .resources
            .iter()
            .filter(|(_, resource)| deployed(resource))
            .map(|(id, resource)| (id, self.value(&resource["Properties"]), resource))
            .collect();
        let of_type =
            |wanted: &'static str| resources.iter().filter(move |(_, _, resource)| resource["Type"] == wanted);
        let remediation = |name: &Json| {
            let mut of_rule = of_type("AWS::Config::RemediationConfiguration");
            // `Ref` of a rule is its name.
            let refers = |properties: &Json| properties["ConfigRuleName"] == *name;
            let (id, properties, _) = of_rule.find(|(_, properties, _)| refers(properties))?;
            Some(((*id).clone(), properties.clone()))
        };
        let rule = |(id, properties, resource): &(&String, Json, &Yaml)| {
            let parameters = properties["InputParameters"].as_object().cloned().unwrap_or_default();
            let types = properties["Scope"]["ComplianceResourceTypes"].as_array().cloned().unwrap_or_default();
            let details = &properties["Source"]["SourceDetails"][0]["MaximumExecutionFrequency"];
            let frequency = [&properties["MaximumExecutionFrequency"], details].into_iter().find_map(Json::as_str);
            let deployed = Deployed {
                id: (*id).clone(),
                source: properties["Source"].clone(),
                description: properties["Description"].as_str().unwrap_or_default().trim().to_owned(),
                parameters: parameters.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
                types: types.iter().map(text).collect(),
                frequency: frequency.map(str::to_owned),
                remediation: remediation(&properties["ConfigRuleName"]),
            };
            (check(properties, resource), deployed)
        };
        of_type("AWS::Config::ConfigRule").map(rule).collect()
    }
}

fn text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What a rule checks: a process check is named after its control, which an import names after the rule.
fn check(properties: &Json, resource: &Yaml) -> String {
    let name = || properties["ConfigRuleName"].as_str().unwrap_or_default().to_owned();
    match (properties["Source"]["Owner"].as_str(), properties["Source"]["SourceIdentifier"].as_str()) {
        (Some("AWS"), Some("AWS_CONFIG_PROCESS_CHECK")) => {
            // Those with the same name and another description are numbered.
            let ours = resource["Controls"][0].as_str().filter(|_| name().ends_with("-manual-attestation"));
            let about = properties["Description"].as_str().unwrap_or_default();
            format!(
                "process check {}: {about}",
                ours.map_or_else(name, |name| name.split(" (").next().unwrap().to_owned())
            )
        }
        (Some("AWS"), Some(identifier)) => identifier.to_owned(),
        _ => format!("custom rule {}", name()),
    }
}

/// What has a difference that neither the import nor the export lists.
fn unlisted(pack: &str, imported: &Imported, gaps: &[Gap], exports: &BTreeMap<String, Deployed>) -> Vec<String> {
    let mut wrong = Vec::new();
    let listed = |id: &str, what: &str| imported.left_out.iter().any(|one| one.name == id && one.reason.contains(what));
    let is_gap = |check: &str, part: Part| {
        let keyword = check.strip_prefix("custom rule ").map(|name| format!("Custom_{name}-conformance-pack"));
        let keyword = keyword.as_deref().unwrap_or(check);
        gaps.iter().any(|gap| gap.reason.part() == part && gap.keyword.as_deref() == Some(keyword))
    };
    let whole = |id: &str| imported.left_out.iter().any(|one| one.name == id && one.extent == Extent::Whole);
    for (check, before) in Template::read(pack).rules() {
        if whole(&before.id) {
            continue;
        }
        let Some(after) = exports.get(&check) else {
            if !is_gap(&check, Part::Source) {
                wrong.push(format!("{check} is missing"));
            }
            continue;
        };
        let names: BTreeSet<&String> = before.parameters.keys().chain(after.parameters.keys()).collect();
        for name in names {
            let (old, new) = (before.parameters.get(name), after.parameters.get(name));
            // What a rule requires and the pack does not give has the default of the console.
            if old.is_some() && old != new && !listed(&before.id, &format!("`{name}`")) {
                wrong.push(format!("{check}: {name} was {old:?} and is {new:?}"));
            }
        }
        // A scope says which changes trigger an evaluation: by default those of the rule's own types, and none of a periodic rule.
        let periodic = after.types.is_empty() && after.frequency.is_some();
        let types = before.types.is_empty() || before.types == after.types || periodic;
        let frequency = |of: &Deployed| of.frequency.clone().unwrap_or_else(|| "TwentyFour_Hours".to_owned());
        for (same, what) in [
            (types, "ComplianceResourceTypes"),
            (frequency(&before) == frequency(after), "MaximumExecutionFrequency"),
            (source(&before.source) == source(&after.source), "customRule"),
            (about(&before.description, &after.description), "description"),
        ] {
            if !same && !listed(&before.id, what) {
                wrong.push(format!("{check}: {what} of {before:?} is that of {after:?}"));
            }
        }
        if !is_gap(&check, Part::Remediation) {
            wrong.extend(remediation(&before, after, &listed, &whole).map(|what| format!("{check}: {what}")));
        }
    }
    wrong
}

/// Whether a description survives, as far as it is long.
fn about(before: &str, after: &str) -> bool {
    let before = before.split_whitespace().collect::<Vec<_>>().join(" ");
    before.starts_with(after.trim_end_matches('…')) || before.is_empty()
}

/// What evaluates a rule.
fn source(source: &Json) -> Json {
    json!([source["Owner"], source["SourceIdentifier"], source["CustomPolicyDetails"]["PolicyText"]])
}

fn remediation(
    before: &Deployed,
    after: &Deployed,
    listed: &dyn Fn(&str, &str) -> bool,
    whole: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let (id, old) = before.remediation.as_ref()?;
    let Some((_, new)) = &after.remediation else {
        return (!whole(id)).then(|| "the remediation is missing".to_owned());
    };
    // A catalog's default is what an export writes.
    let default = |key: &str| match key {
        "ResourceType" | "TargetType" => Some(old[key].clone()),
        "Automatic" => Some(json!(false)),
        _ => None,
    };
    let parts =
        ["Parameters", "TargetId", "TargetType", "Automatic", "MaximumAutomaticAttempts", "RetryAttemptSeconds"];
    let keys: BTreeSet<&str> = old.as_object().unwrap().keys().map(String::as_str).chain(parts).collect();
    let differs = |key: &&str| {
        **key != *"ConfigRuleName" && **key != *"Parameters" && {
            let of = |from: &Json| from.get(*key).cloned().or_else(|| default(key));
            let (old_value, new_value) = (of(old).map(|value| text(&value)), of(new).map(|value| text(&value)));
            old_value.is_some() && old_value != new_value && !listed(id, key)
        }
    };
    let key = keys.into_iter().find(differs).map(str::to_owned);
    let parameters = old["Parameters"].as_object().into_iter().flatten();
    let changed =
        |(name, value): &(&String, &Json)| new["Parameters"][*name] != **value && !listed(id, &format!("`{name}`"));
    key.or_else(|| parameters.into_iter().find(changed).map(|(name, _)| name.clone()))
        .map(|what| format!("{what} of {old} is that of {new}"))
}

/// Options that export everything that can be.
fn options(checked: &Checked, files: &Files) -> Options<'static> {
    let rules = guard_paths(&checked.catalog).into_iter();
    Options {
        manual: Manual::ProcessCheck,
        allow_automatic_remediation: true,
        guard_rules: rules.filter_map(|path| Some((path.to_owned(), files.get(path)?.clone()))).collect(),
        ..Options::default()
    }
}

/// Imports packs into an empty catalog, exports it, and compares.
fn compared(packs: &[(&str, &str)]) -> Vec<String> {
    let mut files = Files::new();
    let imported = imported(&mut files, packs);
    let checked = checked(&files);
    let export = exported(&checked, &options(&checked, &files), None);
    nothing_is_lost(&checked, &export);
    templates_match_the_lock(&export);
    assert!(export.is_valid(), "{:?}", export.diagnostics);
    let rules: Vec<(String, Deployed)> =
        export.packs.iter().flat_map(|pack| Template::read(&pack.text).rules()).collect();
    let by_check: BTreeMap<String, Deployed> = rules.iter().cloned().collect();
    assert_eq!(by_check.len(), rules.len(), "a check is in the packs twice");
    let wanted: BTreeSet<String> =
        packs.iter().flat_map(|(_, pack)| Template::read(pack).rules()).map(|(check, _)| check).collect();
    let mut wrong: Vec<String> =
        by_check.keys().filter(|check| !wanted.contains(*check)).map(|check| format!("{check} is new")).collect();
    for (_, pack) in packs {
        wrong.extend(unlisted(pack, &imported, &export.gaps, &by_check));
    }
    wrong
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_an_export_of_an_import_lacks_is_listed(rules in generated()) {
        let wrong = compared(&[("Pack.yaml", &template(&rules))]);
        prop_assert!(wrong.is_empty(), "{:#?}", wrong);
    }
}

#[test]
fn custom_rules_are_exported_as_they_were_imported() {
    let wrong = compared(&[("Custom.yaml", CUSTOM)]);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn real_packs_are_exported_as_they_were_imported() {
    let wrong: Vec<String> = corpus()
        .iter()
        .flat_map(|(path, text)| compared(&[(path, text)]).into_iter().map(move |what| format!("{path}: {what}")))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn removing_a_control_of_a_real_catalog_moves_and_renames_no_rule() {
    let packs = corpus();
    if packs.is_empty() {
        return;
    }
    let packs: Vec<(&str, &str)> = packs.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let mut files = Files::new();
    imported(&mut files, &packs);
    let whole = checked(&files);
    let before = exported(&whole, &options(&whole, &files), None);
    nothing_is_lost(&whole, &before);
    templates_match_the_lock(&before);
    assert!(before.packs.len() > 2, "{}", before.packs.len());
    let old = places(&before.lock);
    let controls: Vec<String> = files.keys().filter(|path| path.starts_with("controls/")).cloned().collect();
    for path in controls.iter().step_by(20) {
        let mut files = files.clone();
        files.remove(path);
        let checked = checked(&files);
        let after = exported(&checked, &options(&checked, &files), Some(&before.lock));
        nothing_is_lost(&checked, &after);
        let new = places(&after.lock);
        assert!(new.iter().all(|(check, place)| old.get(check) == Some(place)) && new.len() + 1 >= old.len(), "{path}");
    }
}

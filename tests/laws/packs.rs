//! Exported packs of generated catalogs: nothing is lost, nothing moves, and every limit holds.

use std::collections::{BTreeMap, BTreeSet};

use controlsync_core::check::{Checked, Options as CheckOptions, check};
use controlsync_core::pack_limits::{
    MAX_BYTES, MAX_CONTROL_NAME, MAX_CONTROLS, MAX_DESCRIPTION, MAX_PARAMETERS, MAX_RESOURCES, MAX_RULE_NAME,
    is_pack_name,
};
use controlsync_core::pack_lock::{Lock, Pin};
use controlsync_core::packs::{Export, Manual, Options, Part, SecurityHub, export};
use controlsync_core::report::packs::files::files;
use controlsync_core::source::{Content, FileKind, Source, Sources};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// Controls by number.
pub type Controls = BTreeMap<usize, Json>;

const KEYWORDS: [&str; 12] = [
    "ENCRYPTED_VOLUMES",
    "S3_BUCKET_VERSIONING_ENABLED",
    "VPC_FLOW_LOGS_ENABLED",
    "ROOT_ACCOUNT_MFA_ENABLED",
    "CLOUD_TRAIL_ENABLED",
    "RDS_STORAGE_ENCRYPTED",
    "BRAND_NEW_RULE",
    "Custom_house rule",
    "Custom_house-rule-conformance-pack",
    // The name of a managed rule, too.
    "Custom_encrypted-volumes-conformance-pack",
    "Custom_(.)-conformance-pack",
    "ACCESS_KEYS_ROTATED",
];

fn config_source() -> impl Strategy<Value = Json> {
    let keyword = proptest::sample::select(KEYWORDS.as_slice());
    let age = option::of(1..99_u32);
    let role = option::of(Just("arn:aws:iam::111122223333:role/Notify"));
    let remediation = option::of((role, any::<bool>()));
    let custom = option::weighted(0.8, any::<bool>());
    (keyword, age, remediation, custom, "\\PC{0,300}").prop_map(|(keyword, age, remediation, custom, about)| {
        let mut source = json!({"sourceName": "rule", "sourceType": "AWS_Config", "sourceDescription": about.replace('\\', ""),
                                "sourceKeyword": {"keywordValue": keyword}});
        if let (Some(age), "ACCESS_KEYS_ROTATED") = (age, keyword) {
            source["requiredParameters"] = json!({"maxAccessKeyAge": {"atMost": age}});
        }
        if let Some((role, automatic)) = remediation {
            source["remediation"] = json!({"ssmDocument": "AWS-PublishSNSNotification", "automatic": automatic,
                                           "parameters": {"Message": "RESOURCE_ID"}});
            if let Some(role) = role {
                source["remediation"]["automationRole"] = role.into();
            }
        }
        if let (Some(guard), true) = (custom, keyword.starts_with("Custom_")) {
            source["customRule"] = if guard {
                json!({"guard": "rules/house.guard", "resourceTypes": ["AWS::EC2::Volume"]})
            } else {
                json!({"lambda": "arn:aws:lambda:eu-west-1:111122223333:function:f", "trigger": "periodic"})
            };
        }
        source
    })
}

fn source() -> impl Strategy<Value = Json> {
    let other = |kind: &'static str, keyword: &'static str| {
        Just(json!({"sourceName": "other", "sourceType": kind, "sourceKeyword": {"keywordValue": keyword}}))
    };
    prop_oneof![
        6 => config_source(),
        1 => Just(json!({"sourceName": "by hand", "sourceType": "MANUAL"})),
        1 => other("AWS_Security_Hub", "IAM.1"),
        1 => other("AWS_Security_Hub", "1.12"),
        1 => other("AWS_Security_Hub", "PCI.IAM.6"),
        1 => other("AWS_API_Call", "iam_ListUsers"),
        1 => other("AWS_Cloudtrail", "iam_CreateUser"),
    ]
}

fn control() -> impl Strategy<Value = Json> {
    (vec(source(), 0..5), "[a-z ]{0,140}").prop_map(|(mut sources, tail)| {
        for (number, source) in sources.iter_mut().enumerate() {
            source["sourceName"] = format!("{} {number}", source["sourceName"].as_str().unwrap()).into();
        }
        let mut control = json!({"name": format!("control{tail}").trim_end()});
        if !sources.is_empty() {
            control["datasources"] = sources.into();
        }
        control
    })
}

fn controls() -> impl Strategy<Value = Controls> {
    btree_map(0..9_usize, control(), 0..6)
}

pub fn checked_with(controls: &Controls, frameworks: &[(&str, Vec<usize>)]) -> Checked {
    let file = |path: String, kind, text: String| Source::new(path, kind, Content::Bytes(text.into_bytes()));
    let name = |number: usize, control: &Json| format!("{} {number}", control["name"].as_str().unwrap());
    let mut sources = vec![file("rules/house.guard".to_owned(), FileKind::GuardRule, "rule a { b == 1 }".to_owned())];
    for (number, control) in controls {
        let mut control = control.clone();
        control["name"] = name(*number, &control).into();
        sources.push(file(format!("controls/{number}.json"), FileKind::Control, control.to_string()));
    }
    for (framework, members) in frameworks {
        let names: BTreeSet<String> =
            members.iter().filter_map(|number| Some(name(*number, controls.get(number)?))).collect();
        if !names.is_empty() {
            let framework = json!({"name": framework, "controlSets": [{"name": "All", "controls": names}]});
            let path = format!("frameworks/{}.json", sources.len());
            sources.push(file(path, FileKind::Framework, framework.to_string()));
        }
    }
    let checked = check(Sources::new(sources), &CheckOptions::default());
    // Users can lower most errors, so exports of such catalogs must hold, too.
    assert_eq!(checked.catalog.controls.len(), controls.len(), "{:#?}", checked.diagnostics);
    checked
}

fn checked(controls: &Controls) -> Checked {
    checked_with(controls, &[("First", vec![0, 1, 2, 3]), ("second", vec![2, 3, 4]), ("Second", vec![3, 5])])
}

fn guard_rules() -> BTreeMap<String, String> {
    BTreeMap::from([("rules/house.guard".to_owned(), "rule a {\n  b == \"yes\"\n}\n".to_owned())])
}

fn options() -> impl Strategy<Value = Options<'static>> {
    (any::<[bool; 5]>(),).prop_map(|([per_framework, organization, automatic, manual, hub],)| Options {
        per_framework,
        organization,
        allow_automatic_remediation: automatic,
        manual: if manual { Manual::ProcessCheck } else { Manual::Skip },
        security_hub: if hub { SecurityHub::Map } else { SecurityHub::Skip },
        guard_rules: guard_rules(),
        ..Options::default()
    })
}

pub fn exported(checked: &Checked, options: &Options<'_>, lock: Option<&Lock>) -> Export {
    let options = Options { lock, ..options.clone() };
    export(checked, &options).unwrap()
}

/// Templates read by another parser.
pub fn templates(export: &Export) -> BTreeMap<String, Json> {
    let read = |pack: &controlsync_core::packs::Pack| {
        let read: Json = serde_yaml::from_str(&pack.text).unwrap_or_else(|error| panic!("{error}: {}", pack.text));
        (pack.name.clone(), read)
    };
    export.packs.iter().map(read).collect()
}

pub fn places(lock: &Lock) -> BTreeMap<(Option<String>, String), (String, String, String)> {
    let place = |pin: &Pin| {
        let at = (pin.pack.clone(), pin.rule_name.clone(), pin.logical_id.clone());
        ((pin.framework.clone(), pin.check.clone()), at)
    };
    lock.checks.iter().map(place).collect()
}

/// Rules in the templates are those in the lock, with all that their parameters and remediations refer to.
pub fn templates_match_the_lock(export: &Export) {
    let templates = templates(export);
    let mut rules: BTreeSet<(String, String, String)> = BTreeSet::new();
    for (pack, template) in &templates {
        let resources = template["Resources"].as_object().unwrap();
        assert!(resources.len() <= MAX_RESOURCES && is_pack_name(pack));
        let mut names: BTreeSet<&String> = resources.keys().collect();
        let parameters = template["Parameters"].as_object();
        for (name, parameter) in parameters.into_iter().flatten() {
            assert!(names.insert(name), "{name} is a rule, too");
            assert!(!parameter["Default"].as_str().unwrap().is_empty());
        }
        for (id, resource) in resources {
            let properties = &resource["Properties"];
            let name = properties["ConfigRuleName"].as_str().unwrap();
            assert!(name.chars().count() <= MAX_RULE_NAME);
            if resource["Type"] == "AWS::Config::ConfigRule" {
                assert!(rules.insert((pack.clone(), name.to_owned(), id.clone())));
                let controls = resource["Controls"].as_array().unwrap();
                assert!((1..=MAX_CONTROLS).contains(&controls.len()));
                let is_short = |name: &Json| name.as_str().unwrap().chars().count() <= MAX_CONTROL_NAME;
                assert!(controls.iter().all(is_short));
                let about = properties["Description"].as_str().unwrap_or_default();
                assert!(about.chars().count() <= MAX_DESCRIPTION);
                for value in properties["InputParameters"].as_object().into_iter().flatten().map(|(_, value)| value) {
                    assert!(value.is_string() || parameters.unwrap().contains_key(value["Ref"].as_str().unwrap()));
                }
            } else {
                let of = &resources[resource["DependsOn"].as_str().unwrap()];
                assert_eq!(of["Properties"]["ConfigRuleName"], name);
            }
        }
    }
    let locked: BTreeSet<(String, String, String)> = places(&export.lock).into_values().collect();
    assert_eq!(rules, locked);
    for pack in &export.packs {
        assert!(pack.text.len() <= MAX_BYTES && pack.parameters <= MAX_PARAMETERS);
    }
}

/// Every data source has a rule, or is a gap.
pub fn nothing_is_lost(checked: &Checked, export: &Export) {
    for (name, control) in &checked.catalog.controls {
        let gaps = export.gaps.iter().filter(|gap| gap.control == *name && gap.reason.part() == Part::Source);
        let gaps: BTreeSet<&str> = gaps.map(|gap| gap.source.as_str()).collect();
        for source in &control.value.sources {
            let keyword = source.keyword.as_deref().unwrap_or("AWS_CONFIG_PROCESS_CHECK ");
            let manual = json!([name, source.name]).to_string();
            let has = |pin: &Pin| pin.check == keyword || pin.check == format!("{keyword}{manual}");
            let exported = export.controls[name].iter().any(has);
            assert!(exported || gaps.contains(source.name.as_str()), "{name}, {}", source.name);
        }
    }
    let sources = checked.catalog.controls.values().map(|control| control.value.sources.len()).sum::<usize>();
    let gaps = export.gaps.iter().filter(|gap| gap.reason.part() == Part::Source).count();
    assert_eq!((export.sources, export.exported()), (sources, sources - gaps));
    for shortened in &export.shortened {
        assert!(shortened.description || !shortened.controls.is_empty());
    }
}

proptest! {
    #[test]
    fn every_source_is_in_a_pack_or_a_gap(controls in controls(), options in options()) {
        let checked = checked(&controls);
        let export = exported(&checked, &options, None);
        prop_assert!(export.is_valid());
        nothing_is_lost(&checked, &export);
        templates_match_the_lock(&export);
    }

    #[test]
    fn the_same_catalog_and_lock_give_the_same_bytes(controls in controls(), options in options()) {
        let checked = checked(&controls);
        let first = exported(&checked, &options, None);
        let lock = Lock::read(&first.lock.text()).unwrap();
        prop_assert_eq!(&lock, &first.lock);
        let second = exported(&checked, &options, Some(&lock));
        prop_assert_eq!(files(&first, "c"), files(&second, "c"));
        prop_assert!(second.moved.is_empty() && second.added == 0 && second.removed == 0);
        let rebalanced = exported(&checked, &Options { rebalance: true, ..options }, Some(&lock));
        prop_assert_eq!(files(&first, "c"), files(&rebalanced, "c"));
    }

    #[test]
    fn changing_one_control_moves_and_renames_no_rule(
        controls in controls(), options in options(), number in 0..9_usize, changed in option::of(control())
    ) {
        let before = exported(&checked(&controls), &options, None);
        let mut edited = controls;
        match changed {
            Some(control) => drop(edited.insert(number, control)),
            None => drop(edited.remove(&number)),
        }
        let checked = checked(&edited);
        let after = exported(&checked, &options, Some(&before.lock));
        nothing_is_lost(&checked, &after);
        templates_match_the_lock(&after);
        let (old, new) = (places(&before.lock), places(&after.lock));
        for (check, place) in &old {
            prop_assert!(new.get(check).is_none_or(|now| now == place), "{:?}", check);
        }
        prop_assert!(after.moved.is_empty());
        let kept = old.keys().filter(|check| new.contains_key(*check)).count();
        prop_assert_eq!((after.added, after.removed), (new.len() - kept, old.len() - kept));
    }

    #[test]
    fn arbitrary_text_is_a_lock_or_refused(text in "\\PC{0,60}", version in 0..3_u64) {
        prop_assert!(Lock::read(&text).is_err());
        let text = json!({"version": version, "name": "a", "perFramework": false, "checks": []}).to_string();
        prop_assert_eq!(Lock::read(&text).is_ok(), version == 1);
    }
}

#[test]
fn the_strictest_demand_is_the_value_for_all_controls() {
    let with = |bound: Json| {
        json!({"name": "c", "datasources": [{"sourceName": "keys", "sourceType": "AWS_Config",
               "sourceKeyword": {"keywordValue": "ACCESS_KEYS_ROTATED"}, "requiredParameters": {"maxAccessKeyAge": bound}}]})
    };
    let controls = Controls::from([
        (0, with(json!({"atMost": 90}))),
        (1, with(json!({"atMost": 30}))),
        (2, with(json!({"atLeast": 7}))),
    ]);
    let export = exported(&checked_with(&controls, &[]), &Options::default(), None);
    let template = &templates(&export)["default"];
    assert_eq!(template["Parameters"]["AccessKeysRotatedParamMaxAccessKeyAge"]["Default"], "30");
    let conflicting = Controls::from([(0, with(json!({"atMost": 30}))), (1, with(json!({"atLeast": 60})))]);
    let export = exported(&checked_with(&conflicting, &[]), &Options::default(), None);
    assert_eq!((export.packs.len(), export.gaps.len(), export.gaps[0].reason.id()), (0, 2, "conflicting-demands"));
}

#[test]
fn the_managed_rule_behind_303_security_hub_controls_is_known() {
    let list = controlsync_core::keywords::Keywords::default();
    let list = list.list(controlsync_core::source_type::SourceType::SecurityHub).unwrap();
    let source = |(number, keyword): (usize, &str)| json!({"sourceName": format!("s{number}"), "sourceType": "AWS_Security_Hub", "sourceKeyword": {"keywordValue": keyword}});
    let sources: Vec<Json> = list.iter().enumerate().map(source).collect();
    let controls: Controls = sources
        .chunks(100)
        .enumerate()
        .map(|(number, sources)| (number, json!({"name": "c", "datasources": sources})))
        .collect();
    let export = exported(
        &checked_with(&controls, &[]),
        &Options { security_hub: SecurityHub::Map, ..Options::default() },
        None,
    );
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for gap in &export.gaps {
        *reasons.entry(gap.reason.id()).or_default() += 1;
    }
    assert_eq!(sources.len(), reasons.values().sum::<usize>(), "each stays a gap");
    insta::assert_debug_snapshot!(reasons);
}

#[test]
fn the_sample_catalog_is_exported_completely() {
    let root = crate::architecture::root();
    let mut sources = Vec::new();
    for (folder, kind) in [("controls", FileKind::Control), ("frameworks", FileKind::Framework)] {
        for (path, text) in crate::architecture::files(folder, "yaml") {
            let path = path.strip_prefix(&format!("{}/", root.display())).unwrap().to_owned();
            sources.push(Source::new(path, kind, Content::Bytes(text.into_bytes())));
        }
    }
    let checked = check(Sources::new(sources), &CheckOptions::default());
    for (per_framework, manual) in [(false, Manual::Skip), (true, Manual::ProcessCheck)] {
        let options = Options { per_framework, manual, ..Options::default() };
        let export = exported(&checked, &options, None);
        assert!(export.is_valid());
        nothing_is_lost(&checked, &export);
        templates_match_the_lock(&export);
        assert_eq!((export.sources, export.exported()), (135, if per_framework { 54 } else { 46 }));
    }
}

#[test]
fn a_lock_that_contradicts_itself_is_damaged() {
    let pin = |check: &str, pack: &str, rule: &str, id: &str| json!({"check": check, "pack": pack, "ruleName": rule, "logicalId": id});
    let read = |checks: Vec<Json>| {
        let lock = json!({"version": 1, "name": "a", "perFramework": false, "checks": checks});
        Lock::read(&lock.to_string()).map_err(|error| error.to_string())
    };
    assert!(read(vec![pin("A", "a", "a", "A"), pin("B", "b", "a", "A")]).is_ok());
    let mut found = String::new();
    for checks in [
        vec![pin("A", "../a", "a", "A")],
        vec![pin("A", "a", "", "A")],
        vec![pin("A", "a", &"a".repeat(102), "A")],
        vec![pin("A", "a", "a", "A-1")],
        vec![pin("A", "a", "a", "A"), pin("A", "a", "b", "B")],
        vec![pin("A", "a", "a", "A"), pin("B", "a", "A", "B")],
        vec![pin("A", "a", "a", "A"), pin("B", "a", "b", "A")],
        vec![json!({"check": "A"})],
    ] {
        found = found + &read(checks).unwrap_err() + "\n";
    }
    found += &Lock::read("<<<<<<< HEAD").unwrap_err().to_string();
    insta::assert_snapshot!(found);
}

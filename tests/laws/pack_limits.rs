//! Both sides of every limit of conformance packs.

use std::collections::BTreeMap;

use controlsync_core::check::{Options as CheckOptions, check};
use controlsync_core::pack_limits::{
    MAX_BYTES, MAX_CONTROL_NAME, MAX_CONTROLS, MAX_DESCRIPTION, MAX_INLINE_BYTES, MAX_PACK_NAME, MAX_PARAMETERS,
    MAX_RESOURCES, is_pack_name,
};
use controlsync_core::packs::{Export, Manual, Options};
use controlsync_core::source::{Content, FileKind, Source, Sources};
use serde_json::{Value as Json, json};

use crate::packs::{Controls, checked_with, exported, templates, templates_match_the_lock};

/// A control with a custom rule.
fn with_rule(number: usize, more: &Json) -> Json {
    let mut source = json!({"sourceName": "rule", "sourceType": "AWS_Config",
        "sourceKeyword": {"keywordValue": format!("Custom_r{number}-conformance-pack")},
        "customRule": {"guard": "rules/house.guard", "resourceTypes": ["AWS::EC2::Volume"]}});
    for (key, value) in more.as_object().unwrap() {
        source[key] = value.clone();
    }
    json!({"name": "c", "datasources": [source]})
}

fn many(count: usize, more: &Json) -> Controls {
    (0..count).map(|number| (number, with_rule(number, more))).collect()
}

fn with_guard(text: &str) -> Options<'static> {
    Options { guard_rules: BTreeMap::from([("rules/house.guard".to_owned(), text.to_owned())]), ..Options::default() }
}

fn sizes(export: &Export) -> Vec<(usize, usize)> {
    export.packs.iter().map(|pack| (pack.rules, pack.remediations)).collect()
}

#[test]
fn a_pack_has_at_most_130_rules_and_remediations() {
    // Short rules: of others, fewer than 130 are 51,200 bytes.
    let short = |count: usize| {
        let controls: Controls = (0..count)
            .map(|number| {
                let identifier = controlsync_core::keywords::managed_rules()
                    .iter()
                    .filter(|rule| rule.parameters.is_empty() && rule.resource_types.len() < 2)
                    .nth(number)
                    .unwrap()
                    .identifier;
                let source = json!({"sourceName": "r", "sourceType": "AWS_Config", "sourceKeyword": {"keywordValue": identifier}});
                (number, json!({"name": "c", "datasources": [source]}))
            })
            .collect();
        controls
    };
    let first = exported(&checked_with(&short(MAX_RESOURCES), &[]), &Options::default(), None);
    assert_eq!(sizes(&first), [(130, 0)]);
    let more = exported(&checked_with(&short(MAX_RESOURCES + 1), &[]), &Options::default(), Some(&first.lock));
    assert_eq!(sizes(&more), [(130, 0), (1, 0)]);
    // A remediation that a full pack has no room for is a gap until rules may move.
    let mut edited = short(MAX_RESOURCES);
    edited.get_mut(&5).unwrap()["datasources"][0]["remediation"] =
        json!({"ssmDocument": "AWS-Do", "parameters": {"A": "RESOURCE_ID"}});
    let full = exported(&checked_with(&edited, &[]), &Options::default(), Some(&first.lock));
    assert_eq!((sizes(&full), full.gaps[0].reason.id()), (vec![(130, 0)], "remediation-pack-full"));
    let rebalanced = Options { rebalance: true, ..Options::default() };
    let moved = exported(&checked_with(&edited, &[]), &rebalanced, Some(&first.lock));
    assert_eq!((sizes(&moved), moved.moved.len(), moved.gaps.len()), (vec![(129, 1), (1, 0)], 1, 0));
    edited.remove(&7);
    let room = exported(&checked_with(&edited, &[]), &Options::default(), Some(&first.lock));
    assert_eq!((sizes(&room), room.gaps.len()), (vec![(129, 1)], 0));
}

#[test]
fn new_rules_are_placed_only_where_the_template_stays_inline() {
    let guard = |length: usize| with_guard(&"a".repeat(length));
    let checked = checked_with(&many(6, &json!({})), &[]);
    // 5 rules with 9,000 characters fit into 51,200 bytes.
    let export = exported(&checked, &guard(9000), None);
    assert_eq!(sizes(&export), [(5, 0), (1, 0)]);
    assert!(export.packs.iter().all(controlsync_core::packs::Pack::is_inline));
    // At the boundary: one character more in each of five rules is one rule less in the first pack.
    let fits = |length| sizes(&exported(&checked, &guard(length), None))[0].0 == 5;
    let most = (9000..10_000).rev().find(|length| fits(*length)).unwrap();
    let first = &exported(&checked, &guard(most), None).packs[0];
    assert!(
        !fits(most + 1) && (MAX_INLINE_BYTES - 5 - 13..=MAX_INLINE_BYTES).contains(&first.text.len()),
        "{}",
        first.text.len()
    );
    // A rule that grows stays, and the template must then be in Amazon S3.
    let grown = exported(&checked, &guard(10_000), Some(&export.lock));
    assert_eq!((sizes(&grown), grown.packs[0].is_inline(), grown.is_valid()), (vec![(5, 0), (1, 0)], false, true));
    // Longer rules cannot be deployed at all.
    let too_long = exported(&checked, &guard(10_001), Some(&export.lock));
    assert_eq!((too_long.packs.len(), too_long.gaps.len()), (0, 6));
}

#[test]
fn a_pack_above_300_kilobytes_is_refused() {
    let checked = checked_with(&many(60, &json!({})), &[]);
    let small = exported(&checked, &with_guard("a"), None);
    assert_eq!(small.packs.len(), 1);
    let at = |length: usize| exported(&checked, &with_guard(&"a".repeat(length)), Some(&small.lock));
    let bytes = |export: &Export| export.packs[0].text.len();
    let most = (1..10_000).rev().find(|length| bytes(&small) + 60 * (length - 1) <= MAX_BYTES).unwrap();
    assert!(at(most).is_valid() && bytes(&at(most)) <= MAX_BYTES);
    let refused = at(most + 1);
    let expected = format!("{} bytes; at most 300000 are allowed", bytes(&refused));
    assert_eq!(refused.above_limit, [("default".to_owned(), expected)]);
    assert!(
        exported(&checked, &Options { rebalance: true, ..with_guard(&"a".repeat(most + 1)) }, Some(&small.lock))
            .is_valid()
    );
}

#[test]
fn a_pack_has_at_most_60_parameters_and_literals_beyond() {
    let with = |count: usize| {
        let parameters: BTreeMap<String, &str> = (0..count).map(|number| (format!("p{number:02}"), "v")).collect();
        checked_with(&Controls::from([(0, with_rule(0, &json!({ "requiredParameters": parameters })))]), &[])
    };
    let full = exported(&with(MAX_PARAMETERS), &with_guard("a"), None);
    assert_eq!(full.packs[0].parameters, 60);
    let more = exported(&with(MAX_PARAMETERS + 1), &with_guard("a"), Some(&full.lock));
    assert_eq!(more.packs[0].parameters, 60);
    let inputs = &templates(&more)["default"]["Resources"]["R0"]["Properties"]["InputParameters"];
    assert_eq!((&inputs["p59"], &inputs["p60"]), (&json!({"Ref": "R0ParamP59"}), &json!("v")));
    // The parameters of a rule are at most 1,024 characters of JSON.
    let long = |length: usize| {
        let value = "v".repeat(length - r#"{"p":""}"#.len());
        let control = with_rule(0, &json!({"requiredParameters": {"p": value}}));
        exported(&checked_with(&Controls::from([(0, control)]), &[]), &with_guard("a"), None)
    };
    assert_eq!((long(1024).gaps.len(), long(1025).gaps[0].reason.id()), (0, "long-parameters"));
}

#[test]
fn names_and_descriptions_are_cut_at_their_limits_and_listed() {
    let named = |count: usize, length: usize, about: usize| {
        let source = json!({"sourceName": "rule", "sourceType": "AWS_Config", "sourceDescription": "d".repeat(about),
                            "sourceKeyword": {"keywordValue": "ENCRYPTED_VOLUMES"}});
        let control = |number| (number, json!({"name": "n".repeat(length - 3), "datasources": [source.clone()]}));
        exported(&checked_with(&(10..10 + count).map(control).collect(), &[]), &Options::default(), None)
    };
    assert!(named(MAX_CONTROLS, MAX_CONTROL_NAME, MAX_DESCRIPTION).shortened.is_empty());
    let cut = |export: Export| (export.shortened[0].controls.len(), export.shortened[0].description);
    assert_eq!(cut(named(MAX_CONTROLS + 1, MAX_CONTROL_NAME, 9)), (1, false));
    assert_eq!(cut(named(1, MAX_CONTROL_NAME + 1, 9)), (1, false));
    assert_eq!(cut(named(1, 9, MAX_DESCRIPTION + 1)), (0, true));
    let all = named(MAX_CONTROLS + 1, MAX_CONTROL_NAME, 9);
    assert_eq!(all.controls.values().filter(|rules| rules.len() == 1).count(), 21);
    templates_match_the_lock(&all);
    let custom = |length: usize| {
        let keyword = format!("Custom_{}-conformance-pack", "r".repeat(length));
        let control = with_rule(0, &json!({"sourceKeyword": {"keywordValue": keyword}}));
        let files =
            vec![Source::new("controls/a.json", FileKind::Control, Content::Bytes(control.to_string().into_bytes()))];
        exported(&check(Sources::new(files), &CheckOptions::default()), &with_guard("a"), None)
    };
    // The schema of files allows fewer characters in a keyword; a name that is as long as possible is exported.
    assert_eq!(custom(76).packs[0].rules, 1);
    assert!(is_pack_name(&"a".repeat(MAX_PACK_NAME)) && !is_pack_name(&"a".repeat(MAX_PACK_NAME + 1)));
    let longest = "a".repeat(MAX_PACK_NAME);
    let options = Options { name: Some(&longest), manual: Manual::ProcessCheck, ..with_guard("a") };
    let manual = json!({"name": "m", "datasources": [{"sourceName": "by hand", "sourceType": "MANUAL"}]});
    let controls = Controls::from([(0, with_rule(0, &json!({}))), (1, manual)]);
    let long = exported(&checked_with(&controls, &[]), &options, None);
    let packs: Vec<&str> = long.packs.iter().map(|pack| pack.name.as_str()).collect();
    assert_eq!(packs, [&format!("{}-manual", "a".repeat(113)), &longest]);
    for (name, valid) in
        [("a-1", true), ("A", true), ("1a", false), ("-a", false), ("a_b", false), ("", false), ("é", false)]
    {
        assert_eq!(is_pack_name(name), valid, "{name}");
    }
}

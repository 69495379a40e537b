use insta::assert_snapshot;

use crate::support::Catalog;

#[test]
fn all_rules_are_listed() {
    assert_snapshot!(Catalog::new(&[]).run(&["explain"]).shown());
}

#[test]
fn one_rule_is_explained() {
    let catalog = Catalog::new(&[]);
    let mut shown = String::new();
    // A rule that can be ignored and fixed, one that cannot and whose example is cut, one for the configuration, and
    // one for the account.
    for rule in ["config-rule-name", "too-many-merged-tags", "invalid-glob", "unmanaged-object"] {
        let arguments = ["explain", rule];
        shown += &catalog.run(&arguments).shown_after(&arguments);
    }
    assert_snapshot!(shown);
}

#[test]
fn a_rule_as_json() {
    let ran = Catalog::new(&[]).run(&["explain", "unknown-control", "--format", "json"]);
    let tool = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    assert_snapshot!(ran.shown().replace(&tool, "\"version\": \"VERSION\""));
}

#[test]
fn all_rules_as_json() {
    let catalog = Catalog::new(&[]);
    let all = catalog.run(&["explain", "--format", "json"]).json();
    let one = catalog.run(&["explain", "config-rule-name", "--format", "json"]).json();
    let listed = all["rules"].as_array().unwrap();
    assert_eq!(listed.len(), controlsync_core::rules::all().count());
    assert!(listed.contains(&one["rules"][0]));
}

#[test]
fn an_unknown_rule_is_reported() {
    let catalog = Catalog::new(&[]);
    let mut shown = String::new();
    for rule in ["unknown-controls", "spelling"] {
        let arguments = ["explain", rule];
        let ran = catalog.run(&arguments);
        assert_eq!(ran.code, 2);
        shown += &ran.shown_after(&arguments);
    }
    assert_snapshot!(shown);
}

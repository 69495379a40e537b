//! The keyword lists, and how they are updated from the account.

use std::path::Path;

use controlsync_emulator::{Effect, Fault};
use insta::assert_snapshot;

use crate::support::{Account, Catalog};

fn catalog() -> Catalog {
    Catalog::new(&[(
        "controls/a.yaml",
        "name: A\ndatasources:\n  - sourceName: S\n    sourceType: AWS_Config\n    sourceKeyword: {keywordValue: ZONAL_AUTOSHIFT_ENABLED}\n",
    )])
}

#[test]
fn the_lists_in_use_are_shown() {
    let catalog = catalog();
    // Hints depend on the day.
    let shown = catalog.run(&["keywords"]).shown();
    let shown: Vec<&str> = shown.lines().filter(|line| !line.starts_with("hint: ")).collect();
    assert_snapshot!(shown.join("\n"));
    let json = catalog.run(&["keywords", "--format", "json"]).json();
    let config = &json["lists"][2];
    assert_eq!((config["sourceType"].as_str(), config["keywords"].as_u64()), (Some("AWS_Config"), Some(326)));
    assert!(config["path"].is_null() && config["date"].is_string(), "{config:#}");
}

#[test]
fn a_refresh_writes_the_lists_of_the_account() {
    let (catalog, account) = (catalog(), Account::new());
    let page =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md")).unwrap();
    let (_, block) = page.split_once("```sh\ncontrolsync ").unwrap();
    let arguments: Vec<&str> = block.lines().next().unwrap().split(' ').collect();
    assert_eq!(arguments, ["keywords", "--refresh"]);
    let ran = catalog.run_against(&account, &arguments);
    assert_snapshot!(ran.shown());
    let list = std::fs::read_to_string(catalog.path().join("keywords/AWS_Config.txt")).unwrap();
    assert_eq!(
        list.lines().next(),
        Some("# Keywords of AWS_Config as Audit Manager lists them (ListKeywordsForDataSource).")
    );
    assert!(list.lines().skip(1).is_sorted() && list.lines().count() > 20);
    let checked = catalog.run(&["lint"]);
    assert!(
        checked.stdout.contains("unknown-config-rule") && checked.stdout.contains("keywords/AWS_Config.txt"),
        "{}",
        checked.shown()
    );
    let again = catalog.run_against(&account, &["keywords", "--refresh"]);
    assert_eq!(again.stderr.matches(".txt: no changes").count(), 4, "{}", again.shown());
    let local = catalog.run(&["keywords", "--refresh", "--local", "--quiet"]);
    assert_eq!((local.code, local.stderr.as_str()), (0, ""));
}

#[test]
fn a_failed_refresh_replaces_nothing() {
    let (catalog, account) = (catalog(), Account::new());
    let fault = Fault {
        operation: Some("auditmanager:ListKeywordsForDataSource".into()),
        account: None,
        skip: 2,
        times: 1,
        effect: Effect::Deny,
    };
    account.emulator.inject(fault).unwrap();
    let ran = catalog.run_against(&account, &["keywords", "--refresh"]);
    assert_snapshot!(ran.shown());
    assert!(!catalog.path().join("keywords").exists());
}

//! Catalogs that an earlier version applied: their ownership tags and digests stay valid.
//!
//! `applied-earlier` has such a catalog, and in `account.json` the objects that version 0.1.0 created from it.

use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::support::{Account, Catalog, copy};

const KEYS: &str = "controls/keys.yaml";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cli/applied-earlier")
}

/// The catalog, and the account after an edit, long enough ago for the cache to keep its objects.
fn applied_earlier(edit_account: impl FnOnce(&mut Json)) -> (Catalog, Account) {
    let (catalog, account) = (Catalog::new(&[]), Account::new());
    copy(&folder(), catalog.path());
    let mut seed = serde_json::from_str(&std::fs::read_to_string(folder().join("account.json")).unwrap()).unwrap();
    edit_account(&mut seed);
    account.seed(seed);
    account.http("POST", "/_emulator/time", &json!({ "passHours": 1 }));
    (catalog, account)
}

/// Kind and origin of the only change.
fn only_change(catalog: &Catalog, account: &Account) -> (Json, Json) {
    let plan = catalog.run_against(account, &["plan", "--format", "json"]).json();
    let changes = plan["changes"].as_array().unwrap().iter().filter(|change| change["kind"] != "unchanged");
    let [change] = changes.collect::<Vec<_>>().try_into().unwrap();
    (change["kind"].clone(), change["changedBy"].clone())
}

#[test]
fn a_catalog_applied_by_an_earlier_version_has_no_changes() {
    let (catalog, account) = applied_earlier(|_| ());
    let plan = catalog.run_against(&account, &["plan"]);
    assert_eq!(plan.code, 0, "{}", plan.shown());
    assert!(plan.stdout.contains("No changes. 2 controls and 1 framework match the catalog."), "{}", plan.shown());
}

#[test]
fn the_digest_of_an_earlier_version_distinguishes_an_edit_from_drift() {
    let (catalog, account) = applied_earlier(|_| ());
    let text = std::fs::read_to_string(folder().join(KEYS)).unwrap();
    catalog.write(KEYS, &text.replace("90 days", "60 days"));
    assert_eq!(only_change(&catalog, &account), (json!("update"), json!("file")));

    let (catalog, account) =
        applied_earlier(|seed| seed["controls"][0]["description"] = json!("Edited in the console."));
    assert_eq!(only_change(&catalog, &account), (json!("update"), json!("account")));
}

#[test]
fn a_cache_of_another_version_is_not_used_and_the_reason_is_shown() {
    let (catalog, account) = applied_earlier(|_| ());
    catalog.run_against(&account, &["plan"]);
    let folder = catalog.path().join(".controlsync/cache");
    let cache = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(&cache).unwrap();
    assert!(text.contains("Keys are rotated"), "{text}");
    for (other, reason) in [
        (text.replacen("\"version\":2", "\"version\":1", 1), "another version of controlsync wrote it"),
        (text[..text.len() / 2].to_owned(), "it is damaged"),
    ] {
        std::fs::write(&cache, other).unwrap();
        let plan = catalog.run_against(&account, &["plan"]);
        let note = format!("note: the cache is not used: {reason}; reading the account again\n");
        assert!(plan.stderr.ends_with(&note), "{}", plan.shown());
        assert_eq!(plan.code, 0, "{}", plan.shown());
        assert_eq!(std::fs::read_to_string(&cache).unwrap(), text, "it is written again");
    }
}

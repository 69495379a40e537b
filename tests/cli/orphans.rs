//! Objects without a file: every plan lists them and leaves them unchanged.

use insta::assert_snapshot;
use serde_json::json;

use crate::support::{Account, Catalog};

fn applied() -> (Catalog, Account) {
    let catalog = Catalog::new(&[
        ("controls/a.yaml", "name: Backups are made\n"),
        ("controls/b.yaml", "name: Restores are tried\n"),
        (
            "frameworks/f.yaml",
            "name: Continuity\ncontrolSets:\n  - name: All\n    controls: [Backups are made, Restores are tried]\n",
        ),
    ]);
    let account = Account::new();
    account.seed(json!({ "controls": [
        { "name": "Clicked together" }, { "name": "Theirs", "tags": { "controlsync:catalog": "theirs" } }
    ] }));
    let ran = catalog.run_against(&account, &["apply", "--yes", "--quiet"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    (catalog, account)
}

#[test]
fn a_rename_without_the_old_name_is_detected() {
    let (catalog, account) = applied();
    catalog.edit("controls/a.yaml", "Backups are made", "Backups are made daily");
    catalog.edit("frameworks/f.yaml", "Backups are made", "Backups are made daily");
    std::fs::remove_file(catalog.path().join("controls/b.yaml")).unwrap();
    catalog.edit("frameworks/f.yaml", ", Restores are tried", "");
    account.emulator.take_requests();
    let mut shown = String::new();
    for arguments in [&["plan"][..], &["plan", "--format", "markdown"]] {
        shown += &catalog.run_against(&account, arguments).shown_after(arguments);
    }
    let json = catalog.run_against(&account, &["plan", "--format", "json"]).json();
    shown += &serde_json::to_string_pretty(&json["orphans"]).unwrap();
    // IDs differ in each run.
    for orphan in json["orphans"].as_array().unwrap() {
        shown = shown.replace(orphan["id"].as_str().unwrap(), "ID");
    }
    assert_snapshot!(shown);
    assert!(account.writes().is_empty());
    let chosen = catalog.run_against(&account, &["plan", "--only", "Continuity"]);
    assert!(!chosen.stdout.contains("no file and remain"), "{}", chosen.shown());
    let pruned = catalog.run_against(&account, &["plan", "--prune", "--catalog", "default"]);
    assert!(!pruned.stdout.contains("no file and remain"), "rejected deletions are changes: {}", pruned.shown());
    // With the old name, it is a rename and no object is left without a file.
    catalog.edit("controls/a.yaml", "daily\n", "daily\nrenamedFrom: [Backups are made]\n");
    catalog.write("controls/b.yaml", "name: Restores are tried\n");
    let ran = catalog.run_against(&account, &["plan"]);
    assert!(ran.stdout.contains("~ rename") && !ran.stdout.contains("no file and remain"), "{}", ran.shown());
}

#[test]
fn an_object_without_a_file_is_listed_without_other_changes() {
    let (catalog, account) = applied();
    std::fs::remove_file(catalog.path().join("frameworks/f.yaml")).unwrap();
    let ran = catalog.run_against(&account, &["plan"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert_snapshot!(ran.stdout);
    let ran = catalog.run_against(&account, &["apply", "--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(ran.stdout.contains("no file and remain"), "{}", ran.shown());
}

#[test]
fn taking_over_from_a_catalog_that_owns_nothing_is_a_warning() {
    let (catalog, account) = applied();
    let ran = catalog.run_against(&account, &["plan", "--take-over", "missing", "--take-over", "theirs"]);
    assert_eq!(
        ran.stderr,
        "warning: --take-over \"missing\": no object in the account is owned by a catalog with this name\n"
    );
}

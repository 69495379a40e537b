//! Objects whose files are gone: every plan names them, and does nothing to them.

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
fn a_rename_without_its_old_name_is_seen() {
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
    // Ids are new each time.
    for orphan in json["orphans"].as_array().unwrap() {
        shown = shown.replace(orphan["id"].as_str().unwrap(), "ID");
    }
    assert_snapshot!(shown);
    assert!(account.writes().is_empty());
    let chosen = catalog.run_against(&account, &["plan", "--only", "Continuity"]);
    assert!(!chosen.stdout.contains("no file any more"), "{}", chosen.shown());
    let pruned = catalog.run_against(&account, &["plan", "--prune", "--catalog", "default"]);
    assert!(!pruned.stdout.contains("no file any more"), "what is refused is a change of the plan: {}", pruned.shown());
    // With the old name it is a rename, and nothing is left behind.
    catalog.edit("controls/a.yaml", "daily\n", "daily\nrenamedFrom: [Backups are made]\n");
    catalog.write("controls/b.yaml", "name: Restores are tried\n");
    let ran = catalog.run_against(&account, &["plan"]);
    assert!(ran.stdout.contains("~ rename") && !ran.stdout.contains("no file any more"), "{}", ran.shown());
}

#[test]
fn nothing_differs_and_an_object_has_no_file() {
    let (catalog, account) = applied();
    std::fs::remove_file(catalog.path().join("frameworks/f.yaml")).unwrap();
    let ran = catalog.run_against(&account, &["plan"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert_snapshot!(ran.stdout);
    let ran = catalog.run_against(&account, &["apply", "--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(ran.stdout.contains("no file any more"), "{}", ran.shown());
}

#[test]
fn a_catalog_to_take_over_that_owns_nothing_is_told() {
    let (catalog, account) = applied();
    let ran = catalog.run_against(&account, &["plan", "--take-over", "nobody", "--take-over", "theirs"]);
    assert_eq!(
        ran.stderr,
        "warning: --take-over \"nobody\": nothing in the account belongs to a catalog of this name\n"
    );
}

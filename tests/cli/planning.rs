//! Options of `plan` and `apply`: prune, take over, plan a part, save a plan, and the impact of changes.

use controlsync_emulator::{Effect, Fault};
use insta::assert_snapshot;
use serde_json::json;

use crate::support::{Account, Catalog};

fn catalog() -> Catalog {
    Catalog::new(&[
        ("controlsync.toml", "catalog = \"backup-team\"\n"),
        ("controls/backup.yaml", "name: Backup\ndescription: Data is backed up.\n"),
        ("controls/restore.yaml", "name: Restore\ndescription: Restores are tried.\n"),
        ("controls/offsite.yaml", "name: Offsite\n"),
        (
            "frameworks/continuity.yaml",
            "name: Continuity\ncontrolSets:\n  - name: Data\n    controls: [Backup, Restore]\n",
        ),
    ])
}

/// An account that the catalog was applied to, with an active assessment of its framework.
fn assessed() -> (Catalog, Account) {
    let (catalog, account) = (catalog(), Account::new());
    let ran = catalog.run_against(&account, &["apply", "--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let list = account.http("GET", "/assessmentFrameworks?frameworkType=Custom", &json!({}));
    let id = list["frameworkMetadataList"][0]["id"].clone();
    account.seed(json!({ "assessments": [{ "name": "Audit of this year", "frameworkId": id }] }));
    account.emulator.take_requests();
    (catalog, account)
}

fn fault(operation: &str, times: u32, effect: Effect) -> Fault {
    Fault { operation: Some(format!("auditmanager:{operation}")), account: None, skip: 0, times, effect }
}

/// Replaces IDs, which differ in each run.
fn without_ids(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('(') {
        let is_id = rest.as_bytes().get(at + 37) == Some(&b')') && rest.as_bytes().get(at + 9) == Some(&b'-');
        let end = if is_id { at + 38 } else { at + 1 };
        shown += &rest[..at];
        shown += if is_id { "(ID)" } else { "(" };
        rest = &rest[end..];
    }
    shown + rest
}

#[test]
fn a_change_shows_its_impact() {
    let (catalog, account) = assessed();
    catalog.edit("controls/backup.yaml", "Data is backed up.", "Data is backed up daily.");
    catalog.write("controls/restore.yaml", "name: Restore\ndescription: Restores are tried.\ntags: {A: b}\n");
    catalog.edit("frameworks/continuity.yaml", "name: Data", "name: All data");
    let ran = catalog.run_against(&account, &["plan"]);
    assert_snapshot!(ran.shown());
    let plan = catalog.run_against(&account, &["plan", "--format", "json"]).json();
    let impact = |number: usize, what: &str| plan["changes"][number]["impact"][what][0]["name"].clone();
    assert_eq!((impact(0, "frameworks"), impact(0, "assessments")), ("Continuity".into(), "Audit of this year".into()));
    account.emulator.take_requests();
    catalog.run_against(&account, &["plan", "--no-impact"]);
    let requests = account.emulator.take_requests();
    assert!(requests.iter().all(|request| !request.operation.contains("ListAssessments")), "{requests:#?}");
}

#[test]
fn an_impact_that_cannot_be_read_is_unknown() {
    let (catalog, account) = assessed();
    catalog.edit("controls/backup.yaml", "Data is backed up.", "Data is backed up daily.");
    account.emulator.inject(fault("ListAssessments", 9, Effect::Deny)).unwrap();
    let ran = catalog.run_against(&account, &["plan"]);
    assert_snapshot!(ran.shown());
}

#[test]
fn prune_deletes_objects_without_a_file_and_shows_their_impact() {
    let (catalog, account) = assessed();
    std::fs::remove_file(catalog.path().join("controls/restore.yaml")).unwrap();
    assert_eq!(catalog.run_against(&account, &["plan", "--only", "Offsite"]).code, 0, "without --prune");
    catalog.edit("frameworks/continuity.yaml", "[Backup, Restore]", "[Backup]");
    assert_snapshot!("prune", catalog.run_against(&account, &["plan", "--prune"]).shown());
    account.emulator.take_requests();
    let ran = catalog.run_against(&account, &["apply", "--prune", "--yes"]);
    assert_eq!(
        (ran.code, account.writes()),
        (0, ["UpdateAssessmentFramework", "TagResource", "DeleteControl"].map(str::to_owned).to_vec())
    );
    assert_eq!(catalog.run_against(&account, &["plan", "--prune"]).code, 0);
}

#[test]
fn a_control_that_a_framework_still_uses_is_not_deleted() {
    let (catalog, account) = assessed();
    std::fs::remove_file(catalog.path().join("controls/restore.yaml")).unwrap();
    for only in [&["--only", "Restore"][..], &[]] {
        let ran = catalog.run_against(&account, &[&["apply", "--prune", "--yes"], only].concat());
        assert_eq!(ran.code, 1, "{}", ran.shown());
        assert!(ran.stdout.contains("error[pruned-control]"), "{}", ran.shown());
        assert!(ran.stdout.contains("blocked by: framework Continuity"), "{}", ran.shown());
    }
    // Two controls have the name: neither is deleted, because it is unknown which one is meant.
    account.seed(json!({ "controls": [{ "name": "Restore", "tags": { "controlsync:catalog": "backup-team" } }] }));
    let ran = catalog.run_against(&account, &["apply", "--prune", "--yes", "--max-deletes", "9"]);
    assert_eq!((ran.code, account.writes()), (1, vec![]), "{}", ran.shown());
}

#[test]
fn a_control_is_not_deleted_if_its_framework_was_not_updated() {
    let (catalog, account) = assessed();
    std::fs::remove_file(catalog.path().join("controls/restore.yaml")).unwrap();
    catalog.write("controls/drill.yaml", "name: Drill\n");
    catalog.edit("frameworks/continuity.yaml", "[Backup, Restore]", "[Drill, Backups]");
    let ran = catalog.run_against(&account, &["apply", "--prune", "--yes"]);
    assert_eq!((ran.code, account.writes()), (1, vec!["CreateControl".to_owned()]), "{}", ran.shown());
    assert!(
        ran.stdout
            .contains("delete  control   Restore     controls/restore.yaml\n    blocked by: framework Continuity"),
        "{}",
        ran.shown()
    );
    catalog.edit("frameworks/continuity.yaml", "[Drill, Backups]", "[Drill]");
    account.emulator.take_requests();
    account.emulator.inject(fault("UpdateAssessmentFramework", 1, Effect::Deny)).unwrap();
    let ran = catalog.run_against(&account, &["apply", "--prune", "--yes"]);
    assert_eq!((ran.code, account.writes()), (1, vec!["UpdateAssessmentFramework".to_owned()]), "{}", ran.shown());
    account.emulator.take_requests();
    let ran = catalog.run_against(&account, &["apply", "--prune", "--yes"]);
    assert_eq!(
        (ran.code, account.writes()),
        (0, ["UpdateAssessmentFramework", "TagResource", "DeleteControl"].map(str::to_owned).to_vec()),
        "{}",
        ran.shown()
    );
}

#[test]
fn a_saved_deletion_is_rejected_if_the_control_has_new_users() {
    let (catalog, account) = assessed();
    std::fs::remove_file(catalog.path().join("controls/offsite.yaml")).unwrap();
    assert_eq!(catalog.run_against(&account, &["plan", "--prune", "--out", "plan.json"]).code, 3);
    let id = "7c3f5a9e-0d6e-4f5b-8f57-1a2b3c4d5e70";
    let sets = json!([{ "name": "All", "controls": [account.control("Offsite")["id"]] }]);
    account.seed(json!({
        "frameworks": [{ "id": id, "name": "Unmanaged", "controlSets": sets }],
        "assessments": [{ "name": "Unmanaged", "frameworkId": id }],
    }));
    let ran = catalog.run_against(&account, &["apply", "--plan", "plan.json"]);
    assert_eq!((ran.code, account.writes()), (2, vec![]), "{}", ran.shown());
    assert!(ran.stderr.contains("usage of the control Offsite"), "{}", ran.shown());
    assert_eq!(catalog.run_against(&account, &["plan", "--prune", "--out", "plan.json"]).code, 3);
    let ran = catalog.run_against(&account, &["apply", "--plan", "plan.json"]);
    assert_eq!((ran.code, account.writes()), (0, vec!["DeleteControl".to_owned()]), "{}", ran.shown());
}

#[test]
fn a_rename_needs_one_apply_if_a_framework_uses_the_id() {
    let (catalog, account) = assessed();
    let id = account.control("Restore")["id"].as_str().unwrap().to_owned();
    catalog.edit("frameworks/continuity.yaml", "Restore", &format!("{{id: {id}}}"));
    assert_eq!(catalog.run_against(&account, &["plan"]).code, 0, "a reference by ID is not a change");
    catalog.edit("controls/restore.yaml", "name: Restore", "name: Restored\nrenamedFrom: [Restore]");
    let ran = catalog.run_against(&account, &["apply", "--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let ran = catalog.run_against(&account, &["plan"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
}

#[test]
fn rename_conflicts_show_the_name_in_the_account() {
    let (catalog, account) = (catalog(), Account::new());
    let source = json!([{ "sourceName": "Manual Attestation", "sourceSetUpOption": "Procedural_Controls_Mapping",
        "sourceType": "MANUAL" }]);
    let control = |name: &str, description: &str, tags| json!({ "name": name, "description": description, "tags": tags, "controlMappingSources": source });
    account.seed(json!({ "controls": [
        control("Same", "Data is backed up.", json!({})),
        control("Foreign", "", json!({ "controlsync:catalog": "other-team" })),
        control("Twice", "", json!({})),
        control("Twice", "", json!({})),
    ] }));
    catalog.write("controls/backup.yaml", "name: Backup\ndescription: Data is backed up.\nrenamedFrom: [Same]\n");
    catalog.write("controls/restore.yaml", "name: Restore\nrenamedFrom: [Foreign]\n");
    catalog.write("controls/offsite.yaml", "name: Offsite\nrenamedFrom: [Twice]\n");
    catalog.edit("frameworks/continuity.yaml", "[Backup, Restore]", "[Backup, Foreign]");
    let ran = catalog.run_against(&account, &["plan", "--adopt", "never"]);
    assert_eq!(ran.code, 1, "{}", ran.shown());
    let ids = without_ids(&ran.stdout);
    for message in [
        "already has a control `Same` (ID) not managed by any catalog\n",
        "`--adopt identical` takes it over; nothing but its name and tags would change",
        "the control `Foreign` (ID) is owned by another catalog, `other-team`",
        "the account has 2 controls named `Twice`",
        "`Foreign` is a former name of the control `Restore`",
    ] {
        assert!(ids.contains(message), "{message}\n{}", ran.shown());
    }
    let ran = catalog.run_against(&account, &["plan", "--only", "Backup"]);
    assert_eq!(ran.code, 3, "{}", ran.shown());
}

#[test]
fn the_guards_of_prune_reject_deletions() {
    let (catalog, account) = assessed();
    for file in ["controls/restore.yaml", "controls/offsite.yaml", "frameworks/continuity.yaml"] {
        std::fs::remove_file(catalog.path().join(file)).unwrap();
    }
    let json = catalog.run_against(&account, &["apply", "--prune", "--yes", "--format=json"]);
    assert_eq!((json.code, json.json()["changes"][1]["result"].as_str()), (2, Some("blocked")));
    assert_snapshot!("too_many", catalog.run_against(&account, &["apply", "--prune", "--yes"]).shown());
    assert_eq!(account.writes(), [""; 0]);
    std::fs::remove_file(catalog.path().join("controls/backup.yaml")).unwrap();
    let ran = catalog.run_against(&account, &["apply", "--prune", "--max-deletes=9", "--yes"]);
    assert_eq!((ran.code, account.writes()), (2, vec![]), "{}", ran.shown());
    assert_snapshot!("no_files", ran.shown());
    let (catalog, account) = (self::catalog(), Account::new());
    std::fs::remove_file(catalog.path().join("controlsync.toml")).unwrap();
    catalog.run_against(&account, &["apply", "--yes"]);
    std::fs::remove_file(catalog.path().join("controls/offsite.yaml")).unwrap();
    account.emulator.take_requests();
    let ran = catalog.run_against(&account, &["apply", "--prune", "--yes"]);
    assert_eq!(account.writes(), [""; 0]);
    assert_snapshot!("default_name", ran.shown());
}

#[test]
fn objects_of_another_catalog_can_be_taken_over() {
    let (catalog, account) = assessed();
    catalog.write("controlsync.toml", "catalog = \"resilience-team\"\n");
    assert_eq!(catalog.run_against(&account, &["plan"]).code, 1);
    catalog.edit("controls/backup.yaml", "Data is backed up.", "Data is backed up daily.");
    let ran = catalog.run_against(&account, &["plan", "--take-over", "backup-team"]);
    assert_snapshot!(without_ids(&ran.shown()));
    let ran = catalog.run_against(&account, &["apply", "--take-over", "backup-team", "--adopt", "all", "--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert_eq!(catalog.run_against(&account, &["plan"]).code, 0);
}

#[test]
fn only_plans_an_object_with_the_controls_it_needs() {
    let (catalog, account) = (catalog(), Account::new());
    let ran = catalog.run_against(&account, &["apply", "--only", "Continuity", "--yes"]);
    assert_snapshot!(ran.shown());
    let ran = catalog.run_against(&account, &["plan", "--prune", "--only", "Bakup"]);
    assert!(ran.code == 2 && ran.stderr.contains("there is none to delete"), "{}", ran.shown());
    assert_snapshot!("unknown_name", catalog.run_against(&account, &["plan", "--only", "Bakup"]).shown());
}

#[test]
fn a_saved_plan_is_applied_only_if_nothing_changed() {
    let (catalog, account) = assessed();
    catalog.edit("controls/backup.yaml", "Data is backed up.", "Data is backed up daily.");
    let saved = catalog.run_against(&account, &["plan", "--out", "plan.json"]);
    assert_eq!(saved.code, 3, "{}", saved.shown());
    catalog.edit("controls/offsite.yaml", "name: Offsite", "name: Offsite\ndescription: Far away.");
    assert_snapshot!("files_changed", catalog.run_against(&account, &["apply", "--plan", "plan.json"]).shown());
    catalog.edit("controls/offsite.yaml", "name: Offsite\ndescription: Far away.", "name: Offsite");
    account.edit_control("Backup", "testingInformation", "Clicked together.");
    let ran = catalog.run_against(&account, &["apply", "--plan", "plan.json"]);
    assert_snapshot!("objects_changed", without_ids(&ran.shown()));
    account.edit_control("Backup", "testingInformation", "");
    account.edit_control("Offsite", "description", "Clicked together.");
    let ran = catalog.run_against(&account, &["apply", "--plan", "plan.json"]);
    assert_snapshot!("another_change", without_ids(&ran.shown()));
    account.edit_control("Offsite", "description", "");
    assert_eq!(account.writes(), [""; 0]);
    let ran = catalog.run_against(&account, &["apply", "--plan", "plan.json"]);
    assert_eq!((ran.code, account.writes()), (0, vec!["UpdateControl".to_owned(), "TagResource".to_owned()]));
    let ran = catalog.run_against(&account, &["apply", "--plan", "plan.json"]);
    assert_eq!(ran.code, 2, "{}", ran.shown());
    catalog.write("other.json", "{\"version\": 7}");
    assert_snapshot!("another_version", catalog.run_against(&account, &["apply", "--plan", "other.json"]).shown());
    assert_snapshot!("not_a_plan", catalog.run_against(&account, &["apply", "--plan", "controls/backup.yaml"]).shown());
    assert_eq!(catalog.run_against(&account, &["apply", "--plan", "plan.json", "--prune"]).code, 2);
}

#[test]
fn a_rejected_field_is_shown_with_its_location_in_the_file() {
    let (catalog, account) = (catalog(), Account::new());
    catalog.write(
        "controls/managed.yaml",
        "name: Managed\ndatasources:\n  - sourceName: By hand\n    sourceType: MANUAL\n  - sourceName: Core\n    sourceType: Core_Control\n    sourceKeyword:\n      keywordValue: 7c3f5a9e-0d6e-4f5b-8f57-1a2b3c4d5e6f\n",
    );
    let ran = catalog.run_against(&account, &["apply", "--only", "Managed", "--yes"]);
    assert_snapshot!(ran.shown());
    let json = catalog.run_against(&account, &["apply", "--only", "Managed", "--yes", "--format=json"]).json();
    assert_eq!(json["changes"][0]["error"]["kind"], "service");
    let field = &json["changes"][0]["error"]["fields"][0];
    assert_eq!(field["pointer"], "/datasources/1/sourceKeyword/keywordValue");
    assert_eq!((&field["span"]["start"]["line"], &field["span"]["start"]["column"]), (&json!(8), &json!(21)));
}

#[test]
fn a_missing_permission_is_reported_with_the_action() {
    let (catalog, account) = (catalog(), Account::new());
    account.emulator.inject(fault("CreateControl", 99, Effect::Deny)).unwrap();
    assert_snapshot!("to_write", catalog.run_against(&account, &["apply", "--only", "Backup", "--yes"]).shown());
    account.emulator.clear_faults();
    account.emulator.inject(fault("ListControls", 99, Effect::Deny)).unwrap();
    assert_snapshot!("to_read", catalog.run_against(&account, &["plan"]).shown());
}

#[test]
fn the_cache_is_written_for_the_next_run_and_is_optional() {
    let (catalog, account) = assessed();
    catalog.run_against(&account, &["plan"]);
    let cache = catalog.path().join(".controlsync/cache");
    let files: Vec<_> = std::fs::read_dir(&cache).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!(std::fs::read_to_string(catalog.path().join(".controlsync/.gitignore")).unwrap(), "*\n");
    for text in ["", "{", "{\"version\":1}"] {
        std::fs::write(&files[0], text).unwrap();
        let ran = catalog.run_against(&account, &["plan"]);
        assert!(ran.code == 0 && ran.stderr.starts_with("note: the cache is not used: "), "{}", ran.shown());
    }
    std::fs::remove_dir_all(catalog.path().join(".controlsync")).unwrap();
    catalog.write(".controlsync", "a file instead of a directory");
    let ran = catalog.run_against(&account, &["plan"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(ran.stderr.starts_with("warning: cannot write the cache for the next run: "), "{}", ran.shown());
}

#[test]
fn an_unknown_control_has_no_other_findings() {
    let (catalog, account) = assessed();
    catalog.edit("frameworks/continuity.yaml", "[Backup, Restore]", "[Backup, Restoer]");
    let ran = catalog.run_against(&account, &["plan"]);
    assert_snapshot!(ran.shown());
}

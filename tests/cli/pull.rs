use std::fmt::Write as _;

use insta::assert_snapshot;
use serde_json::json;

use crate::support::{Account, Catalog, Ran};

const ID: &str = "7c3f5a9e-0d6e-4f5b-8f57-00000000000";

/// An account with controls and a framework that were created in the console.
fn created_in_console() -> Account {
    let account = Account::new();
    let id = |number: u32| format!("{ID}{number}");
    account.seed(json!({
        "controls": [
            { "id": id(1), "name": "Access: keys are rotated", "description": "No key is older than 90 days.\nOld keys leak.\n",
              "tags": { "Family": "Access", "Version": "1.10" },
              "controlMappingSources": [
                { "sourceName": "Rule", "sourceType": "AWS_Config", "sourceKeyword": { "keywordInputType": "SELECT_FROM_LIST", "keywordValue": "ACCESS_KEYS_ROTATED" } },
                { "sourceName": "List", "sourceType": "AWS_API_Call", "sourceFrequency": "WEEKLY", "sourceKeyword": { "keywordInputType": "SELECT_FROM_LIST", "keywordValue": "iam_ListUsers" } } ] },
            { "id": id(2), "name": "Backup",
              "controlMappingSources": [
                { "sourceName": "Rule", "sourceType": "AWS_Config", "sourceKeyword": { "keywordInputType": "SELECT_FROM_LIST", "keywordValue": "BACKUPS_ARE_MADE" } } ] },
            { "id": id(3), "name": "Attested", "controlMappingSources": [{ "sourceName": "Manual Attestation", "sourceType": "MANUAL" }] },
            { "id": id(4), "type": "Core", "name": "Our buckets" },
            { "id": id(5), "type": "Standard", "name": "Twice" },
            { "id": id(6), "type": "Standard", "name": "Twice" },
            { "id": id(7), "type": "Standard", "name": "Old and new" },
            { "id": id(8), "type": "Standard", "name": "Old and new", "state": "END_OF_SUPPORT" },
        ],
        "frameworks": [{ "name": "Baseline", "description": "yes", "complianceType": "NIST", "controlSets": [
            { "name": "2", "controls": [id(1), id(3)] }, { "name": "Of AWS", "controls": [id(4), id(5), id(7)] }] }],
    }));
    account
}

/// The files of a directory with their content.
fn shown(catalog: &Catalog) -> String {
    let mut text = String::new();
    for folder in ["controls", "frameworks"] {
        let Ok(entries) = std::fs::read_dir(catalog.path().join(folder)) else { continue };
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        for name in names {
            let content = std::fs::read_to_string(catalog.path().join(folder).join(&name)).unwrap();
            writeln!(text, "── {folder}/{name}\n{}", content.trim_end()).unwrap();
        }
    }
    text
}

fn pulled(catalog: &Catalog, account: &Account, more: &[&str]) -> Ran {
    catalog.run_against(account, &[&["pull"], more].concat())
}

#[test]
fn objects_from_the_console_become_files_that_lint_accepts_and_plan_adopts() {
    let (catalog, account) = (Catalog::new(&[]), created_in_console());
    let nothing = pulled(&catalog, &account, &[]);
    let first = pulled(&catalog, &account, &["--unmanaged"]);
    assert_snapshot!(format!(
        "{}\n{}\n{}",
        nothing.shown_after(&["pull"]),
        first.shown_after(&["pull", "--unmanaged"]),
        shown(&catalog)
    ));
    assert_eq!(catalog.run(&["lint"]).code, 0);
    let plan = catalog.run_against(&account, &["plan", "--format", "json"]).json();
    let changes = plan["changes"].as_array().unwrap();
    assert!(changes.iter().all(|change| change["kind"] == "adopt" && change["fields"] == json!([])), "{plan}");
    let before = shown(&catalog);
    let again = pulled(&catalog, &account, &["--unmanaged"]);
    assert_eq!((again.code, shown(&catalog)), (0, before), "{}", again.shown());
    assert_eq!(account.writes(), [""; 0]);
}

#[test]
fn files_that_match_the_account_are_not_changed() {
    let (catalog, account) = (Catalog::sample(), Account::new());
    assert_eq!(catalog.run_against(&account, &["apply", "--yes"]).code, 0);
    let ran = pulled(&catalog, &account, &[]);
    assert_snapshot!(ran.shown());
    let untouched = Catalog::sample();
    let files = |of: &Catalog| crate::support::texts(of.path());
    assert_eq!(files(&catalog), files(&untouched));
    // In an empty directory, they are written to their original paths.
    let ran = pulled(&catalog, &account, &["--out", "copy"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let copied: Vec<_> = crate::support::texts(&catalog.path().join("copy")).into_keys().collect();
    assert_eq!(copied, files(&untouched).into_keys().collect::<Vec<_>>());
    let plan = catalog.run_against(&account, &["plan", "--catalog-dir", "copy"]);
    assert_eq!(plan.code, 0, "{}", plan.shown());
}

#[test]
fn a_file_that_differs_is_replaced_only_with_overwrite() {
    let catalog = Catalog::new(&[
        ("controls/backup.yaml", "# Ours.\nname: Backup\ndescription: Daily.\ntags:\n  Owner: Storage\n"),
        ("controls/other.json", "{ \"name\": \"Other\", \"description\": \"yes\" }"),
    ]);
    let account = Account::new();
    assert_eq!(catalog.run_against(&account, &["apply", "--yes"]).code, 0);
    account.edit_control("Backup", "description", "Every hour.");
    account.edit_control("Other", "description", "on");
    let before = shown(&catalog);
    let refused = pulled(&catalog, &account, &[]);
    assert_eq!(shown(&catalog), before);
    let replaced = pulled(&catalog, &account, &["--overwrite"]);
    assert_snapshot!(format!("{}\n{}\n{}", refused.shown(), replaced.shown(), shown(&catalog)));
    // The files are the desired state now; only the tag that records their digest changes.
    let plan = catalog.run_against(&account, &["plan", "--format", "json"]).json();
    assert!(plan["changes"].as_array().unwrap().iter().all(|change| change["kind"] == "retag"), "{plan}");
}

/// A control with all keys that only files have.
const WITH_KEYS_OF_FILES: &str = "\
severity: high
procedureUrl: https://wiki.example.com/keys
name: Keys
description: No key is older than 90 days.
datasources:
  - sourceName: Rule
    sourceType: AWS_Config
    sourceKeyword: {keywordValue: ACCESS_KEYS_ROTATED}
    requiredParameters: {maxAccessKeyAge: {atMost: 90}}
    remediation: {ssmDocument: AWS-PublishSNSNotification, parameters: {Message: RESOURCE_ID}}
  - sourceName: House rule
    sourceType: AWS_Config
    sourceKeyword: {keywordValue: Custom_keys-conformance-pack}
    customRule: {guard: rules/keys.guard, resourceTypes: [AWS::IAM::User]}
";

/// The same control without them.
fn without_keys_of_files() -> String {
    const KEYS: [&str; 5] = ["severity", "procedureUrl", "requiredParameters", "remediation", "customRule"];
    let is_own = |line: &&str| KEYS.iter().any(|key| line.trim_start().starts_with(key));
    WITH_KEYS_OF_FILES.lines().filter(|line| !is_own(line)).map(|line| line.to_owned() + "\n").collect()
}

#[test]
fn keys_of_files_change_no_plan_and_a_pull_keeps_them() {
    let catalog = Catalog::new(&[("controls/keys.yaml", &without_keys_of_files())]);
    let account = Account::new();
    assert_eq!(catalog.run_against(&account, &["apply", "--yes"]).code, 0);
    catalog.write("controls/keys.yaml", WITH_KEYS_OF_FILES);
    catalog.write("rules/keys.guard", "rule keys {}\n");
    let exception = "check: ACCESS_KEYS_ROTATED\nreason: Migration\nuntil: 9999-12-31\n";
    catalog.write("exceptions/migration.yaml", exception);
    account.writes();
    let plan = catalog.run_against(&account, &["plan"]);
    assert_eq!(plan.code, 0, "{}", plan.shown());
    assert_eq!(catalog.run_against(&account, &["apply", "--yes"]).code, 0);
    assert_eq!(account.writes(), [""; 0]);
    // The account differs now: the pulled file has its description, and keeps what only files have.
    account.edit_control("Keys", "description", "No key is older than 60 days.");
    let pulled = pulled(&catalog, &account, &["--overwrite"]);
    assert_snapshot!(format!("{}\n{}", pulled.shown(), shown(&catalog)));
    assert_eq!(catalog.run(&["lint"]).code, 0);
    assert_eq!(std::fs::read_to_string(catalog.path().join("exceptions/migration.yaml")).unwrap(), exception);
}

#[test]
fn a_pull_that_would_drop_keys_of_files_is_refused() {
    let account = Account::new();
    let catalog = Catalog::new(&[("controls/keys.yaml", &without_keys_of_files())]);
    assert_eq!(catalog.run_against(&account, &["apply", "--yes"]).code, 0);
    account.edit_control("Keys", "description", "No key is older than 60 days.");
    let mut shown = String::new();
    for text in [
        &WITH_KEYS_OF_FILES.replace("ACCESS_KEYS_ROTATED", "IAM_USER_MFA_ENABLED").replace("Rule\n", "MFA\n"),
        &format!("{WITH_KEYS_OF_FILES}tags: {{\n"),
    ] {
        catalog.write("controls/keys.yaml", text);
        shown += &pulled(&catalog, &account, &["--overwrite"]).shown();
        assert_eq!(std::fs::read_to_string(catalog.path().join("controls/keys.yaml")).unwrap(), *text);
    }
    // The line of the object has its ID.
    let shown: Vec<&str> = shown.lines().filter(|line| !line.starts_with("! control")).collect();
    assert_snapshot!(shown.join("\n"));
}

#[test]
fn objects_that_cannot_be_files_are_skipped_with_a_reason() {
    let (catalog, account) = (Catalog::new(&[("controls/team.yaml", "name: Taken\n")]), Account::new());
    let id = |number: u32| format!("{ID}{number}");
    let tags: serde_json::Map<_, _> = (0..48).map(|number| (format!("Key{number}"), json!("v"))).collect();
    let owned = |name: &str| json!({ "controlsync:catalog": name });
    account.seed(json!({
        "controls": [
            { "id": id(1), "name": "Duplicate" }, { "id": id(2), "name": "Duplicate" },
            { "id": id(3), "name": "Many tags", "tags": tags },
            { "id": id(4), "name": "Unknown", "controlMappingSources": [{ "sourceName": "s", "sourceType": "AWS_Quantum" }] },
            { "id": id(5), "name": "Theirs", "tags": owned("theirs") },
            { "id": id(6), "name": "Long", "description": "x".repeat(1001) },
            { "id": id(7), "name": "Team" },
            { "id": id(8), "name": "CON" },
        ],
        "frameworks": [
            { "id": id(9), "name": "With an underscore", "controlSets": [{ "name": "a_b", "controls": [id(1)] }] },
            { "name": "Empty", "controlSets": [{ "name": "Nothing", "controls": [] }] },
            { "name": "Fine", "controlSets": [{ "name": "All", "controls": [id(1), id(6)] }] },
        ],
    }));
    let ids = |text: String| {
        let framework = account.http("GET", "/assessmentFrameworks?frameworkType=Custom", &json!({}));
        let list = framework["frameworkMetadataList"].as_array().unwrap().clone();
        let empty = list.iter().find(|item| item["name"] == "Empty").unwrap()["id"].as_str().unwrap().to_owned();
        text.replace(&empty, "ID OF EMPTY")
    };
    let ran = pulled(&catalog, &account, &["--unmanaged"]);
    assert_snapshot!(format!("{}\n{}", ids(ran.shown()), shown(&catalog)));
}

#[test]
fn a_data_source_without_a_name_is_named_after_its_type_and_keyword() {
    let (catalog, account) = (Catalog::new(&[]), Account::new());
    account.seed(json!({ "controls": [{ "name": "Keys", "controlMappingSources": [
        { "sourceType": "AWS_Config", "sourceKeyword": { "keywordInputType": "SELECT_FROM_LIST", "keywordValue": "ACCESS_KEYS_ROTATED" } },
        { "sourceType": "MANUAL" },
    ] }] }));
    let first = pulled(&catalog, &account, &["--unmanaged"]);
    assert_snapshot!(format!("{}\n{}", first.shown(), shown(&catalog)));
    let plan = catalog.run_against(&account, &["plan", "--format", "json"]).json();
    assert_eq!(plan["changes"][0]["kind"], "adopt");
    assert_eq!(plan["changes"][0]["fields"], json!([]));
}

#[test]
fn a_source_tag_cannot_lead_outside_the_catalog() {
    let (catalog, account) = (Catalog::new(&[]), Account::new());
    let elsewhere = tempfile::tempdir().unwrap();
    let object = |name: &str, path: &str| json!({ "name": name, "tags": { "controlsync:catalog": "default", "controlsync:source": path, "controlsync:applied": "x-" } });
    account.seed(json!({ "controls": [
        object("Up", "../up.yaml"), object("Root", "/etc/root.yaml"), object("Link", "controls/link/a.yaml"),
        object("Device", "controls/nul.yaml"), object("Framework", "frameworks/f.yaml"),
        object("Hidden", "controls/.git/h.yaml"),
        object("Note", "controls/README.md"), object("Own", "controls/team/own name.yml"),
    ] }));
    catalog.write("controls/README.md", "Mine.\n");
    #[cfg(unix)]
    std::os::unix::fs::symlink(elsewhere.path(), catalog.path().join("controls/link")).unwrap();
    let ran = pulled(&catalog, &account, &[]);
    let files: Vec<_> = crate::support::texts(catalog.path()).into_keys().collect();
    assert_snapshot!(format!("{}\n{}", ran.shown(), files.join("\n")));
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    // If `controls` itself is a link, nothing is written.
    let linked = Catalog::new(&[]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(elsewhere.path(), linked.path().join("controls")).unwrap();
        let ran = pulled(&linked, &account, &[]);
        assert_eq!((ran.code, std::fs::read_dir(elsewhere.path()).unwrap().count()), (2, 0), "{}", ran.shown());
        assert!(ran.stderr.contains("links are not followed"), "{}", ran.shown());
    }
}

#[test]
fn tags_that_no_file_sets_are_not_written_to_files() {
    let catalog = Catalog::new(&[
        ("controlsync.toml", "catalog = \"team\"\n[tags]\nOwner = \"Storage\"\n"),
        ("controls/backup.yaml", "name: Backup\ntags:\n  Family: Backup\n"),
    ]);
    let account = Account::new();
    assert_eq!(catalog.run_against(&account, &["apply", "--yes"]).code, 0);
    let arn = account.control("Backup")["arn"].as_str().unwrap().replace(':', "%3A").replace('/', "%2F");
    account.http("POST", &format!("/tags/{arn}"), &json!({ "tags": { "CostCenter": "42" } }));
    std::fs::remove_file(catalog.path().join("controls/backup.yaml")).unwrap();
    let ran = pulled(&catalog, &account, &[]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert_eq!(shown(&catalog), "── controls/backup.yaml\nname: Backup\ntags:\n  Family: Backup\n");
    assert_eq!(catalog.run_against(&account, &["plan"]).code, 0);
    // A directory without a configuration gets the objects of the catalog with all of their tags.
    let ran = pulled(&catalog, &account, &["--out", "copy"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let copy = std::fs::read_to_string(catalog.path().join("copy/controls/backup.yaml")).unwrap();
    assert_eq!(copy, "name: Backup\ntags:\n  Family: Backup\n  Owner: Storage\n");
}

#[test]
fn nothing_is_pulled_if_the_configuration_has_errors() {
    let (catalog, account) = (Catalog::new(&[("controlsync.toml", "catalog = 5\n")]), created_in_console());
    assert_snapshot!(pulled(&catalog, &account, &["--unmanaged"]).shown());
    assert!(!catalog.path().join("controls").exists());
}

#[test]
fn a_former_name_in_a_file_is_not_written_again() {
    let catalog = Catalog::new(&[("controls/old.yaml", "name: Old\n")]);
    let account = Account::new();
    assert_eq!(catalog.run_against(&account, &["apply", "--yes"]).code, 0);
    catalog.edit("controls/old.yaml", "name: Old\n", "name: New\nrenamedFrom: [Old]\n");
    let ran = pulled(&catalog, &account, &["--overwrite"]);
    assert_eq!(ran.code, 1, "{}", ran.shown());
    assert!(ran.stdout.contains("the catalog renames it to `New`"), "{}", ran.shown());
    assert_eq!(shown(&catalog), "── controls/old.yaml\nname: New\nrenamedFrom: [Old]\n");
}

#[test]
fn findings_in_pulled_files_are_ignored_with_a_reason() {
    let catalog = Catalog::new(&[(
        "controlsync.toml",
        "[lint.rules]\nplaceholder-text = \"error\"\nunknown-control = \"error\"\nnon-portable-file-name = \"error\"\n",
    )]);
    let account = Account::new();
    let object = |name: &str, path: &str, text: &str| {
        json!({ "id": format!("{ID}{}", name.len()), "name": name, "description": text,
            "tags": { "controlsync:catalog": "default", "controlsync:source": path } })
    };
    account.seed(json!({
        "controls": [
            object("A", "controls/a b.yaml", "TODO"),
            object("Bb", "controls/b.json", "TODO"),
            object("Ccc", "controls/c.yaml", "TODO\n"),
        ],
        "frameworks": [{ "name": "F", "tags": { "controlsync:catalog": "default" },
            "controlSets": [{ "name": "S", "controls": [format!("{ID}1"), format!("{ID}2")] }] }],
    }));
    let ran = pulled(&catalog, &account, &[]);
    assert_snapshot!(format!("{}\n{}", ran.shown(), shown(&catalog)));
    let lint = catalog.run(&["lint"]);
    assert_eq!(lint.code, 0, "{}", lint.shown());
    assert_eq!(pulled(&catalog, &account, &[]).code, 0);
    // A comment that was removed is restored only if files may be replaced.
    let file = catalog.path().join("controls/c.yaml");
    let commented = std::fs::read_to_string(&file).unwrap();
    let bare: String = commented.split_inclusive('\n').filter(|line| !line.contains("controlsync: ignore")).collect();
    assert_ne!(bare, commented);
    std::fs::write(&file, &bare).unwrap();
    pulled(&catalog, &account, &[]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), bare);
    pulled(&catalog, &account, &["--overwrite"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), commented);
}

#[test]
fn an_unreadable_file_counts_as_the_object_it_was_applied_from() {
    let catalog = Catalog::new(&[("controls/backup.yaml", "name: Backup\n")]);
    let account = Account::new();
    assert_eq!(catalog.run_against(&account, &["apply", "--yes"]).code, 0);
    catalog.edit("controls/backup.yaml", "name: Backup\n", "name: [Backup\n");
    let ran = pulled(&catalog, &account, &[]);
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("! control   Backup  controls/backup.yaml\n    not written"), "{}", ran.shown());
    // Another object with the same source path is written to a new file.
    account.seed(json!({ "controls": [{ "name": "Later", "tags": {
        "controlsync:catalog": "default", "controlsync:source": "controls/backup.yaml" } }] }));
    assert_eq!(pulled(&catalog, &account, &["--overwrite"]).code, 0);
    let files: Vec<_> = crate::support::texts(catalog.path()).into_keys().collect();
    assert_eq!(files, ["controls/backup.yaml", "controls/later.yaml"]);
    assert_eq!(catalog.run_against(&account, &["plan", "--only", "Backup"]).code, 0);
    // Two files define the same name, so it is unknown which one to replace.
    catalog.write("controls/again.yaml", "name: Backup\n");
    let ran = pulled(&catalog, &account, &["--overwrite"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stdout.contains("several files define it: `controls/again.yaml`, `controls/backup.yaml`"),
        "{}",
        ran.shown()
    );
}

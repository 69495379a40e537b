//! `export conformance-pack` as users and pipelines run it.

use std::collections::BTreeSet;

use insta::assert_snapshot;

use crate::output_schemas;
use crate::support::{Catalog, Ran, copy, texts};

const KEYS: &str = "name: Keys are rotated
datasources:
  - sourceName: Keys are younger than the limit
    sourceType: AWS_Config
    sourceKeyword: {keywordValue: ACCESS_KEYS_ROTATED}
    requiredParameters:
      maxAccessKeyAge: {atMost: 90}
    remediation:
      ssmDocument: AWS-PublishSNSNotification
      automationRole: arn:aws:iam::111122223333:role/Notify
      automatic: true
      parameters: {TopicArn: \"arn:aws:sns:eu-west-1:111122223333:keys\", Message: RESOURCE_ID}
";
const VOLUMES: &str = "name: Volumes are encrypted
datasources:
  - sourceName: Attached volumes are encrypted
    sourceType: AWS_Config
    sourceKeyword: {keywordValue: ENCRYPTED_VOLUMES}
  - sourceName: House rule
    sourceType: AWS_Config
    sourceKeyword: {keywordValue: Custom_house-rule-conformance-pack}
    customRule: {guard: rules/house.guard, resourceTypes: [AWS::EC2::Volume]}
  - sourceName: Function
    sourceType: AWS_Config
    sourceKeyword: {keywordValue: Custom_function-conformance-pack}
    customRule: {lambda: \"arn:aws:lambda:eu-west-1:111122223333:function:f\", trigger: periodic}
  - sourceName: Findings
    sourceType: AWS_Security_Hub
    sourceKeyword: {keywordValue: EC2.3}
  - sourceName: Volumes that were created
    sourceType: AWS_Cloudtrail
    sourceKeyword: {keywordValue: ec2_CreateVolume}
  - sourceName: Review
    sourceType: MANUAL
";
const GUARD: &str =
    "rule volumes_are_encrypted when resourceType == \"AWS::EC2::Volume\" {\n  configuration.encrypted == true\n}\n";
const BASELINE: &str =
    "name: Baseline\ncontrolSets:\n  - name: All\n    controls: [Keys are rotated, Volumes are encrypted]\n";
const OTHER: &str = "name: Other\ncontrolSets:\n  - name: All\n    controls: [Volumes are encrypted]\n";

fn catalog() -> Catalog {
    Catalog::new(&[
        ("controls/keys.yaml", KEYS),
        ("controls/volumes.yaml", VOLUMES),
        ("frameworks/baseline.yaml", BASELINE),
        ("frameworks/other.yaml", OTHER),
        ("rules/house.guard", GUARD),
    ])
}

fn export(catalog: &Catalog, flags: &[&str]) -> Ran {
    catalog.run(&[&["export", "conformance-pack"], flags].concat())
}

fn files(catalog: &Catalog, names: &[&str]) -> String {
    let read = |name: &&str| {
        let text = std::fs::read_to_string(catalog.path().join("packs").join(name)).unwrap();
        format!("── packs/{name}\n{text}")
    };
    names.iter().map(read).collect()
}

#[test]
fn a_catalog_is_exported() {
    let catalog = catalog();
    let shown = export(&catalog, &[]).shown();
    assert_snapshot!(
        shown + &files(&catalog, &["default.yaml", "packs.lock.json", "controls.json", "GAPS.md", "gaps.json"])
    );
}

#[test]
fn what_no_pack_can_have_is_listed_with_its_reason() {
    let users = "name: Users are reviewed\ndatasources:\n  - sourceName: Users\n    sourceType: AWS_API_Call\n    \
                 sourceKeyword: {keywordValue: iam_ListUsers}\n    sourceFrequency: DAILY\n  - sourceName: Common\n    \
                 sourceType: Common_Control\n    sourceKeyword: {keywordInputType: SELECT_FROM_LIST, keywordValue: \
                 \"arn:aws:controlcatalog:::common-control/7e8f9a0b1c2d\"}\n";
    let keys = KEYS.replace("      automationRole: arn:aws:iam::111122223333:role/Notify\n", "");
    // The same custom rule and the same identifier, with another definition and another remediation.
    let function = |name: &str, number: u8| {
        format!(
            "name: {name}\ndatasources:\n  - sourceName: Function\n    sourceType: AWS_Config\n    sourceKeyword: {{keywordValue: \
             Custom_function-conformance-pack}}\n    customRule: {{lambda: \
             \"arn:aws:lambda:eu-west-1:111122223333:function:f{number}\", trigger: periodic}}\n  - sourceName: Volumes\n    \
             sourceType: AWS_Config\n    sourceKeyword: {{keywordValue: ENCRYPTED_VOLUMES}}\n    remediation: {{ssmDocument: \
             Document-{number}, automatic: false}}\n"
        )
    };
    let catalog = Catalog::new(&[
        ("controls/users.yaml", users),
        ("controls/keys.yaml", &keys),
        ("controls/first.yaml", &function("First", 1)),
        ("controls/second.yaml", &function("Second", 2)),
    ]);
    let shown = export(&catalog, &["--allow-automatic-remediation"]).shown();
    assert_snapshot!(shown + &files(&catalog, &["GAPS.md"]));
}

#[test]
fn what_a_pack_cannot_take_is_listed_with_its_reason() {
    let parameters = (0..26).map(|number| format!("P{number}: v")).collect::<Vec<_>>().join(", ");
    let many = format!(
        "name: Many\ndatasources:\n  - sourceName: Volumes\n    sourceType: AWS_Config\n    sourceKeyword: {{keywordValue: \
         ENCRYPTED_VOLUMES}}\n    remediation: {{ssmDocument: Encrypt, automatic: false, parameters: {{{parameters}}}}}\n  - \
         sourceName: Queues\n    sourceType: AWS_Config\n    sourceKeyword: {{keywordValue: ACTIVE_MQ_SUPPORTED_VERSION}}\n    \
         requiredParameters: {{supportedEngineVersion: {}}}\n  - sourceName: Findings\n    sourceType: AWS_Security_Hub\n    \
         sourceKeyword: {{keywordValue: APIGateway.5}}\n",
        "v".repeat(1100)
    );
    let role =
        KEYS.replace("ACCESS_KEYS_ROTATED", "S3_BUCKET_VERSIONING_ENABLED").replace("Keys are rotated", "Versions");
    let role = role.replace("    requiredParameters:\n      maxAccessKeyAge: {atMost: 90}\n", "");
    let stricter = KEYS.replace("Keys are rotated", "Old keys").replace("atMost: 90", "atLeast: 100");
    let catalog = Catalog::new(&[
        ("controlsync.toml", "[lint.rules]\nconflicting-demands = \"warning\"\n"),
        ("controls/many.yaml", &many),
        ("controls/keys.yaml", KEYS),
        ("controls/old.yaml", &stricter),
        ("controls/role.yaml", &role),
    ]);
    let ran = export(&catalog, &["--organization", "--security-hub", "map"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert_snapshot!(files(&catalog, &["GAPS.md"]));
}

#[test]
fn every_option_changes_what_is_exported() {
    let catalog = catalog();
    let mut shown = String::new();
    for flags in [
        &["--manual", "process-check", "--security-hub", "map", "--name", "house"][..],
        &["--manual", "process-check", "--security-hub", "map"],
        &["--organization"],
        &["--allow-automatic-remediation", "--rebalance", "--name", "other"],
        &["--per-framework", "--rebalance"],
        &["--per-framework"],
    ] {
        let ran = export(&catalog, flags);
        assert_eq!(ran.code, 0);
        shown += &ran.shown_after(&[&["export", "conformance-pack"], flags].concat());
    }
    let lists = |name: &str| std::fs::read_to_string(catalog.path().join("packs").join(name)).unwrap();
    assert!(lists("other-baseline.yaml").contains("Automatic: false"));
    assert_snapshot!(shown);
}

#[test]
fn automatic_remediations_need_a_flag() {
    let catalog = catalog();
    assert_eq!(export(&catalog, &["--allow-automatic-remediation"]).code, 0);
    assert!(files(&catalog, &["default.yaml"]).contains("      Automatic: true\n      MaximumAutomaticAttempts: 5\n"));
    assert_eq!(export(&catalog, &[]).code, 0);
    assert!(files(&catalog, &["default.yaml"]).contains("      Automatic: false\n"));
    assert_eq!(export(&catalog, &["--organization"]).code, 0);
    assert!(!files(&catalog, &["default.yaml"]).contains("Automatic"));
}

#[test]
fn the_report_as_json_is_valid_by_its_schema() {
    let catalog = catalog();
    let exported = export(&catalog, &["--format", "json"]);
    output_schemas::validate("export", &exported.stdout);
    assert_snapshot!(exported.shown().replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    let moved = export(&catalog, &["--format", "json", "--rebalance", "--name", "a"]);
    output_schemas::validate("export", &moved.stdout);
    assert_eq!(moved.json()["moved"].as_array().unwrap().len(), 4);
    for name in ["gaps", "controls"] {
        let text = std::fs::read_to_string(catalog.path().join(format!("packs/{name}.json"))).unwrap();
        output_schemas::validate(name, &text);
    }
}

#[test]
fn a_rule_without_a_required_parameter_is_an_error_and_nothing_is_written() {
    let catalog = catalog();
    catalog.write(
        "controls/tags.yaml",
        "name: Tags\ndatasources:\n  - sourceName: Tags\n    sourceType: AWS_Config\n    sourceKeyword: {keywordValue: REQUIRED_TAGS}\n",
    );
    catalog.write(
        "controls/approved.yaml",
        "name: Images\ndatasources:\n  - sourceName: Images\n    sourceType: AWS_Config\n    sourceKeyword: {keywordValue: APPROVED_AMIS_BY_ID}\n",
    );
    let ran = export(&catalog, &[]);
    assert!(!catalog.path().join("packs").exists());
    let json = export(&catalog, &["--format", "json"]);
    output_schemas::validate("export", &json.stdout);
    assert_eq!((ran.code, json.code, &json.json()["outcome"]), (1, 1, &"invalid".into()));
    assert_snapshot!(ran.shown());
}

#[test]
fn a_catalog_with_errors_is_not_exported() {
    let catalog = catalog();
    catalog.write("controls/bad.yaml", "nam: Bad\n");
    let ran = export(&catalog, &[]);
    assert_eq!(ran.code, 1);
    let json = export(&catalog, &["--format", "json"]);
    output_schemas::validate("export", &json.stdout);
    assert_eq!((json.code, &json.json()["outcome"]), (1, &"invalid".into()));
    assert!(ran.stdout.ends_with("Nothing was exported: the catalog has errors.\n"), "{}", ran.stdout);
    assert!(!catalog.path().join("packs").exists());
}

#[test]
fn what_cannot_be_used_is_refused() {
    let catalog = catalog();
    assert_eq!(export(&catalog, &["--name", "house"]).code, 0);
    let lock = std::fs::read_to_string(catalog.path().join("packs/packs.lock.json")).unwrap();
    let mut shown = String::new();
    let mut refused = |text: &[u8], flags: &[&str]| {
        std::fs::write(catalog.path().join("packs/packs.lock.json"), text).unwrap();
        let ran = export(&catalog, flags);
        assert_eq!(ran.code, 2, "{}", ran.shown());
        shown += &ran.shown_after(&[&["export", "conformance-pack"], flags].concat());
    };
    refused(lock.as_bytes(), &["--name", "other"]);
    refused(lock.as_bytes(), &["--name", "house_1"]);
    refused(lock.as_bytes(), &["--per-framework"]);
    refused(lock.replace("\"version\": 1", "\"version\": 2").as_bytes(), &[]);
    refused(lock.replace("\"version\": 1", "\"version\": 0").as_bytes(), &[]);
    refused(lock.replacen("\"check\":", "\"framework\": \"Baseline\", \"check\":", 1).as_bytes(), &[]);
    refused(lock.replace("\"house\"", "\"../house\"").as_bytes(), &[]);
    refused(b"<<<<<<< HEAD\n", &["--rebalance"]);
    refused(b"{\"\\u001b[31m\": 1}", &[]);
    refused(b"\xff", &[]);
    std::fs::remove_file(catalog.path().join("packs/packs.lock.json")).unwrap();
    std::fs::create_dir(catalog.path().join("packs/packs.lock.json")).unwrap();
    let ran = export(&catalog, &[]);
    assert!(ran.code == 2 && ran.stderr.contains("cannot read packs/packs.lock.json"), "{}", ran.stderr);
    catalog.write("taken", "");
    let ran = export(&catalog, &["--out", "taken/packs"]);
    assert!(ran.code == 2 && ran.stderr.starts_with("error: cannot "), "{}", ran.stderr);
    assert_snapshot!(shown);
}

#[test]
fn files_of_packs_that_no_longer_exist_are_removed_and_unchanged_ones_are_not_written() {
    let catalog = catalog();
    catalog.write("packs/mine.yaml", "of the user\n");
    assert_eq!(export(&catalog, &["--per-framework"]).code, 0);
    let path = catalog.path().join("packs/default-baseline.yaml");
    let before = std::fs::metadata(&path).unwrap().modified().unwrap();
    std::fs::remove_file(catalog.path().join("frameworks/other.yaml")).unwrap();
    let ran = export(&catalog, &["--per-framework"]);
    assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), before);
    assert!(!catalog.path().join("packs/default-other.yaml").exists());
    assert!(catalog.path().join("packs/mine.yaml").exists());
    assert!(ran.stdout.contains("Removed packs/default-other.yaml: the pack no longer exists.\n"), "{}", ran.shown());
    // A directory in the place of a file is not removed.
    assert_eq!(export(&catalog, &["--rebalance"]).code, 0);
    std::fs::remove_file(catalog.path().join("packs/default.yaml")).unwrap();
    std::fs::create_dir(catalog.path().join("packs/default.yaml")).unwrap();
    let ran = export(&catalog, &["--rebalance", "--name", "new"]);
    assert!(ran.code == 2 && ran.stderr.contains("cannot remove packs/default.yaml"), "{}", ran.shown());
}

/// Files are written one after another and each completely, so an export that is killed has written some of them.
#[test]
fn the_next_export_completes_one_that_was_interrupted_at_any_file() {
    let before = catalog();
    assert_eq!(export(&before, &["--per-framework"]).code, 0);
    let edited = |catalog: &Catalog| {
        std::fs::remove_file(catalog.path().join("frameworks/other.yaml")).unwrap();
        catalog.write("frameworks/third.yaml", &OTHER.replace("Other", "Third"));
        catalog.edit("controls/keys.yaml", "atMost: 90", "atMost: 60");
        catalog.edit("controls/volumes.yaml", "sourceName: Review", "sourceName: Yearly review");
    };
    let packs = |catalog: &Catalog| texts(&catalog.path().join("packs"));
    let complete = Catalog::new(&[]);
    copy(before.path(), complete.path());
    edited(&complete);
    assert_eq!(export(&complete, &["--per-framework"]).code, 0);
    let (old, expected) = (packs(&before), packs(&complete));
    let changed = old.iter().chain(&expected).filter(|(name, _)| old.get(*name) != expected.get(*name));
    let changed: BTreeSet<&String> = changed.map(|(name, _)| name).collect();
    assert_eq!(changed.len(), 7, "{changed:?}");
    for name in changed {
        let catalog = Catalog::new(&[]);
        copy(before.path(), catalog.path());
        edited(&catalog);
        let path = catalog.path().join("packs").join(name);
        let _ = std::fs::remove_file(&path);
        std::fs::create_dir(&path).unwrap();
        let stopped = export(&catalog, &["--per-framework"]);
        assert!(stopped.code == 2 && stopped.stderr.contains(name.as_str()), "{name}: {}", stopped.shown());
        std::fs::remove_dir(&path).unwrap();
        if let Some(text) = old.get(name) {
            std::fs::write(&path, text).unwrap();
        }
        assert_eq!(export(&catalog, &["--per-framework"]).code, 0, "{name}");
        assert_eq!(packs(&catalog), expected, "{name}");
    }
}

#[test]
fn a_guard_rule_that_is_too_long_is_a_gap() {
    let catalog = catalog();
    catalog.write("rules/house.guard", &format!("{GUARD}# {}\n", "a".repeat(10_000)));
    let ran = export(&catalog, &[]);
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.contains("1 guard-rule"), "{}", ran.shown());
}

#[test]
fn a_pack_that_grew_above_the_limit_is_an_error() {
    let catalog = Catalog::new(&[("rules/house.guard", "rule a { b == 1 }\n")]);
    for number in 0..40 {
        let text = format!(
            "name: C{number}\ndatasources:\n  - sourceName: s\n    sourceType: AWS_Config\n    sourceKeyword: {{keywordValue: \
             Custom_r{number}-conformance-pack}}\n    customRule: {{guard: rules/house.guard, resourceTypes: [AWS::EC2::Volume]}}\n"
        );
        catalog.write(&format!("controls/{number:02}.yaml"), &text);
    }
    assert_eq!(export(&catalog, &[]).code, 0);
    catalog.write("rules/house.guard", &"rule a { b == 1 }\n".repeat(500));
    let ran = export(&catalog, &[]);
    let json = export(&catalog, &["--format", "json"]);
    output_schemas::validate("export", &json.stdout);
    assert_eq!(json.code, 1);
    assert_snapshot!(ran.shown());
    let moved = export(&catalog, &["--rebalance"]);
    assert!(moved.code == 0 && moved.stdout.contains("moved Custom_r"), "{}", moved.shown());
}

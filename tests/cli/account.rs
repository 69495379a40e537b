use controlsync_emulator::{AuditManager, Effect, Fault, Options, Quotas, Switches};
use insta::assert_snapshot;
use serde_json::json;

use crate::support::{Account, Catalog, coverage};

const CONTROL: &str = "\
name: Backup-DataIsBackedUp
description: Back up daily.
tags:
  Family: Backup
datasources:
  - sourceName: Rule
    sourceType: AWS_Config
    sourceKeyword:
      keywordValue: DB_INSTANCE_BACKUP_ENABLED
  - sourceName: Restore report
    sourceType: MANUAL
";
const FRAMEWORK: &str = "\
name: Baseline
controlSets:
  - name: Backup
    controls:
      - Backup-DataIsBackedUp
";

fn catalog() -> Catalog {
    Catalog::new(&[("controls/backup.yaml", CONTROL), ("frameworks/baseline.yaml", FRAMEWORK)])
}

fn applied() -> (Catalog, Account) {
    let (catalog, account) = (catalog(), Account::new());
    let ran = catalog.run_against(&account, &["apply", "--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert_eq!(account.writes(), ["CreateControl", "CreateAssessmentFramework"]);
    (catalog, account)
}

#[test]
fn an_edited_field_is_shown_and_is_one_update_and_one_tag_request() {
    let (catalog, account) = applied();
    let ids = |control: &serde_json::Value| -> Vec<String> {
        control["controlMappingSources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|source| source["sourceId"].to_string())
            .collect()
    };
    let before = account.control("Backup-DataIsBackedUp");
    account.emulator.take_requests();
    catalog.edit("controls/backup.yaml", "Back up daily.", "Back up every hour.");
    let plan = catalog.run_against(&account, &["plan"]);
    assert_snapshot!(plan.shown());
    assert_eq!(account.writes(), [""; 0]);
    let apply = catalog.run_against(&account, &["apply", "--yes"]);
    assert_eq!(apply.code, 0, "{}", apply.shown());
    assert_eq!(account.writes(), ["UpdateControl", "TagResource"]);
    let after = account.control("Backup-DataIsBackedUp");
    assert_eq!(after["description"], "Back up every hour.");
    assert_eq!((after["id"].as_str(), ids(&after)), (before["id"].as_str(), ids(&before)));
    assert_eq!(catalog.run_against(&account, &["plan"]).code, 0);
}

#[test]
fn an_edit_in_the_account_is_drift_and_is_reverted() {
    let (catalog, account) = applied();
    account.edit_control("Backup-DataIsBackedUp", "description", "Clicked together.");
    assert_snapshot!(catalog.run_against(&account, &["plan"]).shown());
    assert_eq!(catalog.run_against(&account, &["apply", "--yes"]).code, 0);
    assert_eq!(account.writes(), ["UpdateControl"]);
}

#[test]
fn a_plan_as_json() {
    let (catalog, account) = applied();
    catalog.edit("controls/backup.yaml", "  Family: Backup\n", "  Owner: Storage\n");
    let plan = catalog.run_against(&account, &["plan", "--format", "json"]).json();
    let change = &plan["changes"][0];
    assert_eq!(plan["target"], json!({ "account": "000000000000", "region": "us-east-1" }));
    assert_eq!((&plan["version"], &plan["outcome"]), (&json!(1), &json!("changes")));
    assert_eq!(
        plan["summary"],
        json!({ "delete": 0, "create": 0, "rename": 0, "adopt": 0, "update": 0, "retag": 1, "unchanged": 1 })
    );
    assert_eq!(
        (&change["kind"], &change["type"], &change["changedBy"]),
        (&json!("retag"), &json!("control"), &json!("file"))
    );
    assert_eq!(change["tags"]["set"]["Owner"], "Storage");
    assert_eq!(change["tags"]["remove"], json!(["Family"]));
    assert_eq!(change["source"], "controls/backup.yaml");
    let apply = catalog.run_against(&account, &["apply", "--yes", "--format", "json"]).json();
    assert_eq!(apply["changes"][0]["result"], "applied");
    // The tag that records the catalog's tags is written last: an interrupted run does not lose track of any tag.
    assert_eq!(account.writes(), ["UntagResource", "TagResource"]);
}

#[test]
fn tags_not_set_by_the_catalog_are_kept() {
    let (catalog, account) = applied();
    let control = account.control("Backup-DataIsBackedUp");
    let arn = control["arn"].as_str().unwrap().replace(':', "%3A").replace('/', "%2F");
    account.http("POST", &format!("/tags/{arn}"), &json!({ "tags": { "CostCenter": "42" } }));
    assert_eq!(catalog.run_against(&account, &["plan"]).code, 0, "a foreign tag is not a difference");
    catalog.edit("controls/backup.yaml", "tags:\n  Family: Backup\n", "");
    assert_eq!(catalog.run_against(&account, &["apply", "--yes"]).code, 0);
    let tags = account.control("Backup-DataIsBackedUp")["tags"].clone();
    assert_eq!((&tags["CostCenter"], tags.get("Family")), (&json!("42"), None));
}

#[test]
fn a_tag_key_can_be_renamed_at_the_tag_limit() {
    let tags: serde_json::Map<_, _> = (0..47).map(|number| (format!("Key{number}"), json!("v"))).collect();
    let control = json!({ "name": "Full", "tags": tags }).to_string();
    let catalog = Catalog::new(&[("controls/full.json", &control)]);
    let account = Account::new();
    assert_eq!(catalog.run_against(&account, &["apply", "--yes"]).code, 0);
    catalog.edit("controls/full.json", "Key46", "Renamed");
    let ran = catalog.run_against(&account, &["apply", "--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert_eq!(catalog.run_against(&account, &["plan"]).code, 0);
}

#[test]
fn an_edit_changes_nothing_that_the_plan_does_not_show() {
    // An unusual combination from the console, which the file does not specify.
    let (catalog, account) = (Catalog::new(&[]), Account::new());
    account.emulator.reconfigure(|options| {
        options.audit_manager.switches.reject_inconsistent_sources = false;
        options.audit_manager.switches.fill_in_keywords = false;
    });
    catalog.write("controls/c.yaml", "name: C\ndatasources:\n  - sourceName: R\n    sourceType: AWS_Config\n    sourceKeyword:\n      keywordValue: ENCRYPTED_VOLUMES\n");
    let source = json!({ "sourceName": "R", "sourceType": "AWS_Config", "sourceSetUpOption": "Procedural_Controls_Mapping",
        "sourceKeyword": { "keywordInputType": "INPUT_TEXT", "keywordValue": "ENCRYPTED_VOLUMES" }, "sourceFrequency": "DAILY", "sourceDescription": "", "troubleshootingText": "" });
    account.seed(json!({ "controls": [{ "name": "C", "controlMappingSources": [source] }] }));
    assert_eq!(catalog.run_against(&account, &["apply", "--yes"]).code, 0);
    let before = account.control("C")["controlMappingSources"].clone();
    catalog.edit("controls/c.yaml", "name: C\n", "name: C\ndescription: New.\n");
    let plan = catalog.run_against(&account, &["plan", "--format", "json"]).json();
    assert_eq!(plan["changes"][0]["fields"], json!([{ "pointer": "/description", "old": null, "new": "New." }]));
    assert_eq!(catalog.run_against(&account, &["apply", "--yes"]).code, 0);
    assert_eq!(account.control("C")["controlMappingSources"], before);
    // Fields that depend on the type are shown if the type changes.
    catalog.edit("controls/c.yaml", "AWS_Config", "AWS_Cloudtrail");
    let plan = catalog.run_against(&account, &["plan", "--format", "json"]).json();
    let fields = plan["changes"][0]["fields"].as_array().unwrap();
    let pointers: Vec<_> =
        fields.iter().map(|field| field["pointer"].as_str().unwrap().rsplit('/').next().unwrap()).collect();
    assert_eq!(pointers, ["sourceType", "sourceSetUpOption", "keywordInputType", "sourceFrequency"]);
}

#[test]
fn existing_objects_are_adopted_only_if_nothing_would_change() {
    let (catalog, account) = (catalog(), Account::new());
    account.seed(json!({ "controls": [{
        "id": "7c3f5a9e-0d6e-4f5b-8f57-1a2b3c4d5e6f", "name": "Backup-DataIsBackedUp", "description": "Made by hand.",
        "controlMappingSources": [{ "sourceName": "By hand", "sourceType": "MANUAL" }] }] }));
    let plan = catalog.run_against(&account, &["plan"]);
    assert_snapshot!(plan.shown());
    let apply = catalog.run_against(&account, &["apply", "--yes"]);
    // The framework needs the existing control, not the content of its file.
    let writes = vec!["CreateAssessmentFramework".to_owned()];
    assert_eq!((apply.code, account.writes()), (1, writes), "{}", apply.shown());
    let all = catalog.run_against(&account, &["apply", "--yes", "--adopt", "all"]);
    assert_eq!(all.code, 0, "{}", all.shown());
    assert_eq!(account.writes(), ["UpdateControl", "TagResource"]);
    assert_eq!(catalog.run_against(&account, &["plan"]).code, 0);
}

#[test]
fn objects_of_another_catalog_are_not_changed() {
    let (catalog, account) = applied();
    let ran = catalog.run_against(&account, &["apply", "--yes", "--catalog", "other"]);
    assert_eq!((ran.code, account.writes()), (1, vec![]));
    assert!(ran.stdout.contains("is owned by another catalog, `default`; this catalog is `other`"), "{}", ran.shown());
}

#[test]
fn two_objects_with_the_same_name_are_not_changed() {
    let (catalog, account) = (catalog(), Account::new());
    let control = |id: &str| json!({ "id": id, "name": "Backup-DataIsBackedUp" });
    account.seed(json!({ "controls": [
        control("7c3f5a9e-0d6e-4f5b-8f57-1a2b3c4d5e6f"), control("7c3f5a9e-0d6e-4f5b-8f57-1a2b3c4d5e70")] }));
    assert_snapshot!(catalog.run_against(&account, &["apply", "--yes"]).shown());
    assert_eq!(account.writes(), [""; 0]);
}

#[test]
fn an_unknown_control_is_an_error_with_a_suggestion() {
    let (catalog, account) = applied();
    catalog.edit("frameworks/baseline.yaml", "Backup-DataIsBackedUp", "Backup-DataIsBackedup");
    assert_snapshot!(catalog.run_against(&account, &["plan"]).shown());
}

#[test]
fn a_control_that_only_the_account_has_can_be_referenced() {
    let (catalog, account) = applied();
    account.seed(json!({ "controls": [{ "id": "7c3f5a9e-0d6e-4f5b-8f57-1a2b3c4d5e6f", "name": "By hand" }] }));
    catalog.edit(
        "frameworks/baseline.yaml",
        "      - Backup-DataIsBackedUp\n",
        "      - Backup-DataIsBackedUp\n      - By hand\n",
    );
    let plan = catalog.run_against(&account, &["plan"]);
    assert_eq!(plan.code, 3, "{}", plan.shown());
    assert_eq!(plan.stderr, "", "the account has the control that lint cannot find");
    assert_eq!(catalog.run_against(&account, &["apply", "--yes"]).code, 0);
    assert_eq!(catalog.run_against(&account, &["plan"]).code, 0);
}

#[test]
fn exceeding_a_quota_is_a_warning_and_the_service_decides() {
    let (catalog, account) = (catalog(), Account::new());
    let existing: Vec<_> = (0..500).map(|number| json!({ "name": format!("existing {number}") })).collect();
    account.seed(json!({ "controls": existing }));
    // The service rejects what the warning announced.
    assert_snapshot!(catalog.run_against(&account, &["apply", "--yes"]).shown());
    // AWS has raised the quota: the warning stays until the configuration says so, and blocks nothing.
    account.emulator.reconfigure(|options: &mut Options| {
        options.audit_manager.quotas = Quotas { custom_controls: 600, ..options.audit_manager.quotas };
    });
    let plan = catalog.run_against(&account, &["plan"]);
    assert_eq!((plan.code, plan.stdout.contains("warning[quota-exceeded]")), (3, true), "{}", plan.shown());
    catalog.write("controlsync.toml", "[quotas]\ncustom_controls = 600\n");
    let plan = catalog.run_against(&account, &["plan"]);
    assert_eq!((plan.code, plan.stdout.contains("quota")), (3, false), "{}", plan.shown());
    assert_eq!(catalog.run_against(&account, &["apply", "--yes"]).code, 0);
}

#[test]
fn one_failure_stops_only_what_depends_on_it() {
    let (catalog, account) = (catalog(), Account::new());
    catalog.write("controls/other.yaml", "name: Other\n");
    catalog.write("frameworks/other.yaml", "name: Others\ncontrolSets:\n  - name: All\n    controls: [Other]\n");
    account.emulator.reconfigure(|options: &mut Options| {
        options.audit_manager.quotas = Quotas { custom_controls: 1, ..options.audit_manager.quotas };
    });
    // Either control may be created first and use up the quota.
    let ran = catalog.run_against(&account, &["apply", "--yes"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("CreateControl: ServiceQuotaExceededException: "), "{}", ran.shown());
    assert!(ran.stdout.contains("was not changed: control "), "{}", ran.shown());
    assert!(ran.stdout.ends_with("Applied: 2 created, 1 failed, 1 blocked.\n"), "{}", ran.shown());
    account.emulator.reconfigure(|options| options.audit_manager.quotas = Quotas::default());
    assert_eq!(catalog.run_against(&account, &["apply", "--yes"]).code, 0);
    assert_eq!(catalog.run_against(&account, &["plan"]).code, 0);
}

fn fault(operation: &str, times: u32, effect: Effect) -> Fault {
    Fault { operation: Some(format!("auditmanager:{operation}")), account: None, skip: 0, times, effect }
}

#[test]
fn throttling_is_retried_and_an_unclear_create_is_looked_up_before_it_is_repeated() {
    let (catalog, account) = (catalog(), Account::new());
    account.emulator.inject(fault("ListControls", 1, Effect::Throttle)).unwrap();
    account.emulator.inject(fault("CreateControl", 1, Effect::Throttle)).unwrap();
    account.emulator.inject(fault("CreateControl", 1, Effect::CloseAfterWork)).unwrap();
    let ran = catalog.run_against(&account, &["apply", "--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert_eq!(account.writes(), ["CreateControl", "CreateControl", "CreateAssessmentFramework"]);
    assert_eq!(catalog.run_against(&account, &["plan"]).code, 0);
}

#[test]
fn an_account_without_audit_manager_differs_from_a_missing_permission() {
    let (catalog, account) = (catalog(), Account::new());
    account
        .emulator
        .reconfigure(|options| options.audit_manager.account_status = controlsync_emulator::AccountStatus::Inactive);
    assert_snapshot!(catalog.run_against(&account, &["plan"]).shown());
}

#[test]
fn only_the_configured_account_is_accepted() {
    let (catalog, account) = applied();
    catalog.write("controlsync.toml", "[target]\naccount = \"111122223333\"\n");
    let ran = catalog.run_against(&account, &["apply", "--yes"]);
    assert_eq!((ran.code, ran.stdout.as_str(), account.writes()), (2, "", vec![]));
    assert_snapshot!(ran.shown());
}

#[test]
fn an_unknown_account_is_not_written_to_if_one_is_configured() {
    let (catalog, account) = (catalog(), Account::new());
    catalog.write("controlsync.toml", "[target]\naccount = \"111122223333\"\n");
    assert_eq!(catalog.run_against(&account, &["plan"]).code, 3);
    let ran = catalog.run_against(&account, &["apply", "--yes"]);
    assert_eq!((ran.code, account.writes()), (2, vec![]));
    assert!(ran.stderr.contains("set AWS_ACCOUNT_ID to its ID"), "{}", ran.shown());
    let mut command = catalog.command();
    let configured = crate::support::ran(
        account.environment(&mut command).env("AWS_ACCOUNT_ID", "111122223333").args(["apply", "--yes"]),
    );
    assert_eq!(configured.code, 0, "{}", configured.shown());
}

#[test]
fn a_plan_that_cannot_be_shown_is_not_applied() {
    let (catalog, account) = (catalog(), Account::new());
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_controlsync"));
    command.current_dir(catalog.path()).args(["apply", "--yes"]).env_clear().envs(coverage());
    command.env("AWS_ENDPOINT_URL_AUDITMANAGER", account.emulator.endpoint()).env("AWS_REGION", "us-east-1");
    command.env("AWS_ACCESS_KEY_ID", "any").env("AWS_SECRET_ACCESS_KEY", "any");
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), account.writes()), (Some(2), vec![]));
    let error = "error: the plan could not be shown, so nothing was written; keep standard output open\n";
    assert_eq!(String::from_utf8(output.stderr).unwrap(), error);
}

#[test]
fn a_profile_flag_overrides_credentials_in_the_environment() {
    let (catalog, account) = (catalog(), Account::new());
    let ran = catalog.run_against(&account, &["plan", "--profile", "nope"]);
    assert_eq!((ran.code, account.emulator.requests().len()), (2, 0), "{}", ran.shown());
    assert!(ran.stderr.contains("the profile \"nope\" does not exist"), "{}", ran.shown());
}

#[test]
fn texts_that_the_service_stores_in_another_form_are_named() {
    let catalog = Catalog::new(&[("controls/a.yaml", "name: A\ndescription: \"Backups are made. \"\n")]);
    let account = Account::new();
    account.emulator.reconfigure(|options| options.audit_manager.switches.trim_texts = true);
    let ran = catalog.run_against(&account, &["apply", "--yes", "--quiet"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let note = "note: the service stores description of the control A in another form than the file\n";
    assert!(ran.stdout.contains(note), "{}", ran.shown());
    let ran = catalog.run_against(&account, &["plan", "--quiet"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
}

#[test]
fn an_id_of_two_lists_is_one_object() {
    let (catalog, account) = applied();
    let id = account.control("Backup-DataIsBackedUp")["id"].as_str().unwrap().to_owned();
    catalog.write(
        "frameworks/twice.yaml",
        "name: Twice\ncontrolSets:\n  - name: S\n    controls:\n      - Backup-DataIsBackedUp\n      - core: Root user has MFA\n",
    );
    // The list of core controls has it too.
    let listed = json!({ "controlMetadataList": [{ "id": id, "arn": "a", "name": "Root user has MFA" }] }).to_string();
    let proxy = crate::support::Proxy::answering(&account, "GET /controls?controlType=Core", "200 OK", &listed);
    account.emulator.take_requests();
    let arguments = ["plan", "--endpoint-url", &proxy.endpoint()];
    let ran = catalog.run_against(&account, &arguments);
    assert_eq!(ran.code, 1, "{}", ran.shown());
    assert!(ran.stdout.contains("the account has no AWS core control named `Root user has MFA`"), "{}", ran.shown());
    let path = format!("/controls/{id}");
    let reads = account.emulator.requests().into_iter().filter(|request| request.path == path).count();
    assert!(reads <= 1, "{reads}");
}

#[test]
fn a_listed_object_that_cannot_be_read_is_not_created_again() {
    let (catalog, account) = applied();
    // The control was deleted, or is not visible yet, when it is read.
    let listed = account.control("Backup-DataIsBackedUp")["id"].as_str().unwrap().to_owned();
    let proxy = crate::support::Proxy::new(&account, &format!("GET /controls/{listed}"));
    let mut command = catalog.command();
    let command = account.environment(&mut command).env("AWS_ENDPOINT_URL_AUDITMANAGER", proxy.endpoint());
    let ran = crate::support::ran(command.args(["apply", "--yes"]));
    assert_eq!((ran.code, account.writes()), (1, vec![]), "{}", ran.shown());
    assert!(ran.stdout.contains("error[unreadable-object]"), "{}", ran.shown());
}

#[test]
fn an_invalid_endpoint_or_region_is_reported_before_any_request() {
    let catalog = catalog();
    let mut shown = String::new();
    for arguments in
        [&["plan", "--endpoint-url", ""][..], &["plan", "--region", "x y"], &["plan", "--endpoint-url", "localhost"]]
    {
        shown += &catalog.run(arguments).shown_after(arguments);
    }
    let mut command = catalog.command();
    let empty =
        crate::support::ran(command.env("AWS_ENDPOINT_URL_AUDITMANAGER", "").args(["plan", "--region", "eu-west-1"]));
    assert_snapshot!(shown + &empty.shown());
}

#[test]
fn a_missing_region_credentials_or_terminal_is_an_error() {
    let catalog = catalog();
    let mut shown = String::new();
    for arguments in [&["plan"][..], &["plan", "--region", "eu-west-1"], &["apply", "--region", "eu-west-1"]] {
        let ran = catalog.run(arguments);
        shown += &ran.shown_after(arguments);
    }
    assert_snapshot!(shown);
}

/// Nothing in an account without objects shows its ID, so the cache of the first run is found by Region and endpoint.
#[test]
fn what_an_apply_created_is_not_created_again_while_the_lists_are_still_empty() {
    let switches = Switches { reject_duplicate_names: false, list_lag: 60_000, ..Switches::default() };
    let audit_manager = AuditManager { switches, ..AuditManager::default() };
    let account = Account::with(Options { audit_manager, ..Options::default() });
    let catalog = Catalog::new(&[("controls/a.yaml", "name: A\n"), ("controls/b.yaml", "name: B\n")]);
    let first = catalog.run_against(&account, &["apply", "--yes"]);
    assert!(first.code == 0 && first.stdout.contains("account unknown"), "{}", first.shown());
    assert_eq!(account.writes(), ["CreateControl", "CreateControl"]);
    for _ in 0..2 {
        let again = catalog.run_against(&account, &["apply", "--yes"]);
        assert!(again.code == 0 && again.stdout.contains("No changes."), "{}", again.shown());
        assert_eq!(account.writes(), Vec::<String>::new());
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_finishes_requests_in_flight_and_starts_no_new_ones() {
    use std::process::{Command, Stdio};
    let account = Account::new();
    let catalog = Catalog::new(&[]);
    for number in 0..40 {
        catalog.write(&format!("controls/{number:02}.yaml"), &format!("name: Control {number:02}\n"));
    }
    account.emulator.inject(fault("CreateControl", 40, Effect::Delay { millis: 300 })).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_controlsync"));
    command.current_dir(catalog.path()).args(["apply", "--yes"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
        .env_clear()
        .envs(coverage())
        .env("AWS_ENDPOINT_URL_AUDITMANAGER", account.emulator.endpoint())
        .env("AWS_REGION", "us-east-1");
    let child = command.env("AWS_ACCESS_KEY_ID", "any").env("AWS_SECRET_ACCESS_KEY", "any").spawn().unwrap();
    while account.emulator.requests().iter().all(|request| request.operation != "auditmanager:CreateControl") {
        std::thread::yield_now();
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stdout}");
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("Stopping: requests in flight are finished, no new ones are started.")
    );
    let created = account.writes().len();
    assert!(created < 8, "queued changes were started after the interrupt: {created}");
    assert!(stdout.ends_with(&format!("Applied: {created} created, {} not started.\n", 40 - created)), "{stdout}");
    account.emulator.clear_faults();
    assert_eq!(catalog.run_against(&account, &["apply", "--yes"]).code, 0);
    assert_eq!(account.writes().len(), 40 - created);
}

#[test]
fn a_rename_is_one_update_in_place() {
    let (catalog, account) = applied();
    let before = account.control("Backup-DataIsBackedUp");
    account.emulator.take_requests();
    catalog.edit(
        "controls/backup.yaml",
        "name: Backup-DataIsBackedUp",
        "name: Backup-Daily\nrenamedFrom: [Backup-DataIsBackedUp]",
    );
    catalog.edit("frameworks/baseline.yaml", "Backup-DataIsBackedUp", "Backup-Daily");
    let plan = catalog.run_against(&account, &["plan"]);
    let apply = catalog.run_against(&account, &["apply", "--yes"]);
    assert_eq!(account.writes(), ["UpdateControl", "TagResource", "TagResource"]);
    let after = account.control("Backup-Daily");
    assert_eq!(after["id"], before["id"]);
    let again = catalog.run_against(&account, &["plan"]);
    assert_eq!(again.code, 0, "a former name without an object is not a change");
    assert_snapshot!(plan.shown() + &apply.shown() + &again.shown());
}

#[test]
fn rule_settings_apply_to_findings_of_plans() {
    let (catalog, account) = applied();
    catalog.edit("controls/backup.yaml", "tags:\n", "renamedFrom: [Backup-Old]\ntags:\n");
    let found = |setting: &str| {
        catalog.write("controlsync.toml", setting);
        let plan = catalog.run_against(&account, &["plan", "--format", "json"]).json();
        plan["diagnostics"].as_array().unwrap().iter().map(|found| found["level"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(found(""), ["info"]);
    assert_eq!(found("[lint.rules]\ncompleted-rename = \"warning\"\n"), ["warning"]);
    assert!(found("[lint.rules]\ncompleted-rename = \"off\"\n").is_empty());
}

//! `compliance` as users and pipelines run it: one account, an organization through its role, an aggregator.

use serde_json::{Value as Json, json};

use crate::output_schemas;
use crate::support::{Account, Catalog, Ran, ran};

const HOME: &str = "000000000000";
const MEMBER: &str = "222222222222";

fn id(number: usize) -> String {
    format!("11111111-0000-4000-8000-{number:012}")
}

fn catalog() -> Catalog {
    Catalog::new(&[
        (
            "controls/keys.yaml",
            "name: Keys are rotated\nseverity: high\nprocedureUrl: https://wiki.example.com/keys\ndatasources:\n  - sourceName: Keys\n    \
             sourceType: AWS_Config\n    sourceKeyword: {keywordValue: ACCESS_KEYS_ROTATED}\n    requiredParameters: {maxAccessKeyAge: {atMost: 90}}\n",
        ),
        (
            "controls/root.yaml",
            "name: Root has a second factor\nseverity: critical\ndatasources:\n  - sourceName: Root\n    sourceType: AWS_Security_Hub\n    \
             sourceKeyword: {keywordValue: IAM.6}\n",
        ),
        (
            "controls/volumes.yaml",
            "name: Volumes are encrypted\nseverity: medium\ndatasources:\n  - sourceName: Volumes\n    sourceType: AWS_Config\n    \
             sourceKeyword: {keywordValue: ENCRYPTED_VOLUMES}\n  - sourceName: Volumes that were created\n    sourceType: AWS_Cloudtrail\n    \
             sourceKeyword: {keywordValue: ec2_CreateVolume}\n",
        ),
        (
            "frameworks/baseline.yaml",
            "name: Baseline\ncontrolSets:\n  - name: Access\n    controls: [Keys are rotated, Root has a second factor]\n  - name: Data\n    controls: \
             [Volumes are encrypted]\n",
        ),
        (
            "exceptions/legacy.yaml",
            "check: ENCRYPTED_VOLUMES\nresources: [vol-legacy]\nreason: Ends with its server.\nuntil: 2099-12-31\n",
        ),
    ])
}

fn rule(name: &str, identifier: &str, parameters: &str) -> Json {
    json!({ "ConfigRuleName": name, "InputParameters": parameters, "Source": { "Owner": "AWS", "SourceIdentifier": identifier } })
}

/// An account with results.
fn results(failing: u32) -> Json {
    json!({
        "config": {
            "recorders": [{ "name": "default", "recording": true,
                "recordingGroup": { "allSupported": true, "includeGlobalResourceTypes": true } }],
            "rules": [rule("keys", "ACCESS_KEYS_ROTATED", "{\"maxAccessKeyAge\":\"90\"}"), rule("volumes", "ENCRYPTED_VOLUMES", "{}")],
            "results": {
                "keys": { "compliant": 4, "nonCompliant": failing, "resourceType": "AWS::IAM::User" },
                "volumes": { "compliant": 7, "resources": [
                    { "id": "vol-legacy", "type": "AWS::EC2::Volume", "compliance": "NON_COMPLIANT" }] },
            },
        },
        "securityHub": { "enabled": true, "standards": [{ "standard": "FSBP" }], "findings": { "IAM.6": { "passed": 1 } } },
    })
}

/// An account and a member, in the scope of an assessment.
fn account(failing: u32) -> Account {
    let account = Account::new();
    let mut seed = results(failing);
    let names = ["Keys are rotated", "Root has a second factor", "Volumes are encrypted"];
    let controls = names.iter().enumerate().map(|(number, name)| json!({ "id": id(number), "name": name }));
    seed["controls"] = controls.collect();
    seed["frameworks"] = json!([{ "id": id(9), "name": "Baseline", "controlSets": [
        { "name": "Access", "controls": [id(0), id(1)] }, { "name": "Data", "controls": [id(2)] }] }]);
    seed["assessments"] = json!([{ "name": "2026", "frameworkId": id(9), "accounts": [HOME, MEMBER] }]);
    let mut member = results(0);
    member["roles"] = json!({ "reader": {} });
    member["config"]["rules"] = json!([rule("keys", "ACCESS_KEYS_ROTATED", "{\"maxAccessKeyAge\":\"180\"}")]);
    member["config"]["results"] = json!({ "keys": { "compliant": 2, "resourceType": "AWS::IAM::User" } });
    seed["accounts"][MEMBER] = member;
    account.seed(seed);
    account.http("POST", "/_emulator/time", &json!({ "passHours": 48 }));
    account
}

fn run(catalog: &Catalog, account: &Account, flags: &[&str]) -> Ran {
    let mut command = catalog.command();
    account
        .environment(&mut command)
        .env("AWS_ENDPOINT_URL", account.emulator.endpoint())
        .arg("compliance")
        .args(flags);
    ran(&mut command)
}

/// The output without what differs in each run.
fn shown(ran: &Ran) -> String {
    let mut text = ran.shown();
    while let Some(at) = text.find("since 20").map(|at| at + "since ".len()) {
        text.replace_range(at..at + "2026-11-28T20:33:01Z".len(), "A TIME");
    }
    text
}

#[test]
fn all_accounts_are_reported_through_the_role() {
    let (catalog, account) = (catalog(), account(2));
    let ran = run(&catalog, &account, &["--role", "reader", "--resources"]);
    assert_eq!(ran.code, 0);
    insta::assert_snapshot!(shown(&ran));
}

#[test]
fn without_a_role_other_accounts_are_unknown() {
    let (catalog, account) = (catalog(), account(0));
    insta::assert_snapshot!(shown(&run(&catalog, &account, &["--framework", "Baseline"])));
}

#[test]
fn every_format_has_the_report() {
    let (catalog, account) = (catalog(), account(1));
    let of = |format| run(&catalog, &account, &["--accounts", HOME, "--format", format]);
    let json = of("json");
    output_schemas::validate("compliance", &json.stdout);
    assert_eq!(json.json()["summary"]["nonCompliant"], 1);
    assert!(of("markdown").stdout.starts_with("### controlsync: Score 50% (1 of 2)"), "{}", of("markdown").stdout);
    let rows = of("csv").stdout;
    assert!(rows.lines().any(|row| row.starts_with(&format!("{HOME},us-east-1,ACCESS_KEYS_ROTATED,"))), "{rows}");
    assert!(rows.ends_with("\r\n"));
    let page = of("html").stdout;
    for part in ["<h1>Compliance</h1>", "data-status=\"non-compliant\"", "1 noncompliant resource", "50% (1 of 2)"] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[test]
fn a_report_can_be_written_to_a_file() {
    let (catalog, account) = (catalog(), account(1));
    let flags = ["--accounts", HOME, "--control", "Keys are rotated"];
    let printed = run(&catalog, &account, &[flags.as_slice(), &["--format", "html"]].concat()).stdout;
    assert!(printed.contains("No framework was asked for.") && !printed.contains("Volumes are encrypted"), "{printed}");
    let path = catalog.write("report.html", "an older report");
    let written = run(&catalog, &account, &[flags.as_slice(), &["--out", "report.html"]].concat());
    assert_eq!((written.code, written.stdout.as_str()), (0, ""), "{}", written.shown());
    let without_time = |page: &str| page.split_once("Read at ").map(|(start, end)| [start, &end[16..]].concat());
    assert_eq!(without_time(&std::fs::read_to_string(&path).unwrap()), without_time(&printed));
    // The text of a file has neither the colors nor the width of the terminal.
    let colored = run(&catalog, &account, &["--accounts", HOME, "--color", "always", "--out", "report.txt"]);
    assert_eq!((colored.code, colored.stdout.as_str()), (0, ""), "{}", colored.shown());
    let text = std::fs::read_to_string(catalog.path().join("report.txt")).unwrap();
    assert!(text.ends_with("1 non-compliant, 1 compliant, 1 excepted\n") && !text.contains('\u{1b}'), "{text}");
}

#[test]
fn one_reading_can_have_several_reports() {
    let (catalog, account) = (catalog(), account(1));
    let files = ["all.txt", "all.json", "all.md", "all.csv", "all.html"];
    account.emulator.take_requests();
    let flags: Vec<&str> = files.iter().flat_map(|file| ["--out", *file]).collect();
    let ran = run(&catalog, &account, &[&["--accounts", HOME][..], &flags].concat());
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.shown());
    let findings = account.emulator.take_requests().into_iter().filter(|of| of.operation == "securityhub:GetFindings");
    assert_eq!(findings.count(), 1);
    let starts = [
        "Compliance of account",
        "{\n  \"version\": 1,",
        "### controlsync: Score",
        "account,region,check",
        "<!doctype html>",
    ];
    for (file, start) in files.iter().zip(starts) {
        let text = std::fs::read_to_string(catalog.path().join(file)).unwrap();
        assert!(text.starts_with(start), "{file}: {text}");
    }
    // The format that is asked for is stronger than the name of one file.
    let ran = run(&catalog, &account, &["--accounts", HOME, "--format", "csv", "--out", "all.txt"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(std::fs::read_to_string(catalog.path().join("all.txt")).unwrap().starts_with("account,region,check"));
    let ran = run(&catalog, &account, &["--format", "csv", "--out", "a.csv", "--out", "b.csv"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("--format is for one file: with several --out, their names decide"), "{}", ran.shown());
}

#[test]
fn what_changed_since_an_earlier_report_is_shown() {
    let catalog = catalog();
    let before = run(&catalog, &account(2), &["--accounts", HOME, "--format", "json"]).stdout;
    let earlier = catalog.write("before.json", &before);
    let since = |account: &Account, more: &[&str]| {
        run(
            &catalog,
            account,
            &[&["--accounts", HOME, "--refresh", "--since", earlier.to_str().unwrap()], more].concat(),
        )
    };
    let resolved = since(&account(0), &[]);
    assert!(resolved.stdout.contains("Changes: 0 new, 1 resolved"), "{}", resolved.stdout);
    let same = since(&account(2), &["--format", "json"]);
    output_schemas::validate("compliance", &same.stdout);
    assert_eq!(same.json()["changes"]["open"], 1);
}

#[test]
fn a_severity_decides_the_exit_code() {
    let (catalog, account) = (catalog(), account(1));
    let code = |flags: &[&str]| run(&catalog, &account, &[&["--accounts", HOME], flags].concat()).code;
    assert_eq!(code(&[]), 0);
    assert_eq!(code(&["--fail-on", "critical"]), 0);
    assert_eq!([code(&["--fail-on", "high"]), code(&["--fail-on", "medium"]), code(&["--fail-on", "low"])], [1, 1, 1]);
    assert_eq!(code(&["--fail-on", "low", "--control", "Root has a second factor"]), 0);
}

#[test]
fn what_cannot_be_used_is_refused() {
    let (catalog, account) = (catalog(), account(0));
    let mut text = String::new();
    catalog.write("other.json", "{\"version\": 1}");
    catalog.write("later.json", "{\"version\": 7, \"readAt\": \"\", \"controls\": []}");
    for flags in [
        ["--since", "missing.json"],
        ["--since", "other.json"],
        ["--since", "later.json"],
        ["--aggregator", "all"],
        ["--control", "Keys are rotatet"],
        ["--framework", "Baselines"],
        ["--fail-on", "severe"],
        ["--out", "no/such/folder/report.txt"],
        ["--out", "report"],
    ] {
        let ran = run(&catalog, &account, &flags);
        assert_eq!(ran.code, 2, "{}", ran.shown());
        text += &ran.shown_after(&[["compliance"].as_slice(), &flags].concat());
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_catalog_with_errors_is_reported_without_them() {
    let (catalog, account) = (catalog(), account(0));
    catalog.write("controls/bad.yaml", "nam: Bad\n");
    let ran = run(&catalog, &account, &["--accounts", HOME]);
    assert!(ran.code == 1 && ran.stderr.contains("definitions with errors are left out"), "{}", ran.shown());
    assert!(ran.stdout.contains("Score 100% (2 of 2)"), "{}", ran.stdout);
}

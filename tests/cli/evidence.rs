//! `evidence` in an organization: the role, the accounts that it reads, what it keeps for the next run, and its messages.

use serde_json::{Value as Json, json};

use crate::support::{Account, Catalog, Ran, ran};

const HOME: &str = "000000000000";
const MEMBERS: [&str; 3] = ["222222222222", "333333333333", "444444444444"];
const ID: &str = "11111111-0000-4000-8000-000000000001";

fn catalog() -> Catalog {
    Catalog::new(&[
        (
            "controls/volumes.yaml",
            "name: Volumes are encrypted\ndatasources:\n  - sourceName: Attached volumes\n    sourceType: AWS_Config\n    \
             sourceKeyword: {keywordValue: ENCRYPTED_VOLUMES}\n",
        ),
        (
            "frameworks/baseline.yaml",
            "name: Baseline\ncontrolSets:\n  - name: All\n    controls: [Volumes are encrypted]\n",
        ),
        (
            "exceptions/sandbox.yaml",
            "check: ENCRYPTED_VOLUMES\naccounts: ['444455556666', '4444????4444']\nreason: No data.\nuntil: 2099-12-31\n",
        ),
    ])
}

/// An account in which the control can collect evidence.
fn ready() -> Json {
    json!({
        "config": {
            "recorders": [{ "name": "default", "recording": true,
                "recordingGroup": { "allSupported": true, "includeGlobalResourceTypes": true } }],
            "rules": [{ "ConfigRuleName": "volumes", "Source": { "Owner": "AWS", "SourceIdentifier": "ENCRYPTED_VOLUMES" } }],
        },
    })
}

/// The organization: of its members, the first is ready, the second has no rule, the third has no recorder and an exception.
fn organization() -> Account {
    let account = Account::new();
    let mut seed = ready();
    seed["controls"] = json!([{ "id": ID, "name": "Volumes are encrypted" }]);
    seed["frameworks"] = json!([{
        "id": "22222222-0000-4000-8000-000000000001", "name": "Baseline",
        "controlSets": [{ "name": "All", "controls": [ID] }],
    }]);
    let scope = [[HOME].as_slice(), &MEMBERS].concat();
    seed["assessments"] = json!([{
        "name": "2026", "frameworkId": "22222222-0000-4000-8000-000000000001", "accounts": scope,
    }]);
    for (number, id) in MEMBERS.into_iter().enumerate() {
        let mut member = ready();
        member["roles"] = json!({ "audit/reader": { "externalId": "a1b2c3" } });
        match number {
            1 => member["config"]["rules"] = json!([]),
            2 => member["config"]["recorders"] = json!([]),
            _ => {}
        }
        seed["accounts"][id] = member;
    }
    account.seed(seed);
    account.http("POST", "/_emulator/time", &json!({ "passHours": 48 }));
    account
}

const FLAGS: [&str; 5] = ["evidence", "--role", "audit/reader", "--external-id", "a1b2c3"];

/// Runs the program; the account of the credentials is `account_id`, if they say it.
fn run_as(catalog: &Catalog, account: &Account, account_id: Option<&str>, arguments: &[&str]) -> Ran {
    let mut command = catalog.command();
    account.environment(&mut command).env("AWS_ENDPOINT_URL", account.emulator.endpoint()).args(arguments);
    if let Some(id) = account_id {
        command.env("AWS_ACCOUNT_ID", id);
    }
    ran(&mut command)
}

fn run_bare(catalog: &Catalog, account: &Account, arguments: &[&str]) -> Ran {
    run_as(catalog, account, None, arguments)
}

fn run(catalog: &Catalog, account: &Account, more: &[&str]) -> Ran {
    run_bare(catalog, account, &FLAGS.iter().chain(more).copied().collect::<Vec<_>>())
}

/// The accounts in which the rules of AWS Config were read.
fn read(account: &Account) -> Vec<String> {
    let requests = account.http("GET", "/_emulator/requests", &Json::Null);
    account.http("DELETE", "/_emulator/requests", &Json::Null);
    let requests = requests.as_array().unwrap().iter().filter(|of| of["operation"] == "config:DescribeConfigRules");
    let mut accounts: Vec<String> = requests.map(|of| of["account"].as_str().unwrap().to_owned()).collect();
    accounts.sort();
    accounts
}

#[test]
fn all_accounts_are_read_through_the_role() {
    let (catalog, account) = (catalog(), organization());
    insta::assert_snapshot!(run(&catalog, &account, &[]).shown());
    assert_eq!(read(&account), [[HOME].as_slice(), &MEMBERS].concat());
}

#[test]
fn without_a_role_other_accounts_are_unknown() {
    let (catalog, account) = (catalog(), organization());
    insta::assert_snapshot!(run_bare(&catalog, &account, &["evidence"]).shown());
    assert_eq!(read(&account), [HOME]);
}

#[test]
fn a_wrong_external_id_is_a_reason_and_no_account_is_ready() {
    let (catalog, account) = (catalog(), organization());
    let ran = run_bare(&catalog, &account, &["evidence", "--role", "audit/reader", "--format", "json"]);
    let document = ran.json();
    let read: Vec<bool> =
        document["accounts"].as_array().unwrap().iter().map(|of| of["read"].as_bool().unwrap()).collect();
    assert_eq!(read, [true, false, false, false]);
    let reason = document["unknown"][0]["reason"].as_str().unwrap();
    assert!(reason.starts_with("the role `audit/reader` cannot be assumed: it does not exist"), "{reason}");
}

#[test]
fn only_selected_accounts_are_read_and_shown() {
    let (catalog, account) = (catalog(), organization());
    let ran = run(&catalog, &account, &["--accounts", "222222222222,000000000000"]);
    assert_eq!((ran.code, read(&account)), (0, vec![HOME.to_owned(), MEMBERS[0].to_owned()]));
    assert!(
        ran.stdout.contains("read 2 of 2 accounts") && ran.stdout.contains("1 control: 1 ready"),
        "{}",
        ran.shown()
    );
}

#[test]
fn what_was_read_of_an_account_is_kept_for_the_next_run() {
    let (catalog, account) = (catalog(), organization());
    // Facts are kept of accounts that the credentials name.
    let again = |more: &[&str]| {
        let arguments: Vec<&str> = FLAGS.iter().chain(more).copied().collect();
        run_as(&catalog, &account, Some(HOME), &arguments)
    };
    assert!(again(&["--accounts", MEMBERS[0]]).stdout.contains("read 1 of 1 account"));
    assert_eq!(read(&account), [HOME, MEMBERS[0]]);
    let all = again(&[]);
    assert_eq!(read(&account), MEMBERS[1..], "{}", all.shown());
    let cached = again(&[]);
    assert_eq!((read(&account), &cached.stdout), (Vec::new(), &all.stdout), "{}", cached.shown());
    assert!(cached.stderr.starts_with("note: read less than a minute ago, on "), "{}", cached.stderr);
    again(&["--refresh"]);
    assert_eq!(read(&account), [[HOME].as_slice(), &MEMBERS].concat());
    // What could not be read is read again.
    let fault =
        json!({ "effect": "deny", "operation": "config:DescribeConfigRules", "account": MEMBERS[0], "times": 1 });
    account.http("POST", "/_emulator/faults", &fault);
    again(&["--refresh"]);
    read(&account);
    again(&[]);
    assert_eq!(read(&account), [MEMBERS[0]]);
}

#[test]
fn usage_errors_name_the_flag() {
    let (catalog, account) = (catalog(), organization());
    let mut shown = String::new();
    for arguments in [
        ["evidence", "--role", "arn:aws:iam::222222222222:role/reader"].as_slice(),
        &["evidence", "--role", "reader", "--accounts", "2222"],
        &["evidence", "--role", "reader", "--accounts", "123456789012"],
        &["evidence", "--external-id", "a1b2c3"],
    ] {
        let ran = run_bare(&catalog, &account, arguments);
        assert_eq!(ran.code, 2, "{}", ran.shown());
        shown += &ran.shown_after(arguments);
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn the_page_of_the_catalog_has_all_accounts_too() {
    let (catalog, account) = (catalog(), organization());
    let arguments = ["show", "--account", "--role", "audit/reader", "--external-id", "a1b2c3"];
    let ran = run_bare(&catalog, &account, &arguments);
    assert!(ran.stdout.contains("1 not-ready"), "{}", ran.shown());
    assert_eq!(read(&account).len(), 4);
}

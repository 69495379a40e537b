//! `probe`: what it asks for, what it refuses, and what a killed one leaves.

use controlsync_core::probe::PREFIX;
use controlsync_emulator::{Effect, Fault};
use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use crate::output_schemas::validate;
use crate::support::{Account, Catalog, Ran, start, wait_for};

const ACCOUNT: &str = "000000000000";
const PROBE: [&str; 4] = ["probe", "--account", ACCOUNT, "--yes"];

/// Without the number of requests, which depends on how long the account takes.
fn shown(ran: &Ran) -> String {
    let shown = ran.shown();
    let lines = shown.lines().map(|line| match line.split_once(" answered. ") {
        Some((start, _)) => format!("{start} answered. N requests.\n"),
        None => format!("{line}\n"),
    });
    lines.collect()
}

#[test]
fn a_report_has_every_answer_in_words() {
    let catalog = Catalog::new(&[]);
    let ran = catalog.run(&["probe", "--local", "--account", ACCOUNT, "--yes"]);
    assert_snapshot!(shown(&ran));
    assert!(catalog.path().join(".controlsync/probe.json").exists());
}

#[test]
fn the_emulator_behaves_like_a_report() {
    let catalog = Catalog::new(&[]);
    let asked = catalog.run(&["probe", "--local", "--account", ACCOUNT, "--yes", "--format=json"]);
    assert_eq!(asked.code, 0, "{}", asked.shown());
    validate("probe", &asked.stdout);
    let mut report: Json = asked.json();
    report["behavior"]["keepOrder"] = json!(true);
    report["behavior"]["standardWrite"] = json!("Denied");
    catalog.write("account.json", &report.to_string());
    let again = catalog.run(&["probe", "--local", "--account", ACCOUNT, "--yes", "--behavior", "account.json"]);
    let different = "Different from the embedded emulator: keepOrder=true, standardWrite=\"Denied\".\n";
    assert!(again.code == 0 && again.stdout.contains(different), "{}", again.shown());
    // All commands with an account take it.
    catalog.write("controls/a.yaml", "name: A\ndatasources:\n  - {sourceName: By hand, sourceType: MANUAL}\n");
    for (arguments, code) in [(&["plan"][..], 3), (&["apply", "--yes"], 0), (&["plan"], 0)] {
        let ran = catalog.run(&[arguments, &["--local", "--behavior", "account.json"]].concat());
        assert_eq!(ran.code, code, "{}", ran.shown());
    }
}

#[test]
fn what_cannot_be_used_as_behavior_is_said() {
    let catalog = Catalog::new(&[("text.json", "no report"), ("other.json", r#"{"behavior": {"keepOrders": true}}"#)]);
    let mut shown = String::new();
    for arguments in [
        &["plan", "--local", "--behavior", "missing.json"][..],
        &["plan", "--local", "--behavior", "text.json"],
        &["emulator", "--behavior", "other.json"],
        &["probe", "--account", ACCOUNT, "--behavior", "other.json"],
    ] {
        catalog.write("controls/a.yaml", "name: A\n");
        shown += &catalog.run(arguments).shown_after(arguments);
    }
    assert_snapshot!(shown);
}

fn seeded(controls: usize) -> Account {
    let account = Account::new();
    let control = |number| json!({"name": format!("Control {number}"), "controlMappingSources": []});
    account.seed(json!({"controls": (0..controls).map(control).collect::<Vec<_>>()}));
    account
}

#[test]
fn an_account_that_must_not_be_asked_is_refused() {
    let catalog = Catalog::new(&[]);
    let mut shown = String::new();
    let mut refused = |account: &Account, arguments: &[&str]| {
        let ran = catalog.run_against(account, arguments);
        shown += &ran.shown_after(arguments);
        let writes = account.emulator.requests().into_iter().filter(|request| request.method != "GET").count();
        assert_eq!(writes, 0);
    };
    let account = seeded(1);
    refused(&account, &["probe", "--account", "12345"]);
    refused(&account, &["probe", "--account", "111122223333", "--yes"]);
    // Nothing names the account.
    refused(&Account::new(), &PROBE);
    refused(&seeded(496), &PROBE);
    // Declined.
    refused(&account, &["probe", "--account", ACCOUNT]);
    let id = "22222222-2222-4222-8222-222222222222";
    account.seed(json!({"controls": [{"id": id, "name": format!("{PREFIX}ab12cd34-7"), "controlMappingSources": []}]}));
    refused(&account, &PROBE);
    assert_snapshot!(shown);
}

/// The names of the objects of probes in the account.
fn left(account: &Account) -> Vec<String> {
    account.names().into_iter().filter(|name| name.contains(PREFIX)).collect()
}

#[cfg(unix)]
#[test]
fn what_a_killed_probe_leaves_is_deleted_by_the_next_one_of_the_same_catalog() {
    let (account, catalog, elsewhere) = (seeded(1), Catalog::new(&[]), Catalog::new(&[]));
    // It waits for the first answer after its first creation.
    let operation = Some("auditmanager:GetControl".to_owned());
    let effect = Effect::Delay { millis: 5_000 };
    account.emulator.inject(Fault { operation, account: None, skip: 0, times: 1, effect }).unwrap();
    let mut child = start(&catalog, &account, &PROBE);
    wait_for("the probe creates something", || !left(&account).is_empty());
    child.kill().unwrap();
    child.wait().unwrap();
    let before = left(&account);
    let [name] = before.as_slice() else { panic!("{before:?}") };
    let run = name.strip_prefix(PREFIX).unwrap().split('-').next().unwrap();
    // Another machine does not know whether it still runs.
    let ran = elsewhere.run_against(&account, &PROBE);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains(&format!("delete them with --take-over {run}")), "{}", ran.stderr);
    assert_eq!(left(&account), before);
    // This one does. An interrupt ends the questions, and leaves nothing.
    let child = start(&catalog, &account, &PROBE);
    wait_for("the next probe creates something", || left(&account).iter().any(|name| !before.contains(name)));
    assert!(!left(&account).contains(name));
    assert!(std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let (stdout, stderr) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("First, 1 object of an earlier probe will be deleted.\n"), "{stderr}");
    assert!(stdout.contains(" not asked. ") && stdout.ends_with("Nothing is left in the account.\n"), "{stdout}");
    assert_eq!(left(&account), Vec::<String>::new());
    assert_eq!(account.names(), ["Control 0"]);
}

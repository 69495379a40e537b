//! `kill -9` at every request of an apply, before and after the request takes effect, and two concurrent applies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use controlsync_emulator::{AuditManager, Effect, Fault, Options, Switches};
use serde_json::{Value as Json, json};

use crate::support::{Account, Catalog, ended, start, wait_for};

const APPLY: [&str; 6] = ["apply", "--yes", "--prune", "--max-deletes", "99", "--format=json"];

/// Runs `work` for each number below `count`, several in parallel, because most of the time is spent waiting.
fn for_each(count: usize, work: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        break;
                    }
                    work(number);
                }
            });
        }
    });
}

fn catalog() -> Catalog {
    let catalog = Catalog::new(&[("controlsync.toml", "catalog = \"crash\"\n")]);
    for number in 0..4 {
        catalog
            .write(&format!("controls/kept{number}.yaml"), &format!("name: kept {number}\ntags: {{A: one, B: one}}\n"));
        catalog.write(&format!("controls/old{number}.yaml"), &format!("name: old {number}\n"));
    }
    for name in ["kept", "old"] {
        let text = format!("name: {name}\ncontrolSets:\n  - name: S\n    controls: [kept 0, kept 1]\n");
        catalog.write(&format!("frameworks/{name}.yaml"), &text);
    }
    catalog
}

/// Changes of every kind: create, update, tag, untag, delete.
fn edit(catalog: &Catalog) {
    for number in 0..4 {
        let text = format!("name: kept {number}\ndescription: new\ntags: {{A: two}}\n");
        catalog.write(&format!("controls/kept{number}.yaml"), &text);
        catalog.write(&format!("controls/new{number}.yaml"), &format!("name: new {number}\n"));
        std::fs::remove_file(catalog.path().join(format!("controls/old{number}.yaml"))).unwrap();
    }
    std::fs::remove_file(catalog.path().join("frameworks/old.yaml")).unwrap();
    for name in ["kept", "new"] {
        let text = format!("name: {name}\ncontrolSets:\n  - name: S\n    controls: [kept 0, new 1, new 2]\n");
        catalog.write(&format!("frameworks/{name}.yaml"), &text);
    }
}

/// IDs by name. Panics if several objects have the same name.
fn ids_by_name(account: &Account) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for (path, list) in [
        ("/controls?controlType=Custom&maxResults=1000", "controlMetadataList"),
        ("/assessmentFrameworks?frameworkType=Custom&maxResults=1000", "frameworkMetadataList"),
    ] {
        let answer = account.http("GET", path, &json!({}));
        for item in answer[list].as_array().unwrap() {
            let name = format!("{list} {}", item["name"].as_str().unwrap());
            let id = item["id"].as_str().unwrap().to_owned();
            assert_eq!(names.insert(name.clone(), id), None, "{name} exists twice");
        }
    }
    names
}

fn options(switches: Switches) -> Options {
    Options { audit_manager: AuditManager { switches, ..AuditManager::default() }, ..Options::default() }
}

fn with_state(file: &Path, switches: Switches) -> Account {
    Account::with(Options { state: Some(file.to_owned()), ..options(switches) })
}

#[test]
fn after_a_kill_at_any_request_the_next_apply_completes_the_changes() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("before.json");
    let catalog = catalog();
    let (calls, before, expected) = {
        let account = with_state(&state, Switches::default());
        let ran = catalog.run_against(&account, &["apply", "--yes"]);
        assert_eq!(ran.code, 0, "{}", ran.shown());
        let before = ids_by_name(&account);
        account.stop();
        let copy = directory.path().join("rehearsal.json");
        std::fs::copy(&state, &copy).unwrap();
        let account = with_state(&copy, Switches::default());
        edit(&catalog);
        let ran = catalog.run_against(&account, &APPLY);
        assert_eq!(ran.code, 0, "{}", ran.shown());
        (account.emulator.take_requests().len(), before, ids_by_name(&account))
    };
    assert!(calls >= 30, "{calls} requests");
    for_each(calls * 2, |number| {
        let (call, done) = (number / 2, number % 2 == 1);
        let what =
            format!("killed when request {} of {calls} was {}", call + 1, if done { "done" } else { "received" });
        let copy = directory.path().join(format!("{number}.json"));
        std::fs::copy(&state, &copy).unwrap();
        let account = with_state(&copy, Switches { reject_duplicate_names: call % 2 == 0, ..Switches::default() });
        let catalog = self::catalog();
        edit(&catalog);
        let effect = if done { Effect::DelayAfterWork { millis: 2000 } } else { Effect::Delay { millis: 100 } };
        let skip = u32::try_from(call).unwrap();
        account.emulator.inject(Fault { operation: None, account: None, skip, times: 1, effect }).unwrap();
        let mut child = start(&catalog, &account, &APPLY);
        let hit = || {
            let requests = account.emulator.requests();
            let hit = account.emulator.faults().is_empty();
            hit && (!done || requests.get(call).is_some_and(|request| request.status.is_some()))
        };
        wait_for(&what, || hit() || child.try_wait().unwrap().is_some());
        child.kill().unwrap();
        child.wait().unwrap();
        // The emulator completes a request that has arrived, even without its client.
        wait_for(&what, || account.emulator.requests().iter().all(|request| request.status.is_some()));
        let again = catalog.run_against(&account, &APPLY);
        assert_eq!(again.code, 0, "{what}: {}", again.shown());
        let plan = catalog.run_against(&account, &["plan", "--prune", "--refresh"]);
        assert_eq!(plan.code, 0, "{what}: {}", plan.shown());
        let after = ids_by_name(&account);
        assert_eq!(after.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{what}");
        for (name, id) in before.iter().filter(|(name, _)| name.contains(" kept")) {
            assert_eq!(after.get(name), Some(id), "{what}: {name} has a different ID");
        }
    });
}

#[test]
fn two_concurrent_applies_end_with_one_object_per_name_and_both_report_it() {
    let concurrent = AtomicUsize::new(0);
    for_each(50, |number| {
        let switches = Switches { reject_duplicate_names: number % 2 == 0, ..Switches::default() };
        let account = Account::with(options(switches));
        // Slow requests make the two runs overlap.
        let effect = Effect::Delay { millis: 100 };
        account
            .emulator
            .inject(Fault {
                operation: Some("auditmanager:ListControls".to_owned()),
                account: None,
                skip: 0,
                times: 2,
                effect,
            })
            .unwrap();
        let (one, two) = (self::catalog(), self::catalog());
        let first = start(&one, &account, &["apply", "--yes", "--format=json"]);
        let second = start(&two, &account, &["apply", "--yes", "--format=json"]);
        let (first, second) = (ended(first), ended(second));
        let existing: BTreeSet<String> = ids_by_name(&account).into_values().collect();
        for ran in [&first, &second] {
            assert_eq!(ran.code, 0, "{}", ran.shown());
            for change in ran.json()["changes"].as_array().unwrap() {
                assert!(existing.contains(change["id"].as_str().unwrap()), "{change:#}");
                match change["result"].as_str().unwrap() {
                    "applied" | "unchanged" => {}
                    "created-concurrently" => {
                        assert_eq!(
                            (&change["createdConcurrently"]["kept"], &change["createdConcurrently"]["same"]),
                            (&change["id"], &Json::from(true))
                        );
                        concurrent.fetch_add(1, Ordering::Relaxed);
                    }
                    other => panic!("{other}: {change:#}"),
                }
            }
        }
        let plan = one.run_against(&account, &["plan"]);
        assert_eq!(plan.code, 0, "{}", plan.shown());
    });
    assert!(concurrent.into_inner() > 0, "the runs never overlapped");
}

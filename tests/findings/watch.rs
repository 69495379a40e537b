//! What changes between two runs of the function that watches evidence, and what it reports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use controlsync_core::change_result::Failure;
use controlsync_core::check::Checked;
use controlsync_core::evidence::facts::{Facts, Place};
use controlsync_core::evidence::{Evidence, Input, accounts, evaluate};
use controlsync_core::keywords::Keywords;
use controlsync_core::plan::Target;
use controlsync_core::run::{Deployment, Notify, Triggers};
use controlsync_core::watch::{self, Ended, Memory, News, WatchOutcome, WatchReport, json, mail};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::evidence::{NOW, catalog, catalog_of, facts, json_of_case, read_json};
use super::output_schemas;

const HOME: &str = "111122223333";
const DAY: i64 = 86_400;

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/findings/evidence-accounts")
}

/// The facts of the directory, in which everything is set up in all accounts.
fn ready() -> Json {
    let mut all = json_of_case(&directory());
    let detail = &all["auditManager"]["assessments"]["known"][0]["detail"]["known"];
    let ids: Vec<String> =
        detail["accounts"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect();
    all["members"] = ids.iter().filter(|id| *id != HOME).map(|id| (id.clone(), json!({}))).collect();
    all
}

/// A run at a time: its facts, and what it found.
struct Ran {
    news: News,
    evidence: Evidence,
}

impl Ran {
    fn report<'a>(&'a self, target: &'a Target, deployment: &'a Deployment) -> WatchReport<'a> {
        WatchReport {
            triggers: Triggers { schedule: true, ..Triggers::default() },
            target,
            catalog: "audit",
            location: "s3://catalog/",
            evidence: Some(&self.evidence),
            has_errors: false,
            compliance: None,
            failure: None,
            has_role: true,
            deployment,
            news: &self.news,
            days_since_email: Some(1),
            now: NOW,
        }
    }

    fn memory(&self) -> Memory {
        // As the function saves it.
        serde_json::from_str(&serde_json::to_string(&self.news.memory).unwrap()).unwrap()
    }
}

fn target() -> Target {
    Target { account: Some(HOME.to_owned()), region: "eu-west-1".to_owned() }
}

/// Runs once with facts, in which only some members were reached.
fn run_reached(checked: &Checked, all: &Json, reached: impl Fn(&str) -> bool, memory: Memory) -> Ran {
    let mut facts: Facts = facts(all);
    let keywords = Keywords::of(&checked.sources);
    let controls: BTreeSet<&str> = checked.catalog.controls.keys().map(String::as_str).collect();
    let scope = accounts(&checked.catalog, &facts.audit_manager, &controls, NOW);
    facts.accounts.retain(|place, _| place.account == HOME || reached(&place.account));
    let ids: BTreeSet<String> = facts.accounts.keys().map(|place| place.account.clone()).collect();
    let (catalog, sources) = (&checked.catalog, &checked.sources);
    let input =
        Input { catalog, sources, keywords: &keywords, facts: &facts, accounts: Some(&ids), packs: None, now: NOW };
    let evidence = evaluate(input, &controls);
    let run = watch::Run { checked, evidence: &evidence, facts: &facts, scope: &scope, now: NOW };
    Ran { news: News::new(run, memory), evidence }
}

fn run(checked: &Checked, all: &Json, memory: Memory) -> Ran {
    run_reached(checked, all, |_| true, memory)
}

fn subjects(standings: &[watch::standing::Standing]) -> Vec<String> {
    let subject = |of: &watch::standing::Standing| {
        let account = of.subject.account.as_deref().unwrap_or("-");
        format!("{account} {} {}", of.subject.rule, of.subject.control)
    };
    standings.iter().map(subject).collect()
}

/// Email and event of a run, if it sends them.
fn sent(ran: &Ran, notify: Notify) -> Option<String> {
    let (target, deployment) = (target(), Deployment::default());
    let report = ran.report(&target, &deployment);
    let due = report.due(notify);
    let document = json::document(&report);
    output_schemas::validate("evidence-run", &document);
    due.mail.then(|| format!("{}\n\n{}", mail::subject(&report), mail::text(&report)))
}

#[test]
fn a_week_of_runs() {
    let checked = catalog(&directory());
    let mut all = ready();
    let differs = read_json(&directory().join("facts.json"));
    for id in ["333333333333", "666666666666", "999999999991"] {
        all["members"][id] = differs["members"][id].clone();
    }
    let first = run(&checked, &all, Memory::default());
    insta::assert_snapshot!("watch_baseline", sent(&first, Notify::All).unwrap());

    let same = run(&checked, &all, first.memory());
    assert_eq!(sent(&same, Notify::All), None, "nothing changed");

    for id in ["444444444444", "555555555555", "777777777777"] {
        all["members"][id] = differs["members"][id].clone();
    }
    let stopped = run(&checked, &all, same.memory());
    insta::assert_snapshot!("watch_stopped", sent(&stopped, Notify::All).unwrap());
    let (target, deployment) = (target(), Deployment::default());
    insta::assert_snapshot!("watch_stopped_event", json::document(&stopped.report(&target, &deployment)));
    assert_eq!(sent(&run(&checked, &all, stopped.memory()), Notify::All), None);

    for id in ["333333333333", "444444444444", "777777777777"] {
        all["members"][id] = json!({});
    }
    let fixed = run(&checked, &all, stopped.memory());
    insta::assert_snapshot!("watch_fixed", sent(&fixed, Notify::All).unwrap());

    let mut reminder = run(&checked, &all, fixed.memory());
    assert_eq!(sent(&reminder, Notify::All), None);
    for seen in reminder.news.memory.accounts.values_mut() {
        (seen.tried_at, seen.read_at) = (NOW - 2 * DAY, Some(NOW - 2 * DAY));
    }
    let report = WatchReport { days_since_email: Some(7), ..reminder.report(&target, &deployment) };
    assert!(report.due(Notify::All).mail && !report.due(Notify::All).event);
    insta::assert_snapshot!("watch_reminder", format!("{}\n\n{}", mail::subject(&report), mail::text(&report)));
}

#[test]
fn accounts_that_no_run_has_read_are_read_first_and_found_once() {
    let checked = catalog(&directory());
    let mut all = ready();
    let differs = read_json(&directory().join("facts.json"));
    for id in ["333333333333", "444444444444"] {
        all["members"][id] = differs["members"][id].clone();
    }
    let early = |id: &str| id < "444444444444";
    let first = run_reached(&checked, &all, early, Memory::default());
    let memory = first.memory();
    assert_eq!(subjects(&first.news.found), ["333333333333 recorder-off Volumes are encrypted"]);
    let text = sent(&first, Notify::All).unwrap();
    assert!(text.contains("Accounts:  read 3 of 10 accounts; the next run reads 7 more"), "{text}");

    let home = Place { account: HOME.to_owned(), region: "eu-west-1".to_owned() };
    let scope = memory.accounts.keys().map(|id| Place { account: id.clone(), ..home.clone() }).collect();
    let queue: Vec<String> = watch::queue(&scope, &home, &memory).into_iter().map(|place| place.account).collect();
    assert_eq!(queue.len(), 9);
    assert_eq!(queue[..2], ["444444444444", "555555555555"]);
    assert_eq!(queue[7..], ["222222222222", "333333333333"]);

    let second = run_reached(&checked, &all, |id| !early(id), memory);
    let found = subjects(&second.news.found);
    assert!(found.len() == 2 && found.iter().all(|line| line.starts_with("444444444444 ")), "{found:?}");
    assert!(second.news.ended.is_empty() && second.news.stopped.is_empty());
    insta::assert_snapshot!("watch_second_part", sent(&second, Notify::All).unwrap());
}

#[test]
fn an_exception_ends_a_problem_until_its_day() {
    let stopped = |all: &mut Json| {
        let differs = read_json(&directory().join("facts.json"));
        all["members"]["999999999991"] = differs["members"]["999999999991"].clone();
    };
    let excepted = catalog(&directory());
    let without = catalog_of(&directory(), &["controls", "frameworks"]);
    let mut all = ready();
    stopped(&mut all);
    let open = run(&without, &all, Memory::default());
    assert_eq!(subjects(&open.news.found), ["999999999991 recorder-off Volumes are encrypted"]);
    let accepted = run(&excepted, &all, open.memory());
    let [(standing, Ended::Excepted(until))] = accepted.news.ended.as_slice() else { panic!("{:?}", accepted.news) };
    assert_eq!((standing.subject.rule.as_str(), until.as_str()), ("recorder-off", "2027-01-31"));
    let text = sent(&accepted, Notify::All).unwrap();
    assert!(text.contains("Excepted until 2027-01-31 (1):\n    [recorder-off] account 999999999991: "), "{text}");
    let again = run(&without, &all, accepted.memory());
    assert_eq!(subjects(&again.news.stopped), ["999999999991 recorder-off Volumes are encrypted"]);
}

#[test]
fn the_first_evidence_of_a_control_is_reported() {
    let checked = catalog(&directory());
    let (mut none, some) = (ready(), ready());
    for control in
        none["auditManager"]["assessments"]["known"][0]["detail"]["known"]["controls"].as_array_mut().unwrap()
    {
        control["evidence"] = json!(0);
    }
    let first = run(&checked, &none, Memory::default());
    let started = run(&checked, &some, first.memory());
    let text = sent(&started, Notify::Changes).unwrap();
    assert!(text.contains("Started to collect (3):\n    Keys are rotated\n"), "{text}");
    assert_eq!(sent(&started, Notify::Errors), None);
    assert_eq!(sent(&run(&checked, &some, started.memory()), Notify::All), None);
}

#[test]
fn a_service_that_fails_once_is_no_news() {
    let checked = catalog(&directory());
    let mut failing = ready();
    let failed = json!({ "unread": {
        "service": "AWS Config", "action": "config:DescribeConfigRules", "reason": "failed", "message": "request 1",
    }});
    failing["members"]["222222222222"] = json!({ "rules": failed });
    let first = run(&checked, &ready(), Memory::default());
    let once = run(&checked, &failing, first.memory());
    assert_eq!(sent(&once, Notify::All), None);
    assert_eq!(sent(&run(&checked, &ready(), once.memory()), Notify::All), None);
    failing["members"]["222222222222"]["rules"]["unread"]["message"] = json!("request 2");
    let twice = run(&checked, &failing, once.memory());
    let text = sent(&twice, Notify::All).unwrap();
    assert!(
        text.contains("Cannot be read (1):\n    222222222222: config:DescribeConfigRules failed: request 2\n"),
        "{text}"
    );
    let text = sent(&run(&checked, &ready(), twice.memory()), Notify::All).unwrap();
    assert!(text.contains("Read again (1):\n    222222222222: "), "{text}");
}

#[test]
fn a_failed_run_is_reported_once_and_forgets_nothing() {
    let checked = catalog(&directory());
    let mut all = ready();
    all["members"]["333333333333"] = read_json(&directory().join("facts.json"))["members"]["333333333333"].clone();
    let first = run(&checked, &all, Memory::default());
    let failure = Failure::new("ListControls", "no permission");
    let (target, deployment) = (target(), Deployment::default());
    let failed = |memory: Memory, retried: bool| {
        let news = News::of_failed_run(memory, "cannot read Audit Manager: no permission".to_owned(), retried);
        let ran = Ran { news, evidence: run(&checked, &all, Memory::default()).evidence };
        let what = Some(("cannot read Audit Manager", &failure));
        let report = WatchReport { evidence: None, failure: what, ..ran.report(&target, &deployment) };
        assert_eq!(report.outcome(), WatchOutcome::Failed);
        output_schemas::validate("evidence-run", &json::document(&report));
        let due = report.due(Notify::Errors).mail;
        (due.then(|| format!("{}\n\n{}", mail::subject(&report), mail::text(&report))), ran.memory())
    };
    assert_eq!(failed(first.memory(), true).0, None, "it is retried");
    let (text, memory) = failed(first.memory(), false);
    insta::assert_snapshot!("watch_failed", text.unwrap());
    let (text, memory) = failed(memory, false);
    assert_eq!(text, None, "it was reported");
    let after = run(&checked, &all, memory);
    let text = sent(&after, Notify::Errors).unwrap();
    assert!(text.contains("Earlier runs had failed: cannot read Audit Manager: no permission\n"), "{text}");
    assert!(after.news.found.is_empty() && after.news.stopped.is_empty() && after.news.ended.is_empty());
}

/// What an account is like in a run.
const STATES: [&str; 5] = ["ready", "stopped", "denied", "assumed", "unreached"];

proptest! {
    /// Each problem is reported when it begins and when it ends, once, and what is not read changes nothing.
    #[test]
    fn every_change_is_reported_once(runs in proptest::collection::vec(proptest::collection::vec(0..STATES.len(), 3), 1..8)) {
        const IDS: [&str; 3] = ["222222222222", "333333333333", "444444444444"];
        let checked = catalog(&directory());
        let differs = read_json(&directory().join("facts.json"));
        let mut memory = Memory::default();
        // What a reader of the reports believes to be broken.
        let mut believed: BTreeMap<&str, bool> = BTreeMap::new();
        for states in runs {
            let mut all = ready();
            for (id, state) in IDS.iter().zip(&states) {
                all["members"][*id] = match STATES[*state] {
                    "stopped" => differs["members"]["333333333333"].clone(),
                    "denied" => json!({ "recorders": { "unread": {
                        "service": "AWS Config", "action": "config:DescribeConfigurationRecorders", "reason": "denied", "message": "",
                    }}}),
                    "assumed" => differs["members"]["777777777777"].clone(),
                    _ => json!({}),
                };
            }
            let reached = |id: &str| IDS.iter().position(|of| *of == id).is_none_or(|at| STATES[states[at]] != "unreached");
            let ran = run_reached(&checked, &all, reached, memory);
            for (id, state) in IDS.iter().zip(&states) {
                let about = |of: &&watch::standing::Standing| of.subject.account.as_deref() == Some(*id);
                let began = ran.news.stopped.iter().chain(&ran.news.found).filter(about).count();
                let ended = ran.news.ended.iter().filter(|(of, _)| about(&of)).count();
                let was = believed.get(id).copied().unwrap_or_default();
                let is = match STATES[*state] {
                    "stopped" => true,
                    "ready" => false,
                    _ => was,
                };
                prop_assert_eq!((began, ended), (usize::from(is && !was), usize::from(was && !is)), "{} {:?}", id, states);
                let open = ran.news.memory.open.iter().filter(about).count();
                prop_assert_eq!(open, usize::from(is));
                believed.insert(id, is);
            }
            // The same again is no news.
            let again = run_reached(&checked, &all, reached, ran.memory());
            prop_assert!(sent(&again, Notify::All).is_none(), "{:?}", again.news);
            memory = ran.memory();
        }
    }
}

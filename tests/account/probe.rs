//! What a probe learns, whatever the account is like and whatever fails.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use controlsync_aws::audit_manager::account::Reading;
use controlsync_aws::audit_manager::probe::{Asked, clean, probe};
use controlsync_core::probe::{Before, Found, Left, NEEDS, NOT_PROBED, PREFIX, Question, Report};
use controlsync_core::report;
use controlsync_emulator::{Effect, Fault, Switches};
use serde_json::{Map, Value as Json, json};

use crate::support::{Account, connect_with, runtime};

const RUN: &str = "0a1b2c3d";

/// An account with objects of its own, and of AWS.
async fn account(switches: Switches) -> Account {
    let lags = switches.list_lag > 0 || switches.reference_lag > 0;
    let mut account = Account::new(switches).await;
    if lags {
        account.client = connect_with(&account.emulator, Duration::from_millis(30)).await;
    }
    let control = "11111111-1111-4111-8111-111111111111";
    account
        .seed(json!({
            "controls": [
                {"id": control, "name": "Access: rights are reviewed", "controlMappingSources": [{"sourceName": "By hand", "sourceType": "MANUAL"}]},
            ],
            "frameworks": [{"name": "Access", "controlSets": [{"name": "Review", "controls": [control]}]}],
        }))
        .await;
    account
}

async fn asked(account: &Account, run: &str) -> Report {
    let Asked { answers, left, requests } = probe(&account.client, run, |_| {}).await;
    Report { answers, left, requests, region: "us-east-1".into() }
}

/// The objects of probes in the account, and the run of each.
async fn of_probes(account: &Account) -> Vec<(String, Left)> {
    Before::of(Reading::start(&account.client).await.unwrap().actual()).left
}

fn shown(report: &Report) -> String {
    report::probe::text(report, &defaults())
}

fn defaults() -> Map<String, Json> {
    let Json::Object(defaults) = serde_json::to_value(Switches::default()).unwrap() else { panic!("an object") };
    defaults
}

/// The objects that are not of a probe.
async fn others(account: &Account) -> Vec<String> {
    let everything = account.everything().await;
    let controls = everything.controls.iter().map(|live| format!("{live:?}"));
    let frameworks = everything.frameworks.iter().map(|live| format!("{live:?}"));
    controls.chain(frameworks).filter(|shown| !shown.contains(PREFIX)).collect()
}

/// The answers without measured delays.
fn comparable(report: &Report) -> Vec<(Question, Result<Found, String>)> {
    let is_measured = |question: &Question| matches!(question, Question::ListLag | Question::ReferenceLag);
    report.answers.iter().filter(|(question, _)| !is_measured(question)).cloned().collect()
}

/// Every switch in a position other than its default.
fn flipped() -> Vec<(String, Json)> {
    let mut all = Vec::new();
    for (name, default) in defaults() {
        match (name.as_str(), default) {
            (_, Json::Bool(on)) => all.push((name, json!(!on))),
            ("standardWrite", _) => all.extend(["Denied", "NotFound"].map(|position| (name.clone(), json!(position)))),
            ("pages", _) => all.extend(
                ["RepeatEntries", "Overlap", "EmptyToken", "SameToken", "Endless"]
                    .map(|kind| (name.clone(), json!(kind))),
            ),
            ("times", _) => all.extend(
                ["SecondsInLists", "SecondsInObjects", "Seconds"].map(|position| (name.clone(), json!(position))),
            ),
            // Longer than a look at the list takes, and shorter than all waits of `account`.
            ("listLag" | "referenceLag", _) => all.push((name, json!(300))),
            (other, _) => panic!("{other} has positions that this test does not know"),
        }
    }
    all
}

fn with(name: &str, position: &Json) -> Switches {
    let mut switches = serde_json::to_value(Switches::default()).unwrap();
    switches[name] = position.clone();
    serde_json::from_value(switches).unwrap()
}

#[test]
fn a_probe_finds_every_switch_in_either_position() {
    let not_probed = BTreeMap::from(NOT_PROBED);
    runtime().block_on(async {
        let account = account(Switches::default()).await;
        let standard = asked(&account, RUN).await;
        assert!(standard.is_complete(), "{}", shown(&standard));
        for (name, default) in &defaults() {
            match (standard.behavior().get(name.as_str()), not_probed.contains_key(name.as_str())) {
                (Some(found), false) => assert_eq!(found, default, "{name}"),
                (None, true) => {}
                (found, _) => panic!("{name} is neither probed nor named with a reason, or both: {found:?}"),
            }
        }
        // The page says which question settles which switch.
        let page = include_str!("../../docs/emulator.md");
        for name in defaults().keys() {
            let settles = |found: &Found| found.switches.iter().any(|(switch, _)| switch == name);
            let asked = standard.answers.iter().filter(|(_, answer)| answer.as_ref().is_ok_and(settles));
            let questions: Vec<String> = asked.map(|(question, _)| format!("`{}`", question.id())).collect();
            let cell =
                not_probed.get(name.as_str()).map_or_else(|| questions.join(", "), |why| format!("not probed: {why}"));
            let row = page.lines().find(|line| line.starts_with(&format!("| `{name}` |"))).unwrap();
            assert!(row.ends_with(&format!("| {cell} |")), "docs/emulator.md: {row} should end with {cell}");
        }
        let mut changed = String::new();
        for (name, position) in flipped() {
            if not_probed.contains_key(name.as_str()) {
                continue;
            }
            let account = self::account(with(&name, &position)).await;
            let first = Box::pin(asked(&account, RUN)).await;
            assert!(first.is_complete(), "{name} {position}: {}", shown(&first));
            let found = &first.behavior()[name.as_str()];
            match (found.as_u64(), position.as_u64()) {
                (Some(found), Some(lag)) => assert!(found >= lag, "{name}: {found}"),
                _ => assert_eq!(*found, position, "{name}"),
            }
            let _ = writeln!(changed, "{name}={position}");
            for (answer, default) in first.answers.iter().zip(&standard.answers).filter(|(one, other)| one != other) {
                let (question, Ok(found)) = answer else { panic!("{name}: {answer:?}") };
                assert_eq!(*question, default.0);
                let found: String = found
                    .answer
                    .chars()
                    .map(|c| if c.is_ascii_digit() && name.ends_with("Lag") { 'N' } else { c })
                    .collect();
                let _ = writeln!(changed, "  {} -> {}", question.text(), found.replace("NN", "N").replace("NN", "N"));
            }
            // An emulator with these answers gives the same ones.
            let loaded = Switches::of_report(&report::probe::json(&first)).unwrap();
            let second = Box::pin(asked(&self::account(loaded).await, RUN)).await;
            assert_eq!(comparable(&second), comparable(&first), "{name} {position}");
        }
        insta::assert_snapshot!(changed);
    });
}

/// The questions that a refusal of an operation answers, and those that it leaves without an answer.
async fn refusing(account: &Account, operation: &str, skip: u32, times: u32) -> String {
    let named = Some(format!("auditmanager:{operation}"));
    account.emulator.inject(Fault { operation: named, account: None, skip, times, effect: Effect::Refuse }).unwrap();
    let report = Box::pin(asked(account, RUN)).await;
    account.emulator.clear_faults();
    assert!(of_probes(account).await.is_empty());
    let mut answers = format!("{operation} is refused\n");
    for (question, answer) in &report.answers {
        let is_refused =
            |found: &&Found| found.refused.iter().any(|refused| refused.message.contains("is not accepted"));
        let _ = match answer {
            Ok(found) if is_refused(&found) => writeln!(answers, "  {} -> {}", question.text(), found.answer),
            Ok(_) => Ok(()),
            Err(reason) => writeln!(answers, "  {} not answered: {reason}", question.text()),
        };
    }
    answers
}

/// A service may refuse what the emulator accepts.
#[test]
fn a_refusal_is_an_answer() {
    runtime().block_on(async {
        let account = account(Switches::default()).await;
        let mut answers = String::new();
        for operation in ["CreateControl", "UpdateControl", "UpdateAssessmentFramework", "TagResource"] {
            answers += &Box::pin(refusing(&account, operation, 0, 1000)).await;
        }
        // Only the deletions of controls in use.
        account.emulator.take_requests();
        asked(&account, RUN).await;
        let requests = account.emulator.take_requests();
        let operations: Vec<&str> =
            requests.iter().map(|request| request.operation.trim_start_matches("auditmanager:")).collect();
        for (at, three) in operations.windows(3).enumerate() {
            if three == ["GetAssessmentFramework", "DeleteControl", "GetAssessmentFramework"] {
                let earlier = operations[..=at].iter().filter(|operation| **operation == "DeleteControl").count();
                answers += &Box::pin(refusing(&account, "DeleteControl", u32::try_from(earlier).unwrap(), 1)).await;
            }
        }
        insta::assert_snapshot!(answers);
    });
}

#[test]
fn a_probe_touches_nothing_of_the_account_and_leaves_nothing() {
    runtime().block_on(async {
        let account = account(Switches::default()).await;
        let before = others(&account).await;
        account.emulator.take_requests();
        let report = asked(&account, RUN).await;
        let requests = account.emulator.take_requests();
        assert_eq!(others(&account).await, before);
        let everything = account.everything().await;
        assert_eq!((everything.controls.len(), everything.frameworks.len()), (1, 1));
        // Everything that a probe writes is named after it, or is not of the account, or is the one standard control.
        let ids: Vec<String> = everything
            .controls
            .iter()
            .map(|live| live.id.clone())
            .chain(everything.frameworks.iter().map(|live| live.id.clone()))
            .collect();
        let mut standard = 0;
        for request in &requests {
            let is_named = request.body.to_string().contains(PREFIX);
            match (request.method.as_str(), request.operation.as_str()) {
                ("GET", _) => {}
                (_, "auditmanager:UpdateControl") if !is_named => standard += 1,
                ("DELETE", _) | (_, "auditmanager:TagResource") => {}
                (_, operation) => assert!(is_named, "{operation}: {}", request.body),
            }
            let is_write = request.method != "GET";
            assert!(!(is_write && ids.iter().any(|id| request.path.contains(id.as_str()))), "{}", request.path);
        }
        assert_eq!(standard, 1);
        // As many objects at a time as it says.
        for (object, most) in [("Control", NEEDS.0), ("AssessmentFramework", NEEDS.1)] {
            let mut exist = 0;
            for request in requests.iter().filter(|request| request.status == Some(200)) {
                match request.operation.strip_suffix(object) {
                    Some("auditmanager:Create") => exist += 1,
                    Some("auditmanager:Delete") => exist -= 1,
                    _ => {}
                }
                assert!(exist <= most, "{exist} of {object}");
            }
            assert_eq!(exist, 0, "{object}");
        }
        assert_eq!(report.requests, requests.len());
        // Nothing that identifies the account or its objects.
        let json = report::probe::json(&report);
        for secret in ["000000000000", "Access", "arn:", RUN] {
            assert!(!json.contains(secret), "{secret}: {json}");
        }
    });
}

/// A killed program sends nothing more; what it has sent may still be processed.
#[test]
fn killed_at_any_request_the_next_probe_restores_the_account() {
    runtime().block_on(async {
        let account = account(Switches::default()).await;
        let before_all = others(&account).await;
        account.emulator.take_requests();
        let requests = asked(&account, RUN).await.requests;
        for limit in 1..requests {
            account.emulator.take_requests();
            let killed = Box::pin(asked(&account, RUN));
            tokio::select! {
                _ = killed => {}
                () = async {
                    while account.emulator.requests().len() < limit {
                        tokio::task::yield_now().await;
                    }
                } => {}
            }
            // What was sent last is processed.
            tokio::time::sleep(Duration::from_millis(20)).await;
            let left = of_probes(&account).await;
            assert!(left.len() <= NEEDS.0 + NEEDS.1, "{left:?}");
            assert!(left.iter().all(|(run, _)| run == RUN));
            let left = left.into_iter().map(|(_, left)| left).collect();
            assert!(clean(&account.client, left).await.is_empty());
            let everything = account.everything().await;
            assert_eq!((everything.controls.len(), everything.frameworks.len()), (1, 1), "at request {limit}");
            assert_eq!(others(&account).await, before_all);
        }
    });
}

#[test]
fn whatever_fails_a_probe_ends_and_names_what_is_left() {
    runtime().block_on(async {
        let calm = account(Switches::default()).await;
        let requests = {
            calm.emulator.take_requests();
            asked(&calm, RUN).await;
            calm.emulator.take_requests().len()
        };
        let account = account(Switches::default()).await;
        let before_all = others(&account).await;
        for skip in 0..requests {
            let effect = EFFECTS[skip % EFFECTS.len()];
            account.emulator.clear_faults();
            let skip = u32::try_from(skip).unwrap();
            account.emulator.inject(Fault { operation: None, account: None, skip, times: 1, effect }).unwrap();
            let report = Box::pin(asked(&account, RUN)).await;
            account.emulator.clear_faults();
            let context = format!("{effect:?} at request {skip}: {}", shown(&report));
            assert!(report.answers.iter().filter(|(_, answer)| answer.is_err()).count() <= 1, "{context}");
            // What is left is named; the next probe deletes it.
            let found = of_probes(&account).await;
            let named: BTreeSet<&String> = report.left.iter().map(|left| &left.id).collect();
            assert!(found.iter().all(|(run, left)| run == RUN && named.contains(&left.id)), "{found:?} {context}");
            assert!(clean(&account.client, found.into_iter().map(|(_, left)| left).collect()).await.is_empty());
            assert_eq!(others(&account).await, before_all, "{context}");
            assert!(of_probes(&account).await.is_empty());
        }
    });
}

/// The effects on a request, of which some are processed.
const EFFECTS: [Effect; 6] = [
    Effect::Deny,
    Effect::Throttle,
    Effect::Fail { status: 500 },
    Effect::FailAfterWork { status: 500 },
    Effect::CloseBeforeWork,
    Effect::CloseAfterWork,
];

#[test]
fn whatever_fails_every_time_a_probe_ends_and_names_what_is_left() {
    runtime().block_on(async {
        let calm = account(Switches::default()).await;
        calm.emulator.take_requests();
        asked(&calm, RUN).await;
        let requests = calm.emulator.take_requests();
        let operations: BTreeSet<&str> = requests.iter().map(|request| request.operation.as_str()).collect();
        assert_eq!(operations.len(), 11, "{operations:?}");
        let account = account(Switches::default()).await;
        let before_all = others(&account).await;
        for operation in operations {
            for effect in EFFECTS {
                let fault =
                    Fault { operation: Some(operation.to_owned()), account: None, skip: 0, times: 100_000, effect };
                account.emulator.inject(fault).unwrap();
                let report = Box::pin(asked(&account, RUN)).await;
                account.emulator.clear_faults();
                let context = format!("{effect:?} of {operation}: {}", shown(&report));
                let found = of_probes(&account).await;
                let named: BTreeSet<&String> = report.left.iter().map(|left| &left.id).collect();
                assert!(found.len() <= NEEDS.0 + NEEDS.1, "{context}");
                // Without its list, an object whose creation has lost its response cannot be known.
                let known = found.iter().all(|(_, left)| named.contains(&left.id));
                assert!(known || operation.contains("List"), "{found:?} {context}");
                assert!(clean(&account.client, found.into_iter().map(|(_, left)| left).collect()).await.is_empty());
                assert_eq!(others(&account).await, before_all, "{context}");
            }
        }
    });
}

#[test]
fn without_permissions_a_probe_ends_soon() {
    runtime().block_on(async {
        let account = account(Switches::default()).await;
        let deny = |operation: &str| {
            let operation = Some(format!("auditmanager:{operation}"));
            Fault { operation, account: None, skip: 0, times: 1000, effect: Effect::Deny }
        };
        // Creates need the permission to tag: that is an answer, and the next questions have none.
        account.emulator.inject(deny("CreateControl")).unwrap();
        let report = asked(&account, RUN).await;
        assert_eq!(report.answers[0].1.as_ref().unwrap().answer, "no, denied");
        assert_eq!(report.answers.len(), 4);
        assert!(
            report.answers[1..]
                .iter()
                .all(|(_, answer)| answer.as_ref().unwrap_err().contains("AccessDeniedException"))
        );
        account.emulator.clear_faults();
        // What cannot be deleted is named with its ID.
        account.emulator.inject(deny("DeleteControl")).unwrap();
        let report = Box::pin(asked(&account, RUN)).await;
        account.emulator.clear_faults();
        let left: BTreeSet<String> = report.left.iter().map(|left| left.id.clone()).collect();
        let found = of_probes(&account).await;
        assert!(!left.is_empty() && found.iter().map(|(_, left)| left.id.clone()).collect::<BTreeSet<_>>() == left);
        assert!(shown(&report).contains("Left in the account"));
    });
}

#[test]
fn a_stop_ends_the_questions_and_not_the_deletions() {
    runtime().block_on(async {
        let account = account(Switches::default()).await;
        let client = account.client.for_run();
        let stop = std::sync::Arc::clone(client.stop());
        let Asked { answers, left, .. } = probe(&client, RUN, |done| {
            if done == 5 {
                stop.request();
            }
        })
        .await;
        assert_eq!((answers.len(), left.len()), (5, 0));
        assert!(of_probes(&account).await.is_empty());
    });
}

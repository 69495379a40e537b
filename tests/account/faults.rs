//! Every kind of request failure, for every operation, at the first, the middle and the last call: one more apply
//! completes the work, and no name exists twice.

use std::time::Duration;

use controlsync_aws::audit_manager::account::Reading;
use controlsync_aws::{Connection, Settings};
use controlsync_core::change_result::{Failure, FailureKind};
use controlsync_core::plan::{Options, Removed};
use controlsync_emulator::{Effect, Fault, Switches};
use serde_json::json;

use crate::generate::Files;
use crate::support::{Account, checked, duplicate_names, options, pending, runtime};

const OURS: &str = "ours";

fn effects() -> Vec<Effect> {
    vec![
        Effect::Throttle,
        Effect::Fail { status: 500 },
        Effect::Fail { status: 503 },
        Effect::FailAfterWork { status: 500 },
        Effect::CloseBeforeWork,
        Effect::CloseAfterWork,
    ]
}

fn before() -> Files {
    let control = |number: usize| json!({ "name": format!("kept {number}"), "tags": { "A": "1", "B": "1" } });
    let removed = |number: usize| json!({ "name": format!("removed {number}") });
    let controls = (0..3).map(control).chain((0..3).map(removed)).enumerate();
    let framework = |name: String| json!({ "name": name, "controlSets": [{ "name": "S", "controls": ["kept 0"] }] });
    let frameworks =
        (0..3).flat_map(|number| [framework(format!("kept {number}")), framework(format!("removed {number}"))]);
    Files {
        controls: controls.map(|(number, control)| (format!("{number}"), control)).collect(),
        frameworks: frameworks.enumerate().map(|(number, framework)| (format!("{number}"), framework)).collect(),
    }
}

/// Three of each change that an apply can make: create, update, tag, untag, delete.
fn after() -> Files {
    let kept = |number: usize| json!({ "name": format!("kept {number}"), "description": "new", "tags": { "A": "2" } });
    let new = |number: usize| json!({ "name": format!("new {number}") });
    let controls = (0..3).map(kept).chain((0..3).map(new)).enumerate();
    let framework = |name: String| {
        let sets = json!([{ "name": "S", "controls": ["new 0", "new 1", { "core": "Root user has MFA" }] }]);
        json!({ "name": name, "complianceType": "new", "controlSets": sets })
    };
    let frameworks =
        (0..3).flat_map(|number| [framework(format!("kept {number}")), framework(format!("new {number}"))]);
    Files {
        controls: controls.map(|(number, control)| (format!("{number}"), control)).collect(),
        frameworks: frameworks.enumerate().map(|(number, framework)| (format!("{number}"), framework)).collect(),
    }
}

fn everything() -> Options {
    Options { removed: Removed::Delete, max_deletes: Some(99), ..options() }
}

/// An account in which `before` was applied, with an assessment.
async fn account(switches: Switches) -> Account {
    let account = Account::new(switches).await;
    let (_, results) = account.apply(&checked(&before(), OURS), &options()).await;
    assert!(results.iter().all(controlsync_core::change_result::ChangeResult::is_done));
    let framework = account.everything().await.frameworks.remove(0).id;
    account.seed(json!({ "assessments": [{ "name": "This year", "frameworkId": framework }] })).await;
    account.emulator.take_requests();
    account
}

#[test]
fn after_any_failure_the_next_apply_completes_the_work() {
    runtime().block_on(async {
        let checked = checked(&after(), OURS);
        let reference = account(Switches::default()).await;
        let (_, results) = reference.apply(&checked, &everything()).await;
        assert!(results.iter().all(controlsync_core::change_result::ChangeResult::is_done), "{results:#?}");
        let expected = names(&reference).await;
        let requests = reference.emulator.take_requests();
        let mut operations: Vec<String> = requests.iter().map(|request| request.operation.clone()).collect();
        operations.sort();
        operations.dedup();
        let expected_operations = [
            "auditmanager:CreateAssessmentFramework",
            "auditmanager:CreateControl",
            "auditmanager:DeleteAssessmentFramework",
            "auditmanager:DeleteControl",
            "auditmanager:GetAccountStatus",
            "auditmanager:GetAssessment",
            "auditmanager:GetAssessmentFramework",
            "auditmanager:GetControl",
            "auditmanager:ListAssessmentFrameworks",
            "auditmanager:ListAssessments",
            "auditmanager:ListControls",
            "auditmanager:TagResource",
            "auditmanager:UntagResource",
            "auditmanager:UpdateAssessmentFramework",
            "auditmanager:UpdateControl",
        ];
        assert_eq!(operations, expected_operations, "every operation that an apply uses");
        for operation in operations {
            let calls = requests.iter().filter(|request| request.operation == operation).count();
            let mut calls_to_fail = vec![0, calls / 2, calls - 1];
            calls_to_fail.dedup();
            for skip in calls_to_fail {
                for (number, effect) in effects().into_iter().enumerate() {
                    let what = format!("{operation}, call {} of {calls}, {effect:?}", skip + 1);
                    let reject_duplicate_names = number % 2 == 0;
                    let account = account(Switches { reject_duplicate_names, ..Switches::default() }).await;
                    let skip = u32::try_from(skip).unwrap();
                    // More often than there are attempts, so that the run itself cannot always recover.
                    let times = if number % 3 == 0 { 20 } else { 1 };
                    account
                        .emulator
                        .inject(Fault { operation: Some(operation.clone()), account: None, skip, times, effect })
                        .unwrap();
                    run(&account, &checked).await;
                    account.emulator.clear_faults();
                    run(&account, &checked).await;
                    let plan = account.plan(&checked, &everything()).await;
                    assert_eq!(pending(&plan), Vec::<String>::new(), "{what}");
                    assert_eq!(names(&account).await, expected, "{what}");
                    assert_eq!(duplicate_names(&account.everything().await), Vec::<String>::new(), "{what}");
                }
            }
        }
    });
}

/// Plans and applies, as far as possible.
async fn run(account: &Account, checked: &controlsync_core::check::Checked) {
    let Ok(mut reading) = Reading::start(&account.client).await else { return };
    if let Ok(plan) = reading.plan(&checked.catalog, &checked.sources, &everything(), |_, _| {}).await {
        controlsync_aws::audit_manager::apply::apply(&account.client, &plan, |_, _| {}).await;
    }
}

async fn names(account: &Account) -> Vec<String> {
    let live = account.everything().await;
    let controls = live.controls.iter().map(|live| format!("control {}", live.name));
    let mut names: Vec<String> =
        controls.chain(live.frameworks.iter().map(|live| format!("framework {}", live.name))).collect();
    names.sort();
    names
}

#[test]
fn a_run_recovers_from_a_short_fault() {
    runtime().block_on(async {
        let checked = checked(&after(), OURS);
        for effect in effects() {
            let account = account(Switches { reject_duplicate_names: false, ..Switches::default() }).await;
            for operation in [
                "auditmanager:ListControls",
                "auditmanager:GetControl",
                "auditmanager:CreateControl",
                "auditmanager:UpdateControl",
                "auditmanager:TagResource",
                "auditmanager:CreateAssessmentFramework",
            ] {
                let fault = Fault { operation: Some(operation.to_owned()), account: None, skip: 1, times: 1, effect };
                account.emulator.inject(fault).unwrap();
            }
            let (_, results) = account.apply(&checked, &everything()).await;
            assert!(
                results.iter().all(controlsync_core::change_result::ChangeResult::is_done),
                "{effect:?}: {results:#?}"
            );
            assert_eq!(duplicate_names(&account.everything().await), Vec::<String>::new(), "{effect:?}");
        }
    });
}

#[test]
fn a_round_that_learns_nothing_is_an_error_and_no_loop() {
    runtime().block_on(async {
        let account = Account::new(Switches::default()).await;
        let mut reading = Reading::start(&account.client).await.unwrap();
        let needs = controlsync_core::plan::Needs {
            controls: ["6f2b1c3d-0a4e-4f5b-8c7d-9e0f1a2b3c4d".to_owned()].into(),
            ..Default::default()
        };
        reading.read(&needs, &|_, _| {}).await.unwrap();
        let failure = reading.read(&needs, &|_, _| {}).await.unwrap_err();
        assert_eq!(
            failure.to_string(),
            "reading the account: the account was read again without learning anything new about \
             6f2b1c3d-0a4e-4f5b-8c7d-9e0f1a2b3c4d"
        );
        assert!(!failure.transient && failure.help.is_some());
    });
}

/// The failure of a client that reads from an endpoint.
async fn failure_at(endpoint: &str) -> Failure {
    let settings = Settings {
        region: Some("eu-west-1".to_owned()),
        endpoint_url: Some(endpoint.to_owned()),
        stand_in: true,
        backoff: Some(Duration::from_millis(1)),
        ..Settings::default()
    };
    let client = Connection::open(&settings).await.unwrap().audit_manager();
    Reading::start(&client).await.err().unwrap()
}

#[test]
fn a_failure_without_a_response_is_one_of_the_network() {
    runtime().block_on(async {
        let account = Account::new(Switches::default()).await;
        let endpoint = account.emulator.endpoint();
        let fault = Fault { operation: None, account: None, skip: 0, times: 99, effect: Effect::CloseBeforeWork };
        account.emulator.inject(fault).unwrap();
        assert_eq!(failure_at(&endpoint).await.kind, FailureKind::Network);
        // The emulator speaks no TLS.
        assert_eq!(failure_at(&endpoint.replace("http:", "https:")).await.kind, FailureKind::Network);
        account.emulator.stop().await.unwrap();
        assert_eq!(failure_at(&endpoint).await.kind, FailureKind::Network);
    });
}

//! Everything that can go wrong with a request, for every operation, at the first, the middle and the last call: one more
//! apply finishes the work, and no name is held twice.

use controlsync_core::plan::{Options, Removed};
use controlsync_emulator::{Effect, Fault, Switches};
use serde_json::json;

use crate::generate::Files;
use crate::support::{Account, checked, held_twice, options, pending, runtime};

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
    let gone = |number: usize| json!({ "name": format!("gone {number}") });
    let controls = (0..3).map(control).chain((0..3).map(gone)).enumerate();
    let framework = |name: String| json!({ "name": name, "controlSets": [{ "name": "S", "controls": ["kept 0"] }] });
    let frameworks =
        (0..3).flat_map(|number| [framework(format!("kept {number}")), framework(format!("gone {number}"))]);
    Files {
        controls: controls.map(|(number, control)| (format!("{number}"), control)).collect(),
        frameworks: frameworks.enumerate().map(|(number, framework)| (format!("{number}"), framework)).collect(),
    }
}

/// Three of everything that an apply can do: create, update, tag, untag, delete.
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

/// An account that holds what `before` says, and an assessment of it.
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
fn whatever_fails_the_next_apply_finishes_the_work() {
    runtime().block_on(async {
        let checked = checked(&after(), OURS);
        let rehearsal = account(Switches::default()).await;
        let (_, results) = rehearsal.apply(&checked, &everything()).await;
        assert!(results.iter().all(controlsync_core::change_result::ChangeResult::is_done), "{results:#?}");
        let expected = names(&rehearsal).await;
        let requests = rehearsal.emulator.take_requests();
        let mut operations: Vec<String> = requests.iter().map(|request| request.operation.clone()).collect();
        operations.sort();
        operations.dedup();
        let tried = [
            "CreateAssessmentFramework",
            "CreateControl",
            "DeleteAssessmentFramework",
            "DeleteControl",
            "GetAccountStatus",
            "GetAssessment",
            "GetAssessmentFramework",
            "GetControl",
            "ListAssessmentFrameworks",
            "ListAssessments",
            "ListControls",
            "TagResource",
            "UntagResource",
            "UpdateAssessmentFramework",
            "UpdateControl",
        ];
        assert_eq!(operations, tried, "every operation that an apply uses");
        for operation in operations {
            let calls = requests.iter().filter(|request| request.operation == operation).count();
            let mut places = vec![0, calls / 2, calls - 1];
            places.dedup();
            for skip in places {
                for (number, effect) in effects().into_iter().enumerate() {
                    let what = format!("{operation}, call {} of {calls}, {effect:?}", skip + 1);
                    let reject_duplicate_names = number % 2 == 0;
                    let account = account(Switches { reject_duplicate_names, ..Switches::default() }).await;
                    let skip = u32::try_from(skip).unwrap();
                    // More often than it is tried again, so that the run itself cannot get over it every time.
                    let times = if number % 3 == 0 { 20 } else { 1 };
                    account.emulator.inject(Fault { operation: Some(operation.clone()), skip, times, effect }).unwrap();
                    run(&account, &checked).await;
                    account.emulator.clear_faults();
                    run(&account, &checked).await;
                    let plan = account.plan(&checked, &everything()).await;
                    assert_eq!(pending(&plan), Vec::<String>::new(), "{what}");
                    assert_eq!(names(&account).await, expected, "{what}");
                    assert_eq!(held_twice(&account.everything().await), Vec::<String>::new(), "{what}");
                }
            }
        }
    });
}

/// Plans and applies as far as that goes.
async fn run(account: &Account, checked: &controlsync_core::check::Checked) {
    let Ok(mut reading) = controlsync_aws::account::Reading::start(&account.client).await else { return };
    if let Ok(plan) = reading.plan(&checked.catalog, &checked.sources, &everything(), |_, _| {}).await {
        controlsync_aws::apply::apply(&account.client, &plan, |_, _| {}).await;
    }
}

async fn names(account: &Account) -> Vec<String> {
    let held = account.everything().await;
    let controls = held.controls.iter().map(|held| format!("control {}", held.name));
    let mut names: Vec<String> =
        controls.chain(held.frameworks.iter().map(|held| format!("framework {}", held.name))).collect();
    names.sort();
    names
}

#[test]
fn a_short_fault_is_got_over_in_the_same_run() {
    runtime().block_on(async {
        let checked = checked(&after(), OURS);
        for effect in effects() {
            let account = account(Switches { reject_duplicate_names: false, ..Switches::default() }).await;
            for operation in [
                "ListControls",
                "GetControl",
                "CreateControl",
                "UpdateControl",
                "TagResource",
                "CreateAssessmentFramework",
            ] {
                let fault = Fault { operation: Some(operation.to_owned()), skip: 1, times: 1, effect };
                account.emulator.inject(fault).unwrap();
            }
            let (_, results) = account.apply(&checked, &everything()).await;
            assert!(
                results.iter().all(controlsync_core::change_result::ChangeResult::is_done),
                "{effect:?}: {results:#?}"
            );
            assert_eq!(held_twice(&account.everything().await), Vec::<String>::new(), "{effect:?}");
        }
    });
}

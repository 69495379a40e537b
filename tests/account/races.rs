//! Two concurrent writers end with one object per name, and both report what happened.

use controlsync_aws::audit_manager::apply::apply;
use controlsync_core::change_result::ChangeResult;
use controlsync_core::plan::{ObjectType, Plan};
use controlsync_emulator::{Effect, Fault, Switches};
use serde_json::json;

use crate::generate::Files;
use crate::support::{Account, checked, connect, duplicate_names, options, pending, runtime};

const OURS: &str = "ours";

fn files() -> Files {
    let control = |number: usize| (format!("{number}"), json!({ "name": format!("control {number}") }));
    let framework = |number: usize| {
        let sets = json!([{ "name": "S", "controls": ["control 0", "control 1", "control 2"] }]);
        (format!("{number}"), json!({ "name": format!("framework {number}"), "controlSets": sets }))
    };
    Files { controls: (0..6).map(control).collect(), frameworks: (0..3).map(framework).collect() }
}

/// The results of a plan, by type and name.
fn results(plan: &Plan, results: &[ChangeResult]) -> Vec<(ObjectType, String, ChangeResult)> {
    plan.changes
        .iter()
        .zip(results)
        .map(|(change, result)| (change.object, change.name.clone(), result.clone()))
        .collect()
}

#[test]
fn two_writers_end_with_one_object_per_name() {
    runtime().block_on(async {
        for reject_duplicate_names in [false, true] {
            let mut conflicts = 0;
            for _ in 0..25 {
                let account = Account::new(Switches { reject_duplicate_names, ..Switches::default() }).await;
                let checked = checked(&files(), OURS);
                let other = connect(&account.emulator).await;
                // Both plan before either writes.
                let plan = account.plan(&checked, &options()).await;
                let (ours, theirs) =
                    tokio::join!(apply(&account.client, &plan, |_, _| {}), apply(&other, &plan, |_, _| {}));
                let live = account.everything().await;
                assert_eq!(duplicate_names(&live), Vec::<String>::new());
                for (object, name, result) in
                    results(&plan, &ours.results).into_iter().chain(results(&plan, &theirs.results))
                {
                    let id = match &result {
                        ChangeResult::Applied { id, .. } => id,
                        ChangeResult::CreatedConcurrently { kept, same, .. } => {
                            conflicts += 1;
                            assert!(same, "{name}: {result:?}");
                            kept
                        }
                        other => panic!("{name}: {other:?}"),
                    };
                    let ids: Vec<&String> = match object {
                        ObjectType::Control => {
                            live.controls.iter().filter(|live| live.name == name).map(|live| &live.id).collect()
                        }
                        ObjectType::Framework => {
                            live.frameworks.iter().filter(|live| live.name == name).map(|live| &live.id).collect()
                        }
                    };
                    assert_eq!(ids, [id], "{name}: {result:?}");
                }
                assert_eq!(pending(&account.plan(&checked, &options()).await), Vec::<String>::new());
            }
            assert!(conflicts > 0, "the writers never conflicted");
        }
    });
}

#[test]
fn a_lost_response_with_an_earlier_writer_leaves_no_duplicate() {
    runtime().block_on(async {
        let account = Account::new(Switches { reject_duplicate_names: false, ..Switches::default() }).await;
        let checked = checked(&files(), OURS);
        let other = connect(&account.emulator).await;
        let plan = account.plan(&checked, &options()).await;
        apply(&other, &plan, |_, _| {}).await;
        for operation in ["auditmanager:CreateControl", "auditmanager:CreateAssessmentFramework"] {
            let (operation, effect) = (Some(operation.to_owned()), Effect::CloseAfterWork);
            account.emulator.inject(Fault { operation, account: None, skip: 0, times: 6, effect }).unwrap();
        }
        apply(&account.client, &plan, |_, _| {}).await;
        assert_eq!(duplicate_names(&account.everything().await), Vec::<String>::new());
        assert_eq!(pending(&account.plan(&checked, &options()).await), Vec::<String>::new());
    });
}

#[test]
fn a_duplicate_that_cannot_be_deleted_is_reported_with_both_ids() {
    runtime().block_on(async {
        let account = Account::new(Switches { reject_duplicate_names: false, ..Switches::default() }).await;
        let one = Files { controls: vec![("a".into(), json!({ "name": "a" }))], frameworks: Vec::new() };
        let checked = checked(&one, OURS);
        let plan = account.plan(&checked, &options()).await;
        let first = apply(&account.client, &plan, |_, _| {}).await.results;
        let [ChangeResult::Applied { id: older, .. }] = first.as_slice() else { panic!("{first:?}") };
        let fault = Fault {
            operation: Some("auditmanager:DeleteControl".into()),
            account: None,
            skip: 0,
            times: 99,
            effect: Effect::Fail { status: 500 },
        };
        account.emulator.inject(fault).unwrap();
        let second = apply(&account.client, &plan, |_, _| {}).await.results;
        let [ChangeResult::Failed(failure)] = second.as_slice() else { panic!("{second:?}") };
        let live = account.everything().await;
        assert_eq!(live.controls.len(), 2);
        let help = failure.help.clone().unwrap();
        assert!(live.controls.iter().all(|live| help.contains(&live.id)), "{help}");
        assert!(help.contains(older));
        assert!(
            help.starts_with("Another writer created a control with this name at the same time (")
                && help.ends_with("could not be deleted: delete it.")
        );
    });
}

#[test]
fn an_older_object_of_another_user_is_kept_and_reported() {
    runtime().block_on(async {
        for reject_duplicate_names in [false, true] {
            let account = Account::new(Switches { reject_duplicate_names, ..Switches::default() }).await;
            let one = Files { controls: vec![("a".into(), json!({ "name": "a" }))], frameworks: Vec::new() };
            let checked = checked(&one, OURS);
            let plan = account.plan(&checked, &options()).await;
            account.seed(json!({ "controls": [{ "name": "a", "description": "manual" }] })).await;
            let results = apply(&account.client, &plan, |_, _| {}).await.results;
            let [ChangeResult::CreatedConcurrently { kept, same: false, .. }] = results.as_slice() else {
                panic!("{results:?}")
            };
            let live = account.everything().await;
            assert_eq!(live.controls.iter().map(|live| &live.id).collect::<Vec<_>>(), [kept]);
        }
    });
}

#[test]
fn a_create_without_a_response_is_not_repeated_if_the_name_exists() {
    runtime().block_on(async {
        let account = Account::new(Switches { reject_duplicate_names: false, ..Switches::default() }).await;
        let one = Files { controls: vec![("a".into(), json!({ "name": "a" }))], frameworks: Vec::new() };
        let checked = checked(&one, OURS);
        let plan = account.plan(&checked, &options()).await;
        account.seed(json!({ "controls": [{ "name": "a", "description": "manual" }] })).await;
        let fault = Fault {
            operation: Some("auditmanager:CreateControl".into()),
            account: None,
            skip: 0,
            times: 1,
            effect: Effect::CloseBeforeWork,
        };
        account.emulator.inject(fault).unwrap();
        let results = apply(&account.client, &plan, |_, _| {}).await.results;
        assert!(
            matches!(results.as_slice(), [ChangeResult::CreatedConcurrently { same: false, removed: None, .. }]),
            "{results:?}"
        );
        let creates =
            account.emulator.requests().into_iter().filter(|request| request.operation == "auditmanager:CreateControl");
        assert_eq!((creates.count(), account.everything().await.controls.len()), (1, 1));
    });
}

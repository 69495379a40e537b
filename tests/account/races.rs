//! Two writers at once end with one object a name, and both say what happened.

use controlsync_aws::apply::apply;
use controlsync_core::change_result::ChangeResult;
use controlsync_core::plan::{ObjectType, Plan};
use controlsync_emulator::{Effect, Fault, Switches};
use serde_json::json;

use crate::generate::Files;
use crate::support::{Account, checked, connect, held_twice, options, pending, runtime};

const OURS: &str = "ours";

fn files() -> Files {
    let control = |number: usize| (format!("{number}"), json!({ "name": format!("control {number}") }));
    let framework = |number: usize| {
        let sets = json!([{ "name": "S", "controls": ["control 0", "control 1", "control 2"] }]);
        (format!("{number}"), json!({ "name": format!("framework {number}"), "controlSets": sets }))
    };
    Files { controls: (0..6).map(control).collect(), frameworks: (0..3).map(framework).collect() }
}

/// Lines that say what became of a plan.
fn told(plan: &Plan, results: &[ChangeResult]) -> Vec<(ObjectType, String, ChangeResult)> {
    plan.changes
        .iter()
        .zip(results)
        .map(|(change, result)| (change.object, change.name.clone(), result.clone()))
        .collect()
}

#[test]
fn two_writers_end_with_one_object_a_name() {
    runtime().block_on(async {
        for reject_duplicate_names in [false, true] {
            let mut raced = 0;
            for _ in 0..25 {
                let account = Account::new(Switches { reject_duplicate_names, ..Switches::default() }).await;
                let checked = checked(&files(), OURS);
                let other = connect(&account.emulator).await;
                // Both have planned before either writes.
                let plan = account.plan(&checked, &options()).await;
                let (ours, theirs) =
                    tokio::join!(apply(&account.client, &plan, |_, _| {}), apply(&other, &plan, |_, _| {}));
                let held = account.everything().await;
                assert_eq!(held_twice(&held), Vec::<String>::new());
                for (object, name, result) in told(&plan, &ours.results).into_iter().chain(told(&plan, &theirs.results))
                {
                    let id = match &result {
                        ChangeResult::Applied { id } => id,
                        ChangeResult::CreatedConcurrently { kept, same, .. } => {
                            raced += 1;
                            assert!(same, "{name}: {result:?}");
                            kept
                        }
                        other => panic!("{name}: {other:?}"),
                    };
                    let ids: Vec<&String> = match object {
                        ObjectType::Control => {
                            held.controls.iter().filter(|held| held.name == name).map(|held| &held.id).collect()
                        }
                        ObjectType::Framework => {
                            held.frameworks.iter().filter(|held| held.name == name).map(|held| &held.id).collect()
                        }
                    };
                    assert_eq!(ids, [id], "{name}: {result:?}");
                }
                assert_eq!(pending(&account.plan(&checked, &options()).await), Vec::<String>::new());
            }
            assert!(raced > 0, "the writers never met");
        }
    });
}

#[test]
fn an_answer_that_is_lost_while_another_writer_was_first_leaves_no_duplicate() {
    runtime().block_on(async {
        let account = Account::new(Switches { reject_duplicate_names: false, ..Switches::default() }).await;
        let checked = checked(&files(), OURS);
        let other = connect(&account.emulator).await;
        let plan = account.plan(&checked, &options()).await;
        apply(&other, &plan, |_, _| {}).await;
        for operation in ["CreateControl", "CreateAssessmentFramework"] {
            let (operation, effect) = (Some(operation.to_owned()), Effect::CloseAfterWork);
            account.emulator.inject(Fault { operation, skip: 0, times: 6, effect }).unwrap();
        }
        apply(&account.client, &plan, |_, _| {}).await;
        assert_eq!(held_twice(&account.everything().await), Vec::<String>::new());
        assert_eq!(pending(&account.plan(&checked, &options()).await), Vec::<String>::new());
    });
}

#[test]
fn a_duplicate_that_cannot_be_removed_is_told_with_both_ids() {
    runtime().block_on(async {
        let account = Account::new(Switches { reject_duplicate_names: false, ..Switches::default() }).await;
        let one = Files { controls: vec![("a".into(), json!({ "name": "a" }))], frameworks: Vec::new() };
        let checked = checked(&one, OURS);
        let plan = account.plan(&checked, &options()).await;
        let first = apply(&account.client, &plan, |_, _| {}).await.results;
        let [ChangeResult::Applied { id: older }] = first.as_slice() else { panic!("{first:?}") };
        let fault =
            Fault { operation: Some("DeleteControl".into()), skip: 0, times: 99, effect: Effect::Fail { status: 500 } };
        account.emulator.inject(fault).unwrap();
        let second = apply(&account.client, &plan, |_, _| {}).await.results;
        let [ChangeResult::Failed(failure)] = second.as_slice() else { panic!("{second:?}") };
        let held = account.everything().await;
        assert_eq!(held.controls.len(), 2);
        let cure = failure.help.clone().unwrap();
        assert!(held.controls.iter().all(|held| cure.contains(&held.id)), "{cure}");
        assert!(cure.contains(older));
        assert!(
            cure.starts_with("Another writer made a control of this name at the same time (")
                && cure.ends_with("could not be removed: delete it.")
        );
    });
}

#[test]
fn the_older_object_of_somebody_else_stays_and_is_told() {
    runtime().block_on(async {
        for reject_duplicate_names in [false, true] {
            let account = Account::new(Switches { reject_duplicate_names, ..Switches::default() }).await;
            let one = Files { controls: vec![("a".into(), json!({ "name": "a" }))], frameworks: Vec::new() };
            let checked = checked(&one, OURS);
            let plan = account.plan(&checked, &options()).await;
            account.seed(json!({ "controls": [{ "name": "a", "description": "clicked" }] })).await;
            let results = apply(&account.client, &plan, |_, _| {}).await.results;
            let [ChangeResult::CreatedConcurrently { kept, same: false, .. }] = results.as_slice() else {
                panic!("{results:?}")
            };
            let held = account.everything().await;
            assert_eq!(held.controls.iter().map(|held| &held.id).collect::<Vec<_>>(), [kept]);
        }
    });
}

#[test]
fn a_create_without_an_answer_is_not_sent_again_where_somebody_has_the_name() {
    runtime().block_on(async {
        let account = Account::new(Switches { reject_duplicate_names: false, ..Switches::default() }).await;
        let one = Files { controls: vec![("a".into(), json!({ "name": "a" }))], frameworks: Vec::new() };
        let checked = checked(&one, OURS);
        let plan = account.plan(&checked, &options()).await;
        account.seed(json!({ "controls": [{ "name": "a", "description": "clicked" }] })).await;
        let fault =
            Fault { operation: Some("CreateControl".into()), skip: 0, times: 1, effect: Effect::CloseBeforeWork };
        account.emulator.inject(fault).unwrap();
        let results = apply(&account.client, &plan, |_, _| {}).await.results;
        assert!(
            matches!(results.as_slice(), [ChangeResult::CreatedConcurrently { same: false, removed: None, .. }]),
            "{results:?}"
        );
        let creates = account.emulator.requests().into_iter().filter(|request| request.operation == "CreateControl");
        assert_eq!((creates.count(), account.everything().await.controls.len()), (1, 1));
    });
}

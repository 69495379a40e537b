//! Snapshots of earlier runs: what they contain is not read again, but no write depends on it alone.

use controlsync_aws::audit_manager::account::{Reading, Snapshot, SnapshotError};
use controlsync_aws::audit_manager::apply::apply;
use controlsync_core::plan::{Plan, reasons};
use controlsync_emulator::{Effect, Fault, Switches};
use serde_json::json;

use crate::generate::Files;
use crate::support::{Account, TIMES, checked, options, pending, runtime};

const OURS: &str = "ours";

fn files() -> Files {
    let control =
        |number: usize| (format!("{number}"), json!({ "name": format!("control {number}"), "tags": { "A": "1" } }));
    let sets = json!([{ "name": "S", "controls": ["control 0", { "standard": "2.1.1 Ensure S3 encryption" }] }]);
    Files {
        controls: (0..4).map(control).collect(),
        frameworks: vec![("f".into(), json!({ "name": "framework", "controlSets": sets }))],
    }
}

/// Plans with the snapshot of an earlier run; also returns the new snapshot.
async fn plan_with(account: &Account, files: &Files, kept: Option<Snapshot>) -> (Plan, Snapshot) {
    let checked = checked(files, OURS);
    let mut reading = Reading::start(&account.client).await.unwrap();
    if let Some(kept) = &kept {
        reading.remember(kept.clone());
    }
    let plan = Box::pin(reading.plan(&checked.catalog, &checked.sources, &options(), |_, _| {})).await.unwrap();
    let kept = reading.to_keep().cloned().or(kept).unwrap();
    // As if it was stored in a file.
    let kept = Snapshot::from_text(kept.to_text().as_bytes()).unwrap();
    (plan, kept)
}

/// An account to which the files were applied some time ago, and its snapshot.
async fn settled(switches: Switches) -> (Account, Snapshot) {
    let account = Account::new(switches).await;
    account.apply(&checked(&files(), OURS), &options()).await;
    let (_, kept) = loop {
        let (plan, kept) = plan_with(&account, &files(), None).await;
        account.emulator.take_requests();
        plan_with(&account, &files(), Some(kept.clone())).await;
        let gets = account.emulator.take_requests().into_iter().filter(|request| {
            request.operation.starts_with("auditmanager:Get") && !request.operation.ends_with("Status")
        });
        // Recently written objects are read again until their update time is reliable.
        if gets.count() == 0 {
            break (plan, kept);
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    };
    (account, kept)
}

fn operations(account: &Account) -> Vec<String> {
    let mut operations: Vec<String> =
        account.emulator.take_requests().into_iter().map(|request| request.operation).collect();
    operations.sort();
    operations
}

#[test]
fn for_an_unchanged_account_only_lists_are_read() {
    runtime().block_on(async {
        for times in TIMES.iter().copied() {
            let (account, kept) = Box::pin(settled(Switches { times, ..Switches::default() })).await;
            let (plan, _) = plan_with(&account, &files(), Some(kept)).await;
            assert_eq!(pending(&plan), Vec::<String>::new(), "{times:?}");
            assert_eq!(
                operations(&account),
                [
                    "auditmanager:GetAccountStatus",
                    "auditmanager:ListAssessmentFrameworks",
                    "auditmanager:ListControls",
                    "auditmanager:ListControls"
                ],
                "{times:?}"
            );
        }
    });
}

/// Whatever the resolution of times: an edit within the second of an apply is seen.
#[test]
fn an_edit_within_a_second_is_seen() {
    runtime().block_on(async {
        for times in TIMES.iter().copied() {
            let account = Account::new(Switches { times, ..Switches::default() }).await;
            let kept = applied(&account, &files(), None).await;
            let (_, kept) = plan_with(&account, &files(), Some(kept)).await;
            let mut edited = files();
            edited.controls[1].1["description"] = json!("of another user");
            account.apply(&checked(&edited, OURS), &options()).await;
            let (plan, _) = plan_with(&account, &files(), Some(kept)).await;
            assert_eq!(pending(&plan), ["update control control 1"], "{times:?}");
        }
    });
}

/// Objects that a run created are missing in the lists of the next one.
#[test]
fn what_a_run_created_is_not_created_again_while_lists_lag() {
    runtime().block_on(async {
        let switches = Switches { reject_duplicate_names: false, list_lag: 60_000, ..Switches::default() };
        let account = Account::new(switches).await;
        let kept = applied(&account, &files(), None).await;
        let (plan, kept) = plan_with(&account, &files(), Some(kept)).await;
        assert_eq!(pending(&plan), Vec::<String>::new());
        // Still so in the run after that.
        let (plan, kept) = plan_with(&account, &files(), Some(kept)).await;
        assert_eq!(pending(&plan), Vec::<String>::new());
        // What cannot be looked at is not missing.
        let operation = Some("auditmanager:GetControl".to_owned());
        account.emulator.inject(Fault { operation, account: None, skip: 0, times: 1, effect: Effect::Deny }).unwrap();
        let checked = checked(&files(), OURS);
        let mut reading = Reading::start(&account.client).await.unwrap();
        reading.remember(kept.clone());
        let failed = reading.plan(&checked.catalog, &checked.sources, &options(), |_, _| {}).await.unwrap_err();
        assert!(failed.is_denied(), "{failed}");
        // One that was deleted since is created again.
        let id = plan.changes.iter().find(|change| change.name == "control 3").unwrap().id.clone().unwrap();
        account.delete_control(&id).await;
        let (plan, kept) = plan_with(&account, &files(), Some(kept)).await;
        assert_eq!(pending(&plan), ["create control control 3"]);
        let (plan, _) = plan_with(&account, &files(), Some(kept)).await;
        assert_eq!(pending(&plan), ["create control control 3"]);
    });
}

#[test]
fn recently_written_objects_are_read_again() {
    runtime().block_on(async {
        let account = Account::new(Switches::default()).await;
        account.apply(&checked(&files(), OURS), &options()).await;
        let (_, kept) = plan_with(&account, &files(), None).await;
        account.emulator.take_requests();
        plan_with(&account, &files(), Some(kept)).await;
        let gets = operations(&account).into_iter().filter(|operation| operation == "auditmanager:GetControl").count();
        assert_eq!(gets, 4, "all but the standard control, which is years old");
    });
}

/// Applies files to an account, and returns the snapshot of the run.
async fn applied(account: &Account, files: &Files, kept: Option<Snapshot>) -> Snapshot {
    let checked = checked(files, OURS);
    let mut reading = Box::pin(Reading::start(&account.client)).await.unwrap();
    if let Some(kept) = kept {
        reading.remember(kept);
    }
    let plan = reading.plan(&checked.catalog, &checked.sources, &options(), |_, _| {}).await.unwrap();
    assert!(!pending(&plan).is_empty());
    reading.keep_written(apply(&account.client, &plan, |_, _| {}).await.written);
    reading.to_keep().cloned().unwrap()
}

/// Returns the requests for details of the next run.
async fn details(account: &Account, files: &Files, kept: Snapshot) -> Vec<String> {
    account.emulator.take_requests();
    let (plan, _) = plan_with(account, files, Some(kept)).await;
    assert_eq!(pending(&plan), Vec::<String>::new());
    operations(account)
        .into_iter()
        .filter(|operation| operation.starts_with("auditmanager:Get") && operation != "auditmanager:GetAccountStatus")
        .collect()
}

#[test]
fn objects_that_a_run_wrote_are_not_read_again() {
    runtime().block_on(async {
        let account = Account::new(Switches::default()).await;
        let mut files = files();
        let kept = applied(&account, &files, None).await;
        // One in a thousand update times is a whole second and so not reliable.
        assert!(details(&account, &files, kept.clone()).await.len() <= 1, "created");
        for object in [&mut files.controls[2].1, &mut files.frameworks[0].1] {
            object["description"] = "new".into();
            object["tags"] = json!({ "B": "2" });
        }
        let kept = applied(&account, &files, Some(kept)).await;
        assert!(details(&account, &files, kept.clone()).await.len() <= 1, "edited");
        // Later changes by another user are detected.
        let mut edited = files.clone();
        edited.controls[1].1["description"] = "theirs".into();
        account.apply(&checked(&edited, OURS), &options()).await;
        let (plan, _) = plan_with(&account, &files, Some(kept)).await;
        assert_eq!(pending(&plan), ["update control control 1"]);
    });
}

#[test]
fn tags_that_a_run_wrote_are_not_read_again() {
    runtime().block_on(async {
        let (account, kept) = Box::pin(settled(Switches::default())).await;
        let mut files = files();
        files.controls[2].1["tags"] = json!({ "B": "2" });
        files.frameworks[0].1["tags"] = json!({ "B": "2" });
        let kept = applied(&account, &files, Some(kept)).await;
        assert_eq!(details(&account, &files, kept).await, Vec::<String>::new());
    });
}

#[test]
fn only_changed_objects_are_read_again() {
    runtime().block_on(async {
        let (account, kept) = Box::pin(settled(Switches::default())).await;
        let mut edited = files();
        edited.controls[2].1["description"] = "new".into();
        account.apply(&checked(&edited, OURS), &options()).await;
        account.emulator.take_requests();
        let (plan, _) = plan_with(&account, &edited, Some(kept)).await;
        assert_eq!(pending(&plan), Vec::<String>::new());
        let gets: Vec<String> =
            operations(&account).into_iter().filter(|name| name.starts_with("auditmanager:GetC")).collect();
        assert_eq!(gets, ["auditmanager:GetControl"]);
    });
}

#[test]
fn changed_tags_are_detected_before_a_write() {
    runtime().block_on(async {
        let (account, kept) = Box::pin(settled(Switches::default())).await;
        let before = account.everything().await;
        let control = before.controls.iter().find(|live| live.name == "control 1").unwrap();
        // Another catalog takes over the control, which does not change its update time.
        let theirs = Files {
            controls: vec![("x".into(), json!({ "name": "control 1", "tags": { "A": "1" } }))],
            frameworks: vec![],
        };
        let taken = controlsync_core::plan::Options { take_over: [OURS.to_owned()].into(), ..options() };
        account.apply(&checked(&theirs, "theirs"), &taken).await;
        account.emulator.take_requests();
        let (plan, _) = plan_with(&account, &files(), Some(kept.clone())).await;
        assert_eq!(pending(&plan), Vec::<String>::new());
        let mut edited = files();
        edited.controls[1].1["description"] = "new".into();
        let (plan, _) = plan_with(&account, &edited, Some(kept)).await;
        let change = plan.changes.iter().find(|change| change.id.as_ref() == Some(&control.id)).unwrap();
        assert_eq!(reasons(&change.blocked_by), "owned-by-another-catalog");
    });
}

#[test]
fn a_framework_that_lost_a_control_is_read_again_with_an_unchanged_update_time() {
    runtime().block_on(async {
        let (account, kept) = Box::pin(settled(Switches { touch_on_cascade: false, ..Switches::default() })).await;
        // Another user deletes the control, which removes it from the framework.
        let control = account.everything().await.controls.into_iter().find(|live| live.name == "control 0").unwrap();
        account.delete_control(&control.id).await;
        let (plan, _) = plan_with(&account, &files(), Some(kept)).await;
        assert_eq!(pending(&plan), ["create control control 0", "update framework framework"]);
    });
}

#[test]
fn a_snapshot_of_another_region_or_version_is_not_used() {
    runtime().block_on(async {
        let (account, kept) = Box::pin(settled(Switches::default())).await;
        let other = kept.to_text().replace("us-east-1", "us-east-2");
        let (_, _) = plan_with(&account, &files(), Snapshot::from_text(other.as_bytes()).ok()).await;
        assert_eq!(operations(&account).iter().filter(|name| *name == "auditmanager:GetControl").count(), 5);
        let older = kept.to_text().replacen("\"version\":2", "\"version\":1", 1);
        assert_eq!(Snapshot::from_text(older.as_bytes()).unwrap_err(), SnapshotError::OtherVersion);
        assert_eq!(Snapshot::from_text(&kept.to_text().as_bytes()[..100]).unwrap_err(), SnapshotError::Damaged);
    });
}

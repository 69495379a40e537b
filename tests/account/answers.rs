//! What a service may answer: lists that repeat, overlap, lag or never end, and texts in its own form.

use controlsync_aws::audit_manager::account::Reading;
use controlsync_core::change_result::ChangeResult;
use controlsync_core::plan::{Drift, Options, Removed};
use controlsync_emulator::{Effect, Fault, Pages, Switches};
use serde_json::json;

use crate::generate::Files;
use crate::support::{Account, checked, duplicate_names, options, pending, runtime};

const OURS: &str = "ours";

fn names(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("Control {number:02}")).collect()
}

/// A catalog with as many controls, a framework of them, and one with an AWS control.
fn catalog(count: usize) -> Files {
    let controls = names(count).into_iter().map(|name| json!({ "name": name, "description": "d" }));
    let controls = controls.enumerate().map(|(at, control)| (at.to_string(), control)).collect();
    let sets = json!([{ "name": "All", "controls": names(count) }]);
    let of_aws = json!([{ "name": "Of AWS", "controls": [{ "core": "Root user has MFA" }] }]);
    let frameworks = vec![
        ("all".to_owned(), json!({ "name": "All", "controlSets": sets })),
        ("aws".to_owned(), json!({ "name": "AWS", "controlSets": of_aws })),
    ];
    Files { controls, frameworks }
}

/// The highest number of times that an object was read in full since the last call.
fn most_reads(account: &Account) -> usize {
    let mut read = std::collections::BTreeMap::<String, usize>::new();
    for request in account.emulator.take_requests() {
        if request.operation.starts_with("auditmanager:Get") && request.method == "GET" {
            *read.entry(request.path).or_default() += 1;
        }
    }
    read.into_values().max().unwrap_or_default()
}

#[test]
fn repeated_and_overlapping_pages_change_nothing() {
    for pages in [Pages::RepeatEntries, Pages::Overlap, Pages::EmptyToken] {
        runtime().block_on(async {
            let account = Account::new(Switches { pages, ..Switches::default() }).await;
            let checked = checked(&catalog(20), OURS);
            let (_, results) = account.apply(&checked, &options()).await;
            assert!(results.iter().all(ChangeResult::is_done), "{pages:?}: {results:#?}");
            account.emulator.take_requests();
            assert_eq!(pending(&account.plan(&checked, &options()).await), [""; 0], "{pages:?}");
            assert!(most_reads(&account) <= 1, "{pages:?}");
            assert_eq!(duplicate_names(&account.everything().await), Vec::<String>::new());
        });
    }
}

#[test]
fn a_list_that_does_not_end_is_an_error() {
    for (pages, error) in [
        (Pages::SameToken, "the service repeated the token of a page"),
        (Pages::Endless, "100 pages in a row have nothing new"),
    ] {
        runtime().block_on(async {
            let account = Account::new(Switches { pages, ..Switches::default() }).await;
            // The list of custom controls has one page.
            let failure = match Reading::start(&account.client).await {
                Err(failure) => failure,
                Ok(_) => controlsync_aws::audit_manager::keywords::read(
                    &account.client,
                    controlsync_core::source_type::SourceType::Config,
                )
                .await
                .unwrap_err(),
            };
            assert!(failure.to_string().ends_with(&format!("the list does not end: {error}")), "{failure}");
        });
    }
}

/// Loses the responses to the next creates of each type.
fn lose_responses(account: &Account, times: u32) {
    for operation in ["auditmanager:CreateControl", "auditmanager:CreateAssessmentFramework"] {
        let (operation, effect) = (Some(operation.to_owned()), Effect::CloseAfterWork);
        account.emulator.inject(Fault { operation, account: None, skip: 0, times, effect }).unwrap();
    }
}

#[test]
fn a_create_whose_answer_is_lost_is_found_in_a_list_that_lags() {
    for list_lag in [0, 8, 20] {
        runtime().block_on(async {
            let switches = Switches { reject_duplicate_names: false, list_lag, ..Switches::default() };
            let account = Account::new(switches).await;
            let checked = checked(&catalog(3), OURS);
            lose_responses(&account, 2);
            let (_, results) = account.apply(&checked, &options()).await;
            assert!(results.iter().all(ChangeResult::is_done), "{list_lag}: {results:#?}");
            tokio::time::sleep(std::time::Duration::from_millis(u64::from(list_lag) + 1)).await;
            assert_eq!(duplicate_names(&account.everything().await), Vec::<String>::new(), "{list_lag}");
            assert_eq!(pending(&account.plan(&checked, &options()).await), [""; 0], "{list_lag}");
        });
    }
}

#[test]
fn a_framework_waits_until_its_new_controls_are_known() {
    for unknown_control_is_invalid in [false, true] {
        runtime().block_on(async {
            let switches = Switches { reference_lag: 8, unknown_control_is_invalid, ..Switches::default() };
            let account = Account::new(switches).await;
            let (_, results) = account.apply(&checked(&catalog(3), OURS), &options()).await;
            assert!(results.iter().all(ChangeResult::is_done), "{unknown_control_is_invalid}: {results:#?}");
            // An existing framework gets a new control.
            let (_, results) = account.apply(&checked(&catalog(4), OURS), &options()).await;
            assert!(results.iter().all(ChangeResult::is_done), "{unknown_control_is_invalid}: {results:#?}");
        });
    }
}

/// Texts that a service may store in another form.
fn unusual_texts(description: &str) -> Files {
    let control = json!({
        "name": "Backups",
        "description": description,
        "testingInformation": " e\u{301}\r\n",
        "actionPlanTitle": "t ",
        "datasources": [{ "sourceName": "Asked", "sourceType": "MANUAL", "sourceDescription": "d\n", "troubleshootingText": "\tx" }],
        "tags": { "Empty": "", "Spaces": " a " },
    });
    let framework = json!({
        "name": "All", "description": "f\n", "complianceType": " c",
        "controlSets": [{ "name": "S", "controls": ["Backups"] }],
    });
    Files { controls: vec![("s\u{e9}curit\u{e9}".to_owned(), control)], frameworks: vec![("f".to_owned(), framework)] }
}

#[test]
fn texts_that_are_stored_in_another_form_are_in_sync() {
    for bits in 0..8 {
        runtime().block_on(async {
            let account = Account::new(Switches {
                trim_texts: bits & 1 != 0,
                normalize_texts: bits & 2 != 0,
                drop_empty_tags: bits & 4 != 0,
                ..Switches::default()
            })
            .await;
            let files = checked(&unusual_texts("d\n"), OURS);
            let (_, results) = account.apply(&files, &options()).await;
            let altered =
                |result: &ChangeResult| matches!(result, ChangeResult::Applied { altered, .. } if !altered.is_empty());
            assert_eq!(results.iter().any(altered), bits & 3 != 0, "{bits}: {results:#?}");
            assert_eq!(pending(&account.plan(&files, &options()).await), [""; 0], "{bits}");
            // Drift is still drift, and an edit of the file is still an edit.
            let edited = checked(&unusual_texts("other\n"), OURS);
            let plan = account.plan(&edited, &Options { drift: Drift::Leave, ..options() }).await;
            assert_eq!(pending(&plan), ["update control Backups"], "{bits}");
            account.apply(&edited, &options()).await;
            assert_eq!(pending(&account.plan(&edited, &options()).await), [""; 0], "{bits}");
        });
    }
}

#[test]
fn our_own_tags_have_only_the_characters_that_the_user_guide_allows() {
    runtime().block_on(async {
        let account = Account::new(Switches { ascii_tag_values: true, ..Switches::default() }).await;
        let files = checked(&unusual_texts("d"), OURS);
        let (_, results) = account.apply(&files, &options()).await;
        assert!(results.iter().all(ChangeResult::is_done), "{results:#?}");
        assert_eq!(pending(&account.plan(&files, &options()).await), [""; 0]);
    });
}

#[test]
fn a_duplicate_of_an_earlier_run_is_named_and_deleted_only_with_prune() {
    runtime().block_on(async {
        // Lists lag for longer than a run looks, and the response to a create is lost.
        let switches = Switches { reject_duplicate_names: false, list_lag: 5_000, ..Switches::default() };
        let account = Account::new(switches).await;
        let checked = checked(&catalog(2), OURS);
        lose_responses(&account, 1);
        let (_, results) = account.apply(&checked, &options()).await;
        assert!(results.iter().all(ChangeResult::is_done), "{results:#?}");
        tokio::time::sleep(std::time::Duration::from_millis(5_200)).await;
        let before = account.everything().await;
        assert_eq!(duplicate_names(&before).len(), 2, "a control and a framework");

        let plan = account.plan(&checked, &options()).await;
        assert_eq!(pending(&plan), [""; 0]);
        let rules: Vec<&str> = plan.diagnostics.iter().map(|found| found.rule.id).collect();
        assert_eq!(rules, ["duplicate-object", "duplicate-object"]);
        // The control in use is kept: one of the frameworks has it.
        let used: Vec<&String> = before
            .frameworks
            .iter()
            .filter_map(|live| live.detail.get())
            .flat_map(|detail| detail.control_sets.iter().flat_map(|set| set.controls.keys()))
            .collect();
        let planned =
            |name: &str| plan.changes.iter().find(|change| change.name == name).and_then(|change| change.id.clone());
        for name in names(2) {
            assert!(used.contains(&&planned(&name).unwrap()), "{name}");
        }

        let prune = Options { removed: Removed::Delete, max_deletes: Some(9), ..options() };
        let (plan, _) = account.apply(&checked, &prune).await;
        assert_eq!(pending(&plan).len(), 2, "{:?}", pending(&plan));
        let after = account.everything().await;
        assert_eq!(duplicate_names(&after), Vec::<String>::new());
        let plan = account.plan(&checked, &prune).await;
        assert_eq!((pending(&plan), plan.diagnostics.len()), (vec![], 0));
    });
}

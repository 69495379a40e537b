//! The laws again, with everything real except the account, for arbitrary content and behavior of the account.

use std::collections::{BTreeMap, BTreeSet};

use controlsync_core::change_result::ChangeResult;
use controlsync_core::plan::{
    Actual, CATALOG_TAG, ChangeKind, ObjectType, Options, Outcome, Plan, Removed, is_ownership_tag,
};
use controlsync_emulator::{Pages, Request, Switches};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseResult;
use serde_json::{Value as Json, json};

use crate::generate::{Files, files};
use crate::ids::{self, object_ids};
use crate::support::{Account, TIMES, checked, duplicate_names, options, pending, runtime};

/// The catalog of these tests.
const OURS: &str = "ours";

/// Each undocumented behavior of the service, on or off.
pub fn switches() -> impl Strategy<Value = Switches> {
    let pages = select([Pages::Exact, Pages::RepeatEntries, Pages::Overlap, Pages::EmptyToken].as_slice());
    let all = (vec(any::<bool>(), 12), pages, select([0, 4].as_slice()), select(TIMES));
    all.prop_map(|(on, pages, reference_lag, times)| Switches {
        reject_duplicate_names: on[0],
        clear_omitted_fields: on[1],
        new_ids_when_omitted: on[2],
        fill_in_keywords: on[3],
        framework_edits_reach_assessments: on[4],
        drop_emptied_sets: on[5],
        touch_on_cascade: on[6],
        keep_order: on[7],
        unknown_control_is_invalid: on[8],
        throttle_with_429: on[9],
        normalize_texts: on[10],
        drop_empty_tags: on[11],
        pages,
        times,
        reference_lag,
        ..Switches::default()
    })
}

/// AWS controls that the emulator has.
const OF_AWS: [&str; 4] = [
    r#"{"standard": "2.1.1 Ensure S3 encryption"}"#,
    r#"{"core": "Root user has MFA"}"#,
    r#"{"standard": "Cryptographic key management"}"#,
    r#"{"id": "4074acc6-3120-526a-bf59-56aa13f6fe47"}"#,
];

/// A catalog whose frameworks also contain AWS controls.
pub fn catalog() -> impl Strategy<Value = Files> {
    (files(), vec(proptest::option::of(select(OF_AWS.as_slice())), 6)).prop_map(|(mut files, picked)| {
        let mut picked = picked.into_iter();
        for (_, framework) in &mut files.frameworks {
            for set in framework["controlSets"].as_array_mut().into_iter().flatten() {
                if let Some(Some(reference)) = picked.next() {
                    let reference: Json = serde_json::from_str(reference).unwrap();
                    set["controls"].as_array_mut().into_iter().for_each(|controls| controls.push(reference.clone()));
                }
            }
        }
        files
    })
}

/// Objects of other users in the account: with names of the catalog and other names, with tags of another catalog, with
/// ours or without, and active assessments of the frameworks.
fn seed() -> impl Strategy<Value = Json> {
    let tags = select(vec![
        json!({}),
        json!({ "CostCenter": "7" }),
        json!({ CATALOG_TAG: "theirs", "A": "theirs" }),
        json!({ CATALOG_TAG: OURS, "CostCenter": "8" }),
    ]);
    let control = ("[a-z]{0,5}", tags.clone(), 0..3_usize);
    let controls = btree_map(0..7_usize, control, 0..6);
    let frameworks = btree_map(0..4_usize, (tags, any::<bool>()), 0..3);
    (controls, frameworks).prop_map(|(controls, frameworks)| {
        let uuid = |kind: usize, number: usize| format!("{kind:08}-0000-4000-8000-{number:012}");
        let all: Vec<Json> = controls
            .iter()
            .map(|(number, (description, tags, sources))| {
                let sources: Vec<Json> = (0..*sources)
                    .map(|at| json!({ "sourceName": if at % 2 == 0 { "a" } else { "b" }, "sourceType": "MANUAL" }))
                    .collect();
                json!({
                    "id": uuid(1, *number), "name": format!("control {number}"), "description": description,
                    "controlMappingSources": sources, "tags": tags,
                })
            })
            .collect();
        let all_ids: Vec<String> = controls.keys().map(|number| uuid(1, *number)).collect();
        let frameworks: Vec<(Json, bool)> = frameworks
            .iter()
            .filter(|_| !all_ids.is_empty())
            .map(|(number, (tags, assessed))| {
                let framework = json!({
                    "id": uuid(2, *number), "name": format!("framework {number}"), "tags": tags,
                    "controlSets": [{ "name": "S", "controls": all_ids }],
                });
                (framework, *assessed)
            })
            .collect();
        let assessed = frameworks.iter().filter(|(_, assessed)| *assessed);
        let assessments: Vec<Json> =
            assessed.map(|(framework, _)| json!({ "name": "This year", "frameworkId": framework["id"] })).collect();
        let frameworks: Vec<Json> = frameworks.iter().map(|(framework, _)| framework.clone()).collect();
        json!({ "controls": all, "frameworks": frameworks, "assessments": assessments })
    })
}

type Objects = BTreeMap<String, (String, BTreeMap<String, String>, String)>;

/// Every object by ID: name, tags, and its debug output.
fn objects(actual: &Actual) -> Objects {
    let controls = actual.controls.iter().map(|live| {
        let detail = live.detail.get().unwrap();
        (live.id.clone(), (live.name.clone(), detail.tags.clone(), format!("{detail:?}")))
    });
    let frameworks = actual.frameworks.iter().map(|live| {
        let detail = live.detail.get().unwrap();
        (live.id.clone(), (live.name.clone(), detail.tags.clone(), format!("{detail:?}")))
    });
    controls.chain(frameworks).collect()
}

/// Checks that objects of other owners are unchanged, and that tags of other users are kept. `planned`: IDs of the
/// objects that the plan changes.
fn others_are_unchanged(
    before: &Objects,
    after: &Objects,
    planned: &BTreeSet<String>,
    deleted: &BTreeSet<String>,
) -> TestCaseResult {
    for (id, old) in before.iter().filter(|(id, _)| !deleted.contains(*id)) {
        let Some(new) = after.get(id) else {
            return Err(TestCaseError::fail(format!("{} ({id}) was deleted", old.0)));
        };
        let foreign = old.1.get(CATALOG_TAG).is_some_and(|owner| owner != OURS);
        // A framework of another owner loses the deleted controls.
        if foreign && deleted.is_empty() {
            prop_assert_eq!(old, new, "owned by another catalog");
        }
        if !planned.contains(id) && deleted.is_empty() {
            prop_assert_eq!(old, new, "not in the plan");
        }
        for (key, value) in old.1.iter().filter(|(key, _)| *key == "CostCenter") {
            prop_assert_eq!(new.1.get(key), Some(value), "a tag of another user");
        }
    }
    Ok(())
}

/// Checks that the plan shows every write, with its object.
fn all_writes_are_planned(plan: &Plan, requests: &[Request]) -> TestCaseResult {
    let writes = plan.changes.iter().filter(|change| change.writes());
    let mut creates: BTreeSet<(ObjectType, String)> = BTreeSet::new();
    let mut ids: BTreeMap<String, &controlsync_core::plan::Change> = BTreeMap::new();
    for change in writes {
        match (&change.id, change.kind) {
            (None, ChangeKind::Create) => drop(creates.insert((change.object, change.name.clone()))),
            (Some(id), _) => drop(ids.insert(id.clone(), change)),
            (None, _) => return Err(TestCaseError::fail("a change of an object without an id")),
        }
    }
    for request in requests.iter().filter(|request| request.method != "GET") {
        let name = request.body["name"].as_str().unwrap_or_default().to_owned();
        let id = ids.iter().find(|(id, _)| request.path.contains(id.as_str())).map(|(_, change)| *change);
        let shown = match request.operation.as_str() {
            "auditmanager:CreateControl" => creates.contains(&(ObjectType::Control, name)),
            "auditmanager:CreateAssessmentFramework" => creates.contains(&(ObjectType::Framework, name)),
            "auditmanager:UpdateControl" | "auditmanager:UpdateAssessmentFramework" => {
                id.is_some_and(|change| change.body.is_some())
            }
            "auditmanager:TagResource" => id.is_some_and(|change| !change.tags.set.is_empty()),
            "auditmanager:UntagResource" => id.is_some_and(|change| !change.tags.remove.is_empty()),
            "auditmanager:DeleteControl" | "auditmanager:DeleteAssessmentFramework" => {
                id.is_some_and(|change| change.kind == ChangeKind::Delete)
            }
            other => return Err(TestCaseError::fail(format!("{other} is sent"))),
        };
        prop_assert!(shown, "{:?} is not in {:#?}", request, plan.changes);
    }
    Ok(())
}

fn planned(plan: &Plan) -> BTreeSet<String> {
    plan.changes.iter().filter(|change| change.writes()).filter_map(|change| change.id.clone()).collect()
}

/// Plans, applies, and plans again: everything possible was done, and nothing else.
async fn apply(account: &Account, files: &Files, options: &Options) -> Result<Plan, TestCaseError> {
    let checked = checked(files, OURS);
    prop_assert!(!checked.has_errors(), "{:#?}", checked.diagnostics);
    let before = objects(&account.everything().await);
    account.emulator.take_requests();
    let (plan, results) = account.apply(&checked, options).await;
    let requests = account.emulator.take_requests();
    all_writes_are_planned(&plan, &requests)?;
    // A framework is sent again until its new controls are known.
    let was_repeated = |refused: &Request| {
        let is_same = |other: &&Request| (&other.path, &other.body) == (&refused.path, &refused.body);
        refused.operation.ends_with("AssessmentFramework")
            && requests.iter().filter(is_same).any(|request| request.status == Some(200))
    };
    let refused: Vec<_> =
        requests.iter().filter(|request| request.status != Some(200) && !was_repeated(request)).collect();
    prop_assert!(refused.is_empty(), "{:#?}", refused);
    let failed = results.iter().filter(|result| !result.is_done() && !matches!(result, ChangeResult::Blocked { .. }));
    prop_assert_eq!(failed.count(), 0, "{:#?}", results);
    let again = account.plan(&checked, options).await;
    prop_assert_eq!(pending(&again), Vec::<String>::new());
    if plan.outcome() != Outcome::Conflict {
        prop_assert_eq!(again.outcome(), Outcome::InSync, "{:#?}", again.changes);
    }
    let after = account.everything().await;
    prop_assert_eq!(duplicate_names(&after), Vec::<String>::new());
    let removals = plan.changes.iter().filter(|change| change.kind == ChangeKind::Delete && change.writes());
    let deleted: BTreeSet<String> = removals.filter_map(|change| change.id.clone()).collect();
    prop_assert!(options.removed.deletes() || deleted.is_empty());
    for id in &deleted {
        prop_assert_eq!(before[id].1.get(CATALOG_TAG).map(String::as_str), Some(OURS));
    }
    others_are_unchanged(&before, &objects(&after), &planned(&plan), &deleted)?;
    Ok(plan)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn plan_after_apply_is_empty_and_ids_survive(
        first in catalog(), second in catalog(), switches in switches(), seed in seed(), prune in any::<bool>()
    ) {
        runtime().block_on(async {
            let account = Account::new(switches).await;
            account.seed(seed).await;
            apply(&account, &first, &options()).await?;
            let before = account.everything().await;
            apply(&account, &second, &options()).await?;
            let after = account.everything().await;
            prop_assert_eq!(object_ids(&before), object_ids(&after));
            prop_assert_eq!(ids::lost(&before, &after), [""; 0]);
            let mut fewer = second.clone();
            fewer.frameworks.pop();
            let removed = if prune { Removed::Delete } else { Removed::Ignore };
            let options = Options { removed, max_deletes: Some(99), ..options() };
            apply(&account, &fewer, &options).await?;
            Ok(())
        })?;
    }

    #[test]
    fn renames_keep_ids(first in files(), switches in switches()) {
        runtime().block_on(async {
            let account = Account::new(switches).await;
            apply(&account, &first, &options()).await?;
            let before = account.everything().await;
            apply(&account, &first.renamed(), &options()).await?;
            let ids = |actual: &Actual| object_ids(actual).into_values().collect::<BTreeSet<String>>();
            prop_assert_eq!(ids(&before), ids(&account.everything().await));
            Ok(())
        })?;
    }
}

#[test]
fn objects_of_other_owners_are_never_pruned() {
    runtime().block_on(async {
        let account = Account::new(Switches::default()).await;
        let control = |name: &str, tags: Json| json!({ "name": name, "tags": tags });
        account
            .seed(json!({ "controls": [
                control("unmanaged", json!({})),
                control("theirs", json!({ CATALOG_TAG: "theirs" })),
                control("nearly ours", json!({ CATALOG_TAG: "Ours" })),
                control("ours", json!({ CATALOG_TAG: OURS })),
            ] }))
            .await;
        let files = Files { controls: vec![("a".into(), json!({ "name": "a" }))], frameworks: Vec::new() };
        let options = Options { removed: Removed::Delete, ..options() };
        let (plan, results) = account.apply(&checked(&files, OURS), &options).await;
        assert_eq!(pending(&plan), ["create control a", "delete control ours"]);
        assert!(results.iter().all(ChangeResult::is_done), "{results:#?}");
        let names: Vec<String> = account.everything().await.controls.into_iter().map(|live| live.name).collect();
        assert_eq!(BTreeSet::from_iter(names), ["a", "nearly ours", "unmanaged", "theirs"].map(str::to_owned).into());
    });
}

#[test]
fn an_object_that_lost_its_tag_after_planning_is_not_deleted() {
    runtime().block_on(async {
        let account = Account::new(Switches::default()).await;
        let owned = json!({ CATALOG_TAG: OURS });
        account.seed(json!({ "controls": [{ "name": "ours", "tags": owned }] })).await;
        let files = Files { controls: vec![("a".into(), json!({ "name": "a" }))], frameworks: Vec::new() };
        let checked = checked(&files, OURS);
        let plan = account.plan(&checked, &Options { removed: Removed::Delete, ..options() }).await;
        let change = plan.changes.iter().find(|change| change.kind == ChangeKind::Delete).unwrap();
        let arn = change.arn.clone().unwrap();
        let tags = controlsync_core::plan::TagChange {
            remove: [(CATALOG_TAG.to_owned(), OURS.to_owned())].into(),
            ..Default::default()
        };
        assert!(is_ownership_tag(CATALOG_TAG));
        let untag = Plan {
            changes: vec![controlsync_core::plan::Change {
                kind: ChangeKind::Retag,
                tags,
                arn: Some(arn),
                ..change.clone()
            }],
            ..plan.clone()
        };
        let untagged = controlsync_aws::audit_manager::apply::apply(&account.client, &untag, |_, _| {}).await.results;
        assert!(untagged.iter().all(ChangeResult::is_done), "{untagged:#?}");
        let results = controlsync_aws::audit_manager::apply::apply(&account.client, &plan, |_, _| {}).await.results;
        let failures: Vec<&ChangeResult> = results.iter().filter(|result| !result.is_done()).collect();
        assert!(
            matches!(failures.as_slice(), [ChangeResult::Failed(failure)] if failure.operation == "DeleteControl"
                && failure.message == "it no longer has the tag `controlsync:catalog` with the value `ours`"
                && failure.help.as_deref() == Some("It was not deleted: this catalog no longer owns it.")),
            "{results:#?}"
        );
        assert_eq!(account.everything().await.controls.len(), 2);
    });
}

//! Properties for arbitrary input, and tests of the repository itself.
#![expect(clippy::unwrap_used, reason = "a test should fail on any error")]

mod architecture;
mod compliance;
mod compliance_tables;
mod compliance_worlds;
mod demands;
mod document;
mod generate;
mod ids;
mod imports;
mod keywords;
mod mails;
mod messages;
mod modules;
#[path = "../output_schemas.rs"]
mod output_schemas;
mod packs;
mod pack_limits;
mod pack_round_trip;
mod pages;
mod published;
mod run;
mod service;
mod watch_compliance;
mod write;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};

use controlsync_core::check::{Checked, Options, check};
use controlsync_core::plan::{self, Actual, Body, ChangeKind, ChangedBy, Outcome, Plan, plan};
use controlsync_core::report::text::Style;
use controlsync_core::report::{Paths, plan_json, plan_text};
use proptest::prelude::*;

use generate::{CONTROLS, Files, files};
use ids::object_ids;
use service::Service;

fn checked(files: &Files) -> Checked {
    let checked = check(files.sources(), &Options::default());
    assert!(!checked.has_errors(), "{:?}", checked.diagnostics);
    checked
}

fn planned(files: &Files, actual: &Actual) -> Plan {
    let checked = checked(files);
    plan(&checked.catalog, &checked.sources, actual, &plan::Options::default())
}

/// Returns the tags of all objects.
fn all_tags(actual: &mut Actual) -> impl Iterator<Item = &mut BTreeMap<String, String>> {
    let controls = actual.controls.iter_mut().map(|control| &mut control.detail.get_mut().unwrap().tags);
    let frameworks = actual.frameworks.iter_mut().map(|framework| &mut framework.detail.get_mut().unwrap().tags);
    controls.chain(frameworks)
}

/// Writes the records of what was applied as version 1 did.
fn without_version(actual: &mut Actual) {
    for tags in all_tags(actual) {
        let applied = tags[plan::APPLIED_TAG].strip_prefix("v2:").unwrap().to_owned();
        tags.insert(plan::APPLIED_TAG.to_owned(), applied);
    }
}

proptest! {
    #[test]
    fn plan_after_apply_is_empty(first in files()) {
        let empty = Actual { region: "eu-west-1".into(), ..Actual::default() };
        let one = planned(&first, &empty);
        prop_assert!(one.changes.iter().all(|change| change.kind == ChangeKind::Create && change.blocked_by.is_empty()));
        let after = Service::default().apply(&empty, &one);
        let two = planned(&first, &after);
        prop_assert_eq!(two.outcome(), Outcome::InSync, "{:#?}", two.changes);
    }

    #[test]
    fn an_edit_is_one_update_keeps_ids_and_is_complete_after_one_apply(first in files(), second in files()) {
        let mut service = Service::default();
        let empty = Actual { region: "eu-west-1".into(), ..Actual::default() };
        let before = service.apply(&empty, &planned(&first, &empty));
        let edit = planned(&second, &before);
        for change in &edit.changes {
            prop_assert!(matches!(change.kind, ChangeKind::Update | ChangeKind::Retag | ChangeKind::Unchanged), "{change:?}");
            prop_assert_eq!(change.changed_by, (change.kind != ChangeKind::Unchanged).then_some(ChangedBy::File));
            prop_assert_eq!(change.body.is_some(), !change.fields.is_empty());
        }
        let after = service.apply(&before, &edit);
        prop_assert_eq!(object_ids(&before), object_ids(&after));
        prop_assert_eq!(ids::lost(&before, &after), [""; 0]);
        let again = planned(&second, &after);
        prop_assert_eq!(again.outcome(), Outcome::InSync, "{:#?}", again.changes);
    }

    #[test]
    fn tags_of_an_earlier_version_are_as_good_as_those_of_this_one(first in files(), second in files()) {
        let mut service = Service::default();
        let empty = Actual { region: "eu-west-1".into(), ..Actual::default() };
        let mut before = service.apply(&empty, &planned(&first, &empty));
        without_version(&mut before);
        // A version alone is no change.
        prop_assert_eq!(planned(&first, &before).outcome(), Outcome::InSync);
        // An edit is an edit, and renews the version of what it writes.
        let edit = planned(&second, &before);
        for change in edit.changes.iter().filter(|change| change.kind != ChangeKind::Unchanged) {
            prop_assert_eq!(change.changed_by, Some(ChangedBy::File), "{:?}", change);
            prop_assert!(change.tags.set[plan::APPLIED_TAG].1.starts_with("v2:"));
        }
        let after = service.apply(&before, &edit);
        prop_assert_eq!(planned(&second, &after).outcome(), Outcome::InSync);
        // Drift is drift, and is not changed where it is protected.
        for control in &mut before.controls {
            control.detail.get_mut().unwrap().description += "edited in the console";
        }
        let options = plan::Options { drift: plan::Drift::Leave, ..plan::Options::default() };
        let checked = checked(&first);
        let drift = plan(&checked.catalog, &checked.sources, &before, &options);
        for change in drift.changes.iter().filter(|change| change.object == plan::ObjectType::Control) {
            prop_assert_eq!(change.changed_by, Some(ChangedBy::Account));
            prop_assert_eq!(&change.blocked_by, &[plan::Reason::Drift]);
        }
    }

    #[test]
    fn what_a_later_version_recorded_is_kept_and_protected(first in files()) {
        let empty = Actual { region: "eu-west-1".into(), ..Actual::default() };
        let mut before = Service::default().apply(&empty, &planned(&first, &empty));
        for tags in all_tags(&mut before) {
            let applied = tags[plan::APPLIED_TAG].replacen("v2:", "v9:0", 1);
            tags.insert(plan::APPLIED_TAG.to_owned(), applied);
        }
        prop_assert_eq!(planned(&first, &before).outcome(), Outcome::InSync);
        for control in &mut before.controls {
            control.detail.get_mut().unwrap().description += "edited";
        }
        for change in planned(&first, &before).changes.iter().filter(|change| change.kind != ChangeKind::Unchanged) {
            prop_assert_eq!(change.changed_by, Some(ChangedBy::Account));
        }
    }

    #[test]
    fn a_rename_keeps_ids_and_is_complete_after_one_apply(first in files(), second in files()) {
        let mut service = Service::default();
        let empty = Actual::default();
        let before = service.apply(&empty, &planned(&first, &empty));
        let files = second.renamed();
        let renames = planned(&files, &before);
        for change in &renames.changes {
            prop_assert_eq!(change.kind, ChangeKind::Rename, "{:?}", change);
            prop_assert!(change.blocked_by.is_empty());
            prop_assert_eq!(&change.fields[0].pointer, "/name");
        }
        let after = service.apply(&before, &renames);
        prop_assert_eq!(object_ids(&before).into_values().collect::<BTreeSet<_>>(), object_ids(&after).into_values().collect());
        let again = planned(&files, &after);
        prop_assert_eq!(again.outcome(), Outcome::InSync, "{:#?}", again.changes);
        prop_assert!(again.diagnostics.iter().all(|diagnostic| diagnostic.rule.id == "completed-rename"));
        prop_assert_eq!(again.diagnostics.len(), again.changes.len());
    }

    #[test]
    fn an_id_is_sent_once_and_only_for_its_own_object(first in files(), second in files()) {
        let empty = Actual::default();
        let before = Service::default().apply(&empty, &planned(&first, &empty));
        let ids: BTreeMap<&String, BTreeSet<&String>> = before
            .controls
            .iter()
            .map(|control| {
                (&control.id, control.detail.get().unwrap().sources.iter().map(|source| &source.id).collect())
            })
            .chain(before.frameworks.iter().map(|framework| {
                (&framework.id, framework.detail.get().unwrap().control_sets.iter().map(|set| &set.id).collect())
            }))
            .collect();
        for change in &planned(&second, &before).changes {
            let sent: Vec<&String> = match &change.body {
                Some(Body::Control(body)) => body.sources.iter().filter_map(|source| source.id.as_ref()).collect(),
                Some(Body::Framework(body)) => body.control_sets.iter().filter_map(|set| set.id.as_ref()).collect(),
                None => continue,
            };
            let unique: BTreeSet<_> = sent.iter().collect();
            prop_assert_eq!(unique.len(), sent.len());
            prop_assert!(sent.iter().all(|id| ids[change.id.as_ref().unwrap()].contains(*id)));
        }
    }

    #[test]
    fn changes_in_the_account_are_drift(first in files(), number in 0..CONTROLS, text in "[A-Z]{13,20}") {
        let empty = Actual::default();
        let mut account = Service::default().apply(&empty, &planned(&first, &empty));
        account.controls[number].detail.get_mut().unwrap().description = text;
        let drift = planned(&first, &account);
        let changed_by: Vec<_> = drift.changes.iter().filter_map(|change| change.changed_by).collect();
        prop_assert_eq!(changed_by, [ChangedBy::Account]);
    }

    #[test]
    fn the_order_of_responses_does_not_change_the_plan(first in files(), second in files()) {
        let empty = Actual::default();
        let before = Service::default().apply(&empty, &planned(&first, &empty));
        let mut reversed = before.clone();
        reversed.controls.reverse();
        reversed.frameworks.reverse();
        for control in &mut reversed.controls {
            control.detail.get_mut().unwrap().sources.reverse();
        }
        for framework in &mut reversed.frameworks {
            framework.detail.get_mut().unwrap().control_sets.reverse();
        }
        prop_assert_eq!(planned(&second, &before).changes, planned(&second, &reversed).changes);
    }

    #[test]
    fn the_same_input_produces_the_same_output(first in files(), second in files()) {
        let empty = Actual::default();
        let before = Service::default().apply(&empty, &planned(&first, &empty));
        let report = || {
            let checked = checked(&second);
            let plan = plan(&checked.catalog, &checked.sources, &before, &plan::Options::default());
            let json = plan_json::plan(&plan, None, &checked, &Paths::default());
            output_schemas::validate("plan", &json);
            json + &plan_text::plan(&plan, true, &Style::default())
        };
        prop_assert_eq!(report(), report());
    }
}

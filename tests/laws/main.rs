//! Laws that hold for every input.
#![expect(clippy::unwrap_used, reason = "tests stop where something is odd")]

mod architecture;
mod document;
mod generate;
mod ids;
mod mails;
mod messages;
mod pages;
mod run;
mod service;
mod write;

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

proptest! {
    #[test]
    fn plan_after_apply_is_empty(first in files()) {
        let empty = Actual { region: "eu-west-1".into(), ..Actual::default() };
        let one = planned(&first, &empty);
        prop_assert!(one.changes.iter().all(|change| change.kind == ChangeKind::Create && change.blocked_by.is_empty()));
        let after = Service::default().carry_out(&empty, &one);
        let two = planned(&first, &after);
        prop_assert_eq!(two.outcome(), Outcome::InSync, "{:#?}", two.changes);
    }

    #[test]
    fn an_edit_is_seen_as_one_keeps_ids_and_is_done_after_one_apply(first in files(), second in files()) {
        let mut service = Service::default();
        let empty = Actual { region: "eu-west-1".into(), ..Actual::default() };
        let before = service.carry_out(&empty, &planned(&first, &empty));
        let edit = planned(&second, &before);
        for change in &edit.changes {
            prop_assert!(matches!(change.kind, ChangeKind::Update | ChangeKind::Retag | ChangeKind::Unchanged), "{change:?}");
            prop_assert_eq!(change.changed_by, (change.kind != ChangeKind::Unchanged).then_some(ChangedBy::File));
            prop_assert_eq!(change.body.is_some(), !change.fields.is_empty());
        }
        let after = service.carry_out(&before, &edit);
        prop_assert_eq!(object_ids(&before), object_ids(&after));
        prop_assert_eq!(ids::lost(&before, &after), [""; 0]);
        let again = planned(&second, &after);
        prop_assert_eq!(again.outcome(), Outcome::InSync, "{:#?}", again.changes);
    }

    #[test]
    fn a_rename_keeps_ids_and_is_done_after_one_apply(first in files(), second in files()) {
        let mut service = Service::default();
        let empty = Actual::default();
        let before = service.carry_out(&empty, &planned(&first, &empty));
        let files = second.renamed();
        let renames = planned(&files, &before);
        for change in &renames.changes {
            prop_assert_eq!(change.kind, ChangeKind::Rename, "{:?}", change);
            prop_assert!(change.blocked_by.is_empty());
            prop_assert_eq!(&change.fields[0].pointer, "/name");
        }
        let after = service.carry_out(&before, &renames);
        prop_assert_eq!(object_ids(&before).into_values().collect::<BTreeSet<_>>(), object_ids(&after).into_values().collect());
        let again = planned(&files, &after);
        prop_assert_eq!(again.outcome(), Outcome::InSync, "{:#?}", again.changes);
        prop_assert!(again.diagnostics.iter().all(|diagnostic| diagnostic.rule.id == "completed-rename"));
        prop_assert_eq!(again.diagnostics.len(), again.changes.len());
    }

    #[test]
    fn an_id_is_sent_once_and_only_where_it_is_held(first in files(), second in files()) {
        let empty = Actual::default();
        let before = Service::default().carry_out(&empty, &planned(&first, &empty));
        let held: BTreeMap<&String, BTreeSet<&String>> = before
            .controls
            .iter()
            .map(|held| (&held.id, held.detail.get().unwrap().sources.iter().map(|source| &source.id).collect()))
            .chain(before.frameworks.iter().map(|held| {
                (&held.id, held.detail.get().unwrap().control_sets.iter().map(|set| &set.id).collect())
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
            prop_assert!(sent.iter().all(|id| held[change.id.as_ref().unwrap()].contains(*id)));
        }
    }

    #[test]
    fn what_somebody_changes_in_the_account_is_drift(first in files(), number in 0..CONTROLS, text in "[A-Z]{13,20}") {
        let empty = Actual::default();
        let mut held = Service::default().carry_out(&empty, &planned(&first, &empty));
        held.controls[number].detail.get_mut().unwrap().description = text;
        let drift = planned(&first, &held);
        let moved: Vec<_> = drift.changes.iter().filter_map(|change| change.changed_by).collect();
        prop_assert_eq!(moved, [ChangedBy::Account]);
    }

    #[test]
    fn the_order_in_which_the_service_answers_changes_nothing(first in files(), second in files()) {
        let empty = Actual::default();
        let before = Service::default().carry_out(&empty, &planned(&first, &empty));
        let mut turned = before.clone();
        turned.controls.reverse();
        turned.frameworks.reverse();
        for held in &mut turned.controls {
            held.detail.get_mut().unwrap().sources.reverse();
        }
        for held in &mut turned.frameworks {
            held.detail.get_mut().unwrap().control_sets.reverse();
        }
        prop_assert_eq!(planned(&second, &before).changes, planned(&second, &turned).changes);
    }

    #[test]
    fn the_same_input_gives_the_same_bytes(first in files(), second in files()) {
        let empty = Actual::default();
        let before = Service::default().carry_out(&empty, &planned(&first, &empty));
        let report = || {
            let checked = checked(&second);
            let plan = plan(&checked.catalog, &checked.sources, &before, &plan::Options::default());
            let json = plan_json::plan(&plan, None, &checked, &Paths::default());
            json + &plan_text::plan(&plan, true, &Style::default())
        };
        prop_assert_eq!(report(), report());
    }
}

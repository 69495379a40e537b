//! Laws of the roll-up of compliance.

use std::collections::BTreeMap;

use controlsync_core::check::Checked;
use controlsync_core::compliance::facts::{FindingStatus, Reached, RuleResult};
use controlsync_core::compliance::since::{Earlier, changes};
use controlsync_core::compliance::{Compliance, Status};
use controlsync_core::evidence::facts::Place;
use controlsync_core::report::compliance::Report;
use controlsync_core::report::text::Style;
use controlsync_core::report::{self, Paths};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::compliance_worlds::{RULES, Row, SAMPLE, World, denied, finding_row, places, roll_up, rows_of, world};
use crate::output_schemas;

/// Where each source has which status, by control, number of the source and place.
type Statuses = BTreeMap<(String, usize, Place), Status>;

fn statuses(compliance: &Compliance) -> Statuses {
    let mut all = Statuses::new();
    for control in &compliance.controls {
        for (number, source) in control.sources.iter().enumerate() {
            for (place, of) in compliance.places_of(source) {
                all.insert((control.name.clone(), number, place.clone()), of.status);
            }
        }
    }
    all
}

/// Takes data away, as a permission that is denied would. Returns whether only facts and lists are denied: then the rest is as it was.
pub fn take_away(world: &mut World, at: Index, what: usize) -> bool {
    let place = at.get(&places()).clone();
    let deny = |reached: &mut Reached| match reached {
        Reached::Together(read) => *read = denied(),
        Reached::Each(each) => drop(each.insert(place.clone(), denied())),
    };
    match what {
        0 => world.facts.accounts.entry(place.clone()).or_default().rules = denied(),
        1 => world.facts.accounts.entry(place.clone()).or_default().evaluations = denied(),
        2 => world.facts.accounts.entry(place.clone()).or_default().recorders = denied(),
        3 => world.aggregator.iter_mut().for_each(|aggregator| aggregator.sources = denied()),
        4 => {
            deny(&mut world.reading.rules);
            let of_place = |row: &Row| matches!(row, Row::Rule(row) if row.place == place);
            world.rows.retain(|row| !of_place(row));
        }
        5 => {
            deny(&mut world.reading.findings);
            let of_place = |row: &Row| matches!(row, Row::Finding(row) if row.place == place);
            world.rows.retain(|row| !of_place(row));
        }
        6 => {
            let of_place = |row: &Row| match row {
                Row::Resource(row) => row.place == place,
                Row::Details(row) => row.place == place,
                _ => false,
            };
            world.rows.retain(|row| !of_place(row));
            return false;
        }
        _ => {
            world.facts.audit_manager.assessments = denied();
            return false;
        }
    }
    true
}

proptest! {
    #[test]
    fn the_roll_up_does_not_depend_on_order_pages_or_repetition(
        (world, shuffled) in world(&SAMPLE).prop_flat_map(|world| {
            let twice: Vec<Row> = world.rows.iter().chain(&world.rows).cloned().collect();
            (Just(world), Just(twice).prop_shuffle())
        }),
    ) {
        let checked = &*SAMPLE;
        let again = World { rows: shuffled, ..world.clone() };
        prop_assert_eq!(roll_up(checked, &world), roll_up(checked, &again));
    }

    #[test]
    fn one_more_resource_that_is_not_compliant_improves_nothing(
        world in world(&SAMPLE), at in any::<Index>(), rule in any::<Index>(), finding in any::<bool>(), id in "vol-[1-9]",
    ) {
        let checked = &*SAMPLE;
        let (place, (rule, _)) = (at.get(&places()).clone(), rule.get(&RULES));
        let mut more = world.clone();
        more.rows.extend(if finding {
            let row = finding_row(&place, ("IAM.6", FindingStatus::Failed, true, false, false, false, &id));
            vec![Row::Finding(row)]
        } else {
            rows_of(&place, rule, RuleResult::NonCompliant, 1, &[&id], None)
        });
        let (before, after) = (roll_up(checked, &world), roll_up(checked, &more));
        for (subject, status) in statuses(&after) {
            let was = statuses(&before)[&subject];
            // An exception for the whole account accepts what was right before, too.
            let accepted = status == Status::Excepted && was >= Status::Compliant;
            let allowed = status == was || status == Status::NonCompliant || accepted;
            prop_assert!(allowed, "{:?}: {:?} becomes {:?}", subject, was, status);
        }
        let (was, now) = (before.score(), after.score());
        prop_assert!(now.compliant * was.of <= was.compliant * now.of || was.of == 0, "{:?} becomes {:?}", was, now);
        prop_assert!(after.frameworks[0].status <= before.frameworks[0].status);
        let failing = |of: &Compliance| of.controls.iter().map(|of| of.failing).sum::<usize>();
        prop_assert!(failing(&after) >= failing(&before));
    }

    #[test]
    fn taking_data_away_makes_nothing_compliant_and_denied_is_never_missing(
        world in world(&SAMPLE), taken in vec((any::<Index>(), 0..8_usize), 1..4),
    ) {
        let checked = &*SAMPLE;
        let mut less = world.clone();
        let mut only_denied = true;
        for (at, what) in taken {
            only_denied &= take_away(&mut less, at, what);
        }
        let (before, after) = (roll_up(checked, &world), roll_up(checked, &less));
        let was = statuses(&before);
        for (subject, status) in statuses(&after) {
            let Some(was) = was.get(&subject) else { continue };
            if [Status::Compliant, Status::NoResources].contains(&status) || only_denied && status == Status::NoData {
                prop_assert_eq!(status, *was, "{:?}", subject);
            }
        }
        for control in &after.controls {
            let was = before.controls.iter().find(|of| of.name == control.name).unwrap().status;
            prop_assert!(control.status != Status::Compliant || was == Status::Compliant, "{}", control.name);
        }
    }

    #[test]
    fn no_data_is_never_compliant(world in world(&SAMPLE)) {
        let checked = &*SAMPLE;
        let mut without = world;
        without.rows.retain(|row| match row {
            Row::Rule(row) => row.result != RuleResult::Compliant,
            Row::Finding(row) => row.status != FindingStatus::Passed || !row.reasons.is_empty(),
            Row::Resource(_) | Row::Details(_) => true,
        });
        let compliance = roll_up(checked, &without);
        prop_assert!(statuses(&compliance).values().all(|status| *status != Status::Compliant));
        prop_assert_eq!(compliance.score().compliant, 0);
    }

    #[test]
    fn missing_data_resolves_nothing_and_nothing_is_new_twice(
        world in world(&SAMPLE), taken in vec((any::<Index>(), 0..8_usize), 1..4),
    ) {
        let checked = &*SAMPLE;
        let mut less = world.clone();
        for (at, what) in taken {
            take_away(&mut less, at, what);
        }
        let (before, after) = (roll_up(checked, &world), roll_up(checked, &less));
        let earlier = Earlier::read(&reports(checked, &before)).unwrap();
        let same = changes(&earlier, &before);
        prop_assert_eq!(same.open, earlier.failing.len());
        prop_assert_eq!([&same.new, &same.resolved, &same.excepted, &same.unproven].map(Vec::len), [0; 4]);
        let missing = changes(&earlier, &after);
        prop_assert!(missing.resolved.is_empty(), "{:?}", missing.resolved);
        let known = missing.open + missing.unproven.len() + missing.excepted.len();
        prop_assert_eq!(known, earlier.failing.len());
    }
}

/// Writes every report, checks that they agree, and returns the JSON.
fn reports(checked: &Checked, compliance: &Compliance) -> String {
    let paths = Paths::default();
    let report = Report { compliance, changes: None, checked, paths: &paths };
    let json = report::compliance::json::json(report);
    output_schemas::validate("compliance", &json);
    let document: serde_json::Value = serde_json::from_str(&json).unwrap();
    let summary = document["summary"].as_object().unwrap();
    let controls: u64 = summary.values().filter_map(serde_json::Value::as_u64).sum();
    assert_eq!(controls, compliance.controls.len() as u64);
    let sources = compliance.controls.iter().flat_map(|control| &control.sources);
    let rows: usize = sources.map(|source| compliance.places_of(source).count().max(1)).sum();
    let table: Vec<String> = report::compliance::csv::rows(report).collect();
    assert_eq!(table.len(), 1 + rows);
    let places: Vec<String> =
        table[1..].iter().map(|row| row.split(',').take(3).collect::<Vec<_>>().join(",")).collect();
    assert!(places.is_sorted());
    let text = report::compliance::text::text(report, true, &Style::default());
    let score = report::compliance::markdown::markdown(report).lines().next().unwrap().to_owned();
    assert!(text.ends_with(&format!("{}\n", score.trim_start_matches("### controlsync: "))));
    json
}

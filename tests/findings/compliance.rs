//! Reports of compliance, in every format: an aggregator of three accounts and two Regions, and one account. `rows.json` has the rows of
//! AWS Config and Security Hub.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use controlsync_core::check::Checked;
use controlsync_core::compliance::facts::{
    Aggregator, DetailsRead, FindingRow, FindingStatus, Reached, Reading, Resource, ResourceRow, RuleResult, RuleRow,
};
use controlsync_core::compliance::since::{Changes, Earlier, EarlierError, changes};
use controlsync_core::compliance::{Compliance, Input, LISTED, Rollup, Status};
use controlsync_core::evidence;
use controlsync_core::evidence::facts::{Fact, Place, Unread, UnreadReason};
use controlsync_core::keywords::Keywords;
use controlsync_core::pack_lock::{LOCK_FILE, Lock};
use controlsync_core::report::Paths;
use controlsync_core::report::compliance::{Report, csv, json, markdown, text};
use controlsync_core::report::show::{self, View};
use controlsync_core::report::text::Style;
use serde_json::Value as Json;

use super::evidence::{NOW, catalog, facts, json_of_case, read_json};
use super::output_schemas;

fn directory(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/findings").join(name)
}

fn string(row: &Json, at: usize) -> String {
    row[at].as_str().unwrap().to_owned()
}

fn place(row: &Json) -> Place {
    Place { account: string(row, 0), region: string(row, 1) }
}

fn each<'a>(rows: &'a Json, key: &str) -> impl Iterator<Item = &'a Json> {
    rows[key].as_array().unwrap().iter()
}

fn aggregator(rows: &Json) -> Option<Aggregator> {
    let of = rows.get("aggregator")?;
    Some(Aggregator {
        name: of["name"].as_str().unwrap().to_owned(),
        regions: each(of, "regions").map(|region| region.as_str().unwrap().to_owned()).collect(),
        sources: Fact::Known(
            each(of, "sources").map(|source| (place(source), source[2].as_str().map(str::to_owned))).collect(),
        ),
    })
}

/// Adds the rows to a roll-up.
fn add(rows: &Json, rollup: &mut Rollup<'_>) {
    for row in each(rows, "rules") {
        let result = match row[3].as_str().unwrap() {
            "COMPLIANT" => RuleResult::Compliant,
            "NON_COMPLIANT" => RuleResult::NonCompliant,
            other => {
                assert_eq!(other, "INSUFFICIENT_DATA");
                RuleResult::InsufficientData
            }
        };
        let resources = u32::try_from(row[4].as_u64().unwrap()).unwrap();
        let row = RuleRow { place: place(row), rule: string(row, 2), result, resources };
        rollup.rule(&row);
        // Resources of rules that do not matter are not read.
        let has = |of: &&Json| place(of) == row.place && string(of, 2) == row.rule;
        assert_eq!(each(rows, "details").any(|of| has(&of)), rollup.needs_details(&row), "{row:?}");
    }
    for row in each(rows, "resources") {
        let resource = Resource { kind: string(row, 3), id: string(row, 4) };
        rollup.resource(&ResourceRow { place: place(row), rule: string(row, 2), resource });
    }
    for row in each(rows, "details") {
        let throttled = Unread {
            service: "AWS Config".to_owned(),
            action: "config:GetAggregateComplianceDetailsByConfigRule".to_owned(),
            reason: UnreadReason::Throttled,
            message: String::new(),
        };
        let read = if row[3].as_bool().unwrap() { Fact::Known(()) } else { Fact::Unread(throttled) };
        rollup.details(&DetailsRead { place: place(row), rule: string(row, 2), read });
    }
    for row in each(rows, "findings") {
        rollup.finding(&finding(row));
    }
}

fn finding(row: &Json) -> FindingRow {
    FindingRow {
        place: place(row),
        control: string(row, 2),
        standards: Vec::new(),
        status: match row[3].as_str().unwrap() {
            "FAILED" => FindingStatus::Failed,
            "WARNING" => FindingStatus::Warning,
            "PASSED" => FindingStatus::Passed,
            other => {
                assert_eq!(other, "NOT_AVAILABLE");
                FindingStatus::NotAvailable
            }
        },
        reasons: vec![string(row, 4)],
        suppressed: row[5] == "SUPPRESSED",
        archived: row[5] == "ARCHIVED",
        resource: Resource { kind: "AWS::::Account".to_owned(), id: string(row, 6) },
    }
}

/// Rolls up the rows of a case, and does something with the result.
fn with<T>(name: &str, change: impl FnOnce(&mut Json), then: impl FnOnce(&Checked, &Compliance) -> T) -> T {
    let case = directory(name);
    let checked = catalog(&case);
    let facts = facts(&json_of_case(&case));
    let mut rows = read_json(&case.join("rows.json"));
    change(&mut rows);
    let lock = std::fs::read_to_string(case.join("packs").join(LOCK_FILE)).ok().map(|text| Lock::read(&text).unwrap());
    let keywords = Keywords::of(&checked.sources);
    let evidence = evidence::Input {
        catalog: &checked.catalog,
        sources: &checked.sources,
        keywords: &keywords,
        facts: &facts,
        accounts: None,
        packs: lock.as_ref(),
        now: NOW,
    };
    let controls: BTreeSet<&str> = checked.catalog.controls.keys().map(String::as_str).collect();
    let frameworks: BTreeSet<&str> = checked.catalog.frameworks.keys().map(String::as_str).collect();
    let aggregator = aggregator(&rows);
    let mut rollup = Rollup::new(Input {
        evidence,
        controls: &controls,
        frameworks: &frameworks,
        aggregator: aggregator.as_ref(),
        listed: LISTED,
    });
    add(&rows, &mut rollup);
    let everything = || Reached::Together(Fact::Known(()));
    then(&checked, &rollup.finish(&Reading { rules: everything(), findings: everything() }))
}

/// Every format of a case.
fn formats(name: &str, changes: Option<&Changes>) -> BTreeMap<String, String> {
    with(
        name,
        |_| {},
        |checked, compliance| {
            let paths = Paths::default();
            let report = Report { compliance, changes, checked, paths: &paths };
            let style = |color, width| Style { color, width };
            let json = json::json(report);
            output_schemas::validate("compliance", &json);
            BTreeMap::from([
                ("text".to_owned(), text::text(report, false, &style(false, 100))),
                ("text_with_resources".to_owned(), text::text(report, true, &style(false, 100))),
                ("color".to_owned(), text::text(report, false, &style(true, 100)).replace('\u{1b}', "␛")),
                ("markdown".to_owned(), markdown::markdown(report)),
                ("csv".to_owned(), csv::csv(report)),
                ("html".to_owned(), body(&show::html(&View::of_compliance(report)).unwrap())),
                ("json".to_owned(), json),
            ])
        },
    )
}

/// The body of a page without its script.
fn body(page: &str) -> String {
    let start = page.find("<body>").unwrap();
    page[start..page.find("<script>").unwrap()].to_owned()
}

/// What an earlier report said, when a rule was compliant and another one was not.
fn earlier() -> Earlier {
    let before = |rows: &mut Json| {
        for row in rows["rules"].as_array_mut().unwrap() {
            let (region, rule) = (string(row, 1), string(row, 2));
            if rule.starts_with("access-keys-rotated-conformance-pack-c") {
                row[3] = "COMPLIANT".into();
            } else if region == "eu-west-1" && rule.starts_with("encrypted-volumes-conformance-pack-a")
                || rule.starts_with("access-keys-rotated-conformance-pack-a")
            {
                row[3] = "NON_COMPLIANT".into();
            } else if rule.starts_with("encrypted-volumes-conformance-pack-c") {
                row[4] = 2.into();
            }
        }
    };
    let change = |rows: &mut Json| {
        before(rows);
        // Nothing was read of their resources then.
        rows["resources"] = Json::Array(Vec::new());
        let details = |row: &Json| serde_json::json!([row[0], row[1], row[2], false]);
        let failing = rows["rules"].as_array().unwrap().iter().filter(|row| row[3] == "NON_COMPLIANT");
        let of_packs = failing.filter(|row| {
            let rule = string(row, 2);
            !rule.starts_with("iam") && !rule.starts_with("bucket") && !rule.contains("-z9")
        });
        rows["details"] = of_packs.map(details).collect();
    };
    with("compliance-aggregator", change, |checked, compliance| {
        let paths = Paths::default();
        let json = json::json(Report { compliance, changes: None, checked, paths: &paths });
        Earlier::read(&json).unwrap()
    })
}

#[test]
fn every_format_shows_an_aggregator() {
    let changes = with("compliance-aggregator", |_| {}, |_, compliance| changes(&earlier(), compliance));
    assert_eq!((changes.new.len(), changes.resolved.len(), changes.excepted.len()), (1, 1, 1));
    assert_eq!((changes.unproven.len(), changes.open), (1, 2));
    for (format, shown) in formats("compliance-aggregator", Some(&changes)) {
        insta::assert_snapshot!(format!("compliance_aggregator_{format}"), shown);
    }
}

#[test]
fn every_format_shows_an_account() {
    for (format, shown) in formats("compliance-account", None) {
        insta::assert_snapshot!(format!("compliance_account_{format}"), shown);
    }
}

#[test]
fn every_status_is_in_a_report() {
    let of = |name| {
        with(
            name,
            |_| {},
            |_, compliance| {
                let sources = compliance.controls.iter().flat_map(|control| &control.sources);
                let places = sources.clone().flat_map(|source| compliance.places_of(source)).map(|(_, of)| of.status);
                places.chain(sources.map(|source| source.status)).collect::<BTreeSet<Status>>()
            },
        )
    };
    let all: BTreeSet<Status> = of("compliance-aggregator").union(&of("compliance-account")).copied().collect();
    assert_eq!(all, Status::ALL.into());
}

#[test]
fn an_earlier_report_that_cannot_be_compared_is_refused() {
    let later = r#"{"version": 2, "readAt": "", "controls": []}"#;
    assert_eq!(Earlier::read(later), Err(EarlierError::LaterVersion(2)));
    assert_eq!(
        EarlierError::LaterVersion(2).to_string(),
        "it has version 2, and this program knows version 1: use the version of controlsync that wrote it"
    );
    let damaged = Earlier::read("[]").unwrap_err().to_string();
    assert!(damaged.starts_with("it is not a report of `controlsync compliance --format json`: "), "{damaged}");
}

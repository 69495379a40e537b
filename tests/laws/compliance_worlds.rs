//! Worlds of accounts, rules and findings, for the laws of the roll-up of compliance.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use controlsync_core::catalog::Catalog;
use controlsync_core::check::{Checked, Options, check};
use controlsync_core::compliance::facts::{
    Aggregator, DetailsRead, FindingRow, FindingStatus, Reached, Reading, Resource, ResourceRow, RuleResult, RuleRow,
};
use controlsync_core::compliance::{Compliance, Input, Rollup};
use controlsync_core::evidence;
use controlsync_core::evidence::facts::{
    AccountFacts, AssessedControl, Assessment, AssessmentDetail, ConfigRule, Evaluation, Fact, Facts, Place, Recorder,
    Strategy as Recording, Unread, UnreadReason,
};
use controlsync_core::keywords::Keywords;
use controlsync_core::pack_lock::{Lock, Pin};
use controlsync_core::source::{Content, FileKind, Source, Sources};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value as Json, json};

/// 2026-12-01.
pub const NOW: i64 = 1_796_083_200;
pub const HOME: &str = "111111111111";
/// The accounts in the scope of the assessment; the exception for keys covers the third.
pub const ACCOUNTS: [&str; 3] = [HOME, "222222222222", "333333333333"];
const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];

/// Names of rules with their identifiers: two of packs in one account, one of its own, and one that no pack has.
pub const RULES: [(&str, &str); 6] = [
    ("volumes-conformance-pack-aaaaaaaaa", "ENCRYPTED_VOLUMES"),
    ("volumes-conformance-pack-bbbbbbbbb", "ENCRYPTED_VOLUMES"),
    ("volumes of a team", "ENCRYPTED_VOLUMES"),
    ("keys-conformance-pack-aaaaaaaaa", "ACCESS_KEYS_ROTATED"),
    ("versions", "S3_BUCKET_VERSIONING_ENABLED"),
    ("foreign-conformance-pack-ccccccccc", "ENCRYPTED_VOLUMES"),
];

pub fn source(kind: &str, keyword: &str) -> Json {
    json!({"sourceName": keyword, "sourceType": kind, "sourceKeyword": {"keywordValue": keyword}})
}

/// Checks a catalog: controls by name, frameworks with one set each, and exceptions.
pub fn catalog(controls: &BTreeMap<String, Vec<Json>>, frameworks: &[Json], exceptions: &[Json]) -> Checked {
    let file = |path: String, kind, value: &Json| Source::new(path, kind, Content::Bytes(value.to_string().into()));
    let controls = controls.iter().enumerate().map(|(number, (name, sources))| {
        let control = json!({"name": name, "datasources": sources});
        file(format!("controls/{number}.json"), FileKind::Control, &control)
    });
    let frameworks = frameworks
        .iter()
        .enumerate()
        .map(|(number, framework)| file(format!("frameworks/{number}.json"), FileKind::Framework, framework));
    let exceptions = exceptions
        .iter()
        .enumerate()
        .map(|(number, exception)| file(format!("exceptions/{number}.json"), FileKind::Exception, exception));
    let files: Vec<Source> = controls.chain(frameworks).chain(exceptions).collect();
    let count = files.len();
    let checked = check(Sources::new(files), &Options::default());
    let Catalog { controls, frameworks, exceptions, .. } = &checked.catalog;
    assert_eq!(controls.len() + frameworks.len() + exceptions.len(), count);
    checked
}

pub static SAMPLE: LazyLock<Checked> = LazyLock::new(sample);

fn sample() -> Checked {
    let mut keys = source("AWS_Config", "ACCESS_KEYS_ROTATED");
    keys["requiredParameters"] = json!({"maxAccessKeyAge": {"atMost": 90}});
    let manual = json!({"sourceName": "by hand", "sourceType": "MANUAL"});
    let volumes = source("AWS_Config", "ENCRYPTED_VOLUMES");
    let root = source("AWS_Security_Hub", "IAM.6");
    let controls = [
        ("keys", vec![keys]),
        ("volumes", vec![volumes.clone()]),
        ("versions", vec![source("AWS_Config", "S3_BUCKET_VERSIONING_ENABLED")]),
        ("root", vec![root.clone()]),
        ("cis", vec![source("AWS_Security_Hub", "1.14")]),
        ("several", vec![volumes, manual.clone(), root]),
        ("events", vec![source("AWS_Cloudtrail", "iam_CreateUser")]),
        ("by hand", vec![manual]),
    ];
    let controls: BTreeMap<String, Vec<Json>> =
        controls.into_iter().map(|(name, sources)| (name.to_owned(), sources)).collect();
    let sets = json!([{"name": "a", "controls": ["keys", "volumes", "cis"]},
                      {"name": "b", "controls": ["versions", "root", "several", "events", "by hand"]}]);
    let exceptions = [
        json!({"check": "ENCRYPTED_VOLUMES", "resources": ["vol-e*"], "reason": "a", "until": "2027-01-01"}),
        json!({"check": "IAM.6", "resources": ["vol-e*"], "reason": "a", "until": "2027-02-01"}),
        json!({"check": "ACCESS_KEYS_ROTATED", "accounts": ["3*"], "reason": "a", "until": "2027-01-01"}),
    ];
    catalog(&controls, &[json!({"name": "all", "controlSets": sets})], &exceptions)
}

pub fn lock() -> Lock {
    let pin = |check: &str, name: &str| Pin {
        framework: None,
        check: check.to_owned(),
        pack: "pack".to_owned(),
        rule_name: name.to_owned(),
        logical_id: name.to_owned(),
        parameters: Vec::new(),
        remediation: false,
    };
    Lock::new("pack", false, vec![pin("ENCRYPTED_VOLUMES", "volumes"), pin("ACCESS_KEYS_ROTATED", "keys")])
}

pub fn place(account: &str, region: &str) -> Place {
    Place { account: account.to_owned(), region: region.to_owned() }
}

pub fn places() -> Vec<Place> {
    ACCOUNTS.iter().flat_map(|account| REGIONS.iter().map(|region| place(account, region))).collect()
}

pub fn unread(reason: UnreadReason) -> Unread {
    let (service, action) = ("AWS Service".to_owned(), "service:Operation".to_owned());
    Unread { service, action, reason, message: String::new() }
}

pub fn denied<T>() -> Fact<T> {
    Fact::Unread(unread(UnreadReason::Denied))
}

/// An active assessment of all controls.
pub fn assessed(checked: &Checked, accounts: &[&str]) -> Facts {
    let mut facts = Facts::default();
    facts.audit_manager.place = place(HOME, REGIONS[0]);
    let control = |name: &String| AssessedControl {
        id: name.clone(),
        name: name.clone(),
        set: "a".to_owned(),
        active: true,
        evidence: 1,
    };
    let detail = AssessmentDetail {
        accounts: accounts.iter().map(|id| (*id).to_owned()).collect(),
        controls: checked.catalog.controls.keys().map(control).collect(),
    };
    facts.audit_manager.controls = Fact::Known(BTreeMap::new());
    facts.audit_manager.assessments = Fact::Known(vec![Assessment {
        id: "a".to_owned(),
        name: "a".to_owned(),
        created_at: 0,
        detail: Fact::Known(detail),
        collected: Fact::Known(BTreeMap::new()),
    }]);
    facts
}

/// A row of a service.
#[derive(Clone, Debug)]
pub enum Row {
    Rule(RuleRow),
    Resource(ResourceRow),
    Details(DetailsRead),
    Finding(FindingRow),
}

/// Everything that was read.
#[derive(Clone, Debug)]
pub struct World {
    pub facts: Facts,
    pub aggregator: Option<Aggregator>,
    pub rows: Vec<Row>,
    pub reading: Reading,
}

pub fn roll_up(checked: &Checked, world: &World) -> Compliance {
    let keywords = Keywords::of(&checked.sources);
    let lock = lock();
    let controls: BTreeSet<&str> = checked.catalog.controls.keys().map(String::as_str).collect();
    let frameworks: BTreeSet<&str> = checked.catalog.frameworks.keys().map(String::as_str).collect();
    let evidence = evidence::Input {
        catalog: &checked.catalog,
        sources: &checked.sources,
        keywords: &keywords,
        facts: &world.facts,
        accounts: None,
        packs: Some(&lock),
        now: NOW,
    };
    let aggregator = world.aggregator.as_ref();
    let mut rollup =
        Rollup::new(Input { evidence, controls: &controls, frameworks: &frameworks, aggregator, listed: 3 });
    for row in &world.rows {
        match row {
            Row::Rule(row) => rollup.rule(row),
            Row::Resource(row) => rollup.resource(row),
            Row::Details(row) => rollup.details(row),
            Row::Finding(row) => rollup.finding(row),
        }
    }
    rollup.finish(&world.reading)
}

/// The recorder, rules and evaluations of an account.
fn account() -> impl Strategy<Value = AccountFacts> {
    let rules = vec((any::<bool>(), select(vec![None, Some("90"), Some("365")])), RULES.len());
    let read =
        prop_oneof![4 => Just(None), 2 => Just(Some(UnreadReason::NotAsked)), 1 => Just(Some(UnreadReason::Denied))];
    let evaluated = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (rules, read, evaluated).prop_map(|(rules, read, (recording, recorders, evaluations, fails))| {
        let deployed = RULES.iter().zip(rules).filter(|(_, (is_there, _))| *is_there);
        let rule = |((name, identifier), (_, age)): (&(&str, &str), (bool, Option<&str>))| ConfigRule {
            name: (*name).to_owned(),
            identifier: Some((*identifier).to_owned()),
            parameters: age.map(|age| ("maxAccessKeyAge".to_owned(), age.to_owned())).into_iter().collect(),
            detective: true,
            ..ConfigRule::default()
        };
        let deployed: Vec<ConfigRule> = deployed.map(rule).collect();
        let failed_at = fails.then_some(NOW - 1);
        let evaluation = Evaluation { activated_at: Some(0), succeeded_at: Some(NOW - 2), failed_at, error: None };
        let all = deployed.iter().map(|rule| (rule.name.clone(), evaluation.clone())).collect();
        let recorder = Recorder { recording, strategy: Recording::All, ..Recorder::default() };
        AccountFacts {
            rules: read.map_or(Fact::Known(deployed), |reason| Fact::Unread(unread(reason))),
            evaluations: if evaluations { Fact::Known(all) } else { denied() },
            recorders: if recorders { Fact::Known(vec![recorder]) } else { denied() },
            ..AccountFacts::default()
        }
    })
}

/// The rows of a rule in an account: its result, resources and whether these were read to the end.
fn rows_of_rule() -> impl Strategy<Value = (RuleResult, u32, Vec<&'static str>, Option<bool>)> {
    let results = [
        RuleResult::NonCompliant,
        RuleResult::InsufficientData,
        RuleResult::NotApplicable,
        RuleResult::Compliant,
        RuleResult::Compliant,
    ];
    let resources = vec(select(vec!["vol-1", "vol-2", "vol-3", "vol-4", "vol-e1", "vol-e2"]), 0..4);
    (select(results.to_vec()), 0..4_u32, resources, any::<Option<bool>>())
}

fn finding() -> impl Strategy<Value = (&'static str, FindingStatus, bool, bool, bool, bool, &'static str)> {
    let status = select(vec![
        FindingStatus::Failed,
        FindingStatus::Warning,
        FindingStatus::NotAvailable,
        FindingStatus::Passed,
        FindingStatus::Passed,
    ]);
    let control = select(vec!["IAM.6", "IAM.9", "IAM.5", "Other.1"]);
    let flag = || prop::bool::weighted(0.15);
    (control, status, any::<bool>(), flag(), flag(), flag(), select(vec!["vol-1", "vol-2", "vol-e1"]))
}

pub fn world(checked: &Checked) -> impl Strategy<Value = World> {
    let facts = assessed(checked, &ACCOUNTS);
    let accounts = vec(prop::option::weighted(0.8, account()), places().len());
    let aggregated = prop_oneof![3 => Just(Some(None)), 1 => Just(Some(Some("denied".to_owned()))), 1 => Just(None)];
    let aggregator = prop::option::of((vec(aggregated, places().len()), prop::bool::weighted(0.9)));
    let rules = btree_map((0..places().len(), 0..RULES.len()), rows_of_rule(), 0..25);
    let findings = vec((0..places().len(), finding()), 0..16);
    let reading = vec((prop::bool::weighted(0.85), prop::bool::weighted(0.85)), places().len());
    (accounts, aggregator, rules, findings, reading).prop_map(
        move |(accounts, aggregator, rules, findings, reading)| {
            let mut facts = facts.clone();
            for (place, account) in places().into_iter().zip(accounts) {
                if let Some(account) = account {
                    facts.accounts.insert(place.clone(), AccountFacts { place, ..account });
                }
            }
            let aggregator = aggregator.map(|(sources, read)| {
                let known = places().into_iter().zip(sources).filter_map(|(place, of)| Some((place, of?))).collect();
                Aggregator {
                    name: "org".to_owned(),
                    regions: REGIONS.iter().map(|region| (*region).to_owned()).collect(),
                    sources: if read { Fact::Known(known) } else { denied() },
                }
            });
            let mut rows = Vec::new();
            for ((at, rule), (result, count, resources, details)) in rules {
                rows.extend(rows_of(&places()[at], RULES[rule].0, result, count, &resources, details));
            }
            rows.extend(findings.into_iter().map(|(at, finding)| Row::Finding(finding_row(&places()[at], finding))));
            let each = |read: Vec<bool>| {
                let read = read.into_iter().map(|read| if read { Fact::Known(()) } else { denied() });
                Reached::Each(places().into_iter().zip(read).collect())
            };
            let (rules, findings) = reading.into_iter().unzip();
            World { facts, aggregator, rows, reading: Reading { rules: each(rules), findings: each(findings) } }
        },
    )
}

/// The rows of a rule, of which the service says the same everywhere: resources only if it is not compliant.
pub fn rows_of(
    place: &Place,
    rule: &str,
    result: RuleResult,
    resources: u32,
    ids: &[&str],
    details: Option<bool>,
) -> Vec<Row> {
    let (place, rule) = (place.clone(), rule.to_owned());
    let result = if ids.is_empty() { result } else { RuleResult::NonCompliant };
    let mut rows = vec![Row::Rule(RuleRow { place: place.clone(), rule: rule.clone(), result, resources })];
    for id in ids {
        let resource = Resource { kind: "AWS::EC2::Volume".to_owned(), id: (*id).to_owned() };
        rows.push(Row::Resource(ResourceRow { place: place.clone(), rule: rule.clone(), resource }));
    }
    if let Some(read) = details {
        let read = if read { Fact::Known(()) } else { denied() };
        rows.push(Row::Details(DetailsRead { place, rule, read }));
    }
    rows
}

pub fn finding_row(
    place: &Place,
    (control, status, cis, nothing, suppressed, archived, id): (&str, FindingStatus, bool, bool, bool, bool, &str),
) -> FindingRow {
    let standard = if cis { "cis-aws-foundations-benchmark/v/1.2.0" } else { "pci-dss/v/3.2.1" };
    FindingRow {
        place: place.clone(),
        control: control.to_owned(),
        standards: vec![format!("standards/{standard}")],
        status,
        reasons: if nothing { vec!["CONFIG_RETURNS_NOT_APPLICABLE".to_owned()] } else { Vec::new() },
        suppressed,
        archived,
        resource: Resource { kind: "AWS::EC2::Volume".to_owned(), id: id.to_owned() },
    }
}

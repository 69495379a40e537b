//! Tables of everything that a source, a control and a framework can be.

use std::collections::BTreeMap;

use controlsync_core::check::Checked;
use controlsync_core::compliance::facts::{
    Aggregator, DetailsRead, FindingRow, FindingStatus, Reached, Reading, Resource, ResourceRow, RuleResult, RuleRow,
};
use controlsync_core::compliance::{Compliance, Counts, Score, Status};
use controlsync_core::evidence::facts::{
    AccountFacts, ConfigRule, Evaluation, Fact, Recorder, Strategy, Unread, UnreadReason,
};
use controlsync_core::model::Severity;
use serde_json::{Value as Json, json};

use crate::compliance_worlds::{HOME, Row, World, assessed, catalog, place, roll_up, source, unread};

const VOLUMES: &str = "volumes-conformance-pack-aaaaaaaaa";

/// A catalog with one control of one source.
fn one(source: Json) -> Checked {
    catalog(&BTreeMap::from([("a".to_owned(), vec![source])]), &[], &[])
}

/// One account of which everything was read, and no row.
fn world(checked: &Checked) -> World {
    let everything = || Reached::Together(Fact::Known(()));
    World {
        facts: assessed(checked, &[HOME]),
        aggregator: None,
        rows: Vec::new(),
        reading: Reading { rules: everything(), findings: everything() },
    }
}

fn home() -> controlsync_core::evidence::facts::Place {
    place(HOME, "eu-west-1")
}

fn config_rule(name: &str, identifier: &str) -> ConfigRule {
    ConfigRule {
        name: name.to_owned(),
        identifier: Some(identifier.to_owned()),
        detective: true,
        ..ConfigRule::default()
    }
}

fn result(rule: &str, result: RuleResult) -> Row {
    Row::Rule(RuleRow { place: home(), rule: rule.to_owned(), result, resources: 0 })
}

/// The status of the only source in the only account, and the reason for it.
fn only(compliance: &Compliance) -> (Status, String) {
    let (_, of) = compliance.places_of(&compliance.controls[0].sources[0]).next().unwrap();
    (of.status, compliance.reason(of).map(ToString::to_string).unwrap_or_default())
}

#[test]
fn a_score_counts_what_should_be_compliant() {
    for set in 0..1_u32 << Status::ALL.len() {
        let statuses: Vec<Status> =
            Status::ALL.into_iter().enumerate().filter(|(bit, _)| set & (1 << bit) != 0).map(|(_, of)| of).collect();
        let counts = Counts::of(statuses.iter().copied());
        let has = |status: &Status| usize::from(statuses.contains(status));
        let scored = [Status::NonCompliant, Status::Unknown, Status::NoData, Status::Compliant];
        let expected = Score { compliant: has(&Status::Compliant), of: scored.iter().map(has).sum() };
        assert_eq!(counts.score(), expected, "{statuses:?}");
        assert_eq!(counts.each().map(|(status, _)| status).collect::<Vec<_>>(), statuses);
    }
    assert_eq!(Score { compliant: 199, of: 200 }.percent(), Some(99));
    assert_eq!(Score { compliant: 200, of: 200 }.percent(), Some(100));
    assert_eq!(Score::default().percent(), None);
}

/// A source of each status, in the order of [`Status::ALL`], and the rows that make it so.
fn source_of_each() -> ([Json; 8], Vec<Row>) {
    let config = |keyword| source("AWS_Config", keyword);
    let sources = [
        config("ENCRYPTED_VOLUMES"),
        config("BRAND_NEW_RULE"),
        config("RDS_STORAGE_ENCRYPTED"),
        config("S3_BUCKET_VERSIONING_ENABLED"),
        config("CLOUD_TRAIL_ENABLED"),
        config("VPC_FLOW_LOGS_ENABLED"),
        source("AWS_Cloudtrail", "iam_CreateUser"),
        json!({"sourceName": "by hand", "sourceType": "MANUAL"}),
    ];
    let rows = vec![
        result("ENCRYPTED_VOLUMES", RuleResult::NonCompliant),
        result("S3_BUCKET_VERSIONING_ENABLED", RuleResult::Compliant),
        result("CLOUD_TRAIL_ENABLED", RuleResult::NonCompliant),
    ];
    (sources, rows)
}

#[test]
fn a_control_is_as_bad_as_its_worst_source_and_a_framework_as_its_worst_control() {
    let (sources, rows) = source_of_each();
    let mut controls = BTreeMap::new();
    let mut frameworks = Vec::new();
    let name = |status: Status| format!("only {}", status.name());
    for (one, of_one) in sources.iter().zip(Status::ALL) {
        controls.insert(name(of_one), vec![one.clone()]);
        for (other, of_other) in sources.iter().zip(Status::ALL) {
            let mut both = vec![one.clone(), other.clone()];
            both.dedup();
            controls.insert(format!("{} and {}", of_one.name(), of_other.name()), both);
            if of_one != of_other {
                let sets =
                    json!([{"name": "a", "controls": [name(of_one)]}, {"name": "b", "controls": [name(of_other)]}]);
                let framework = format!("{} and {}", of_one.name(), of_other.name());
                frameworks.push(json!({"name": framework, "controlSets": sets}));
            }
        }
    }
    let exceptions = [json!({"check": "CLOUD_TRAIL_ENABLED", "reason": "a", "until": "2027-01-01"})];
    let checked = catalog(&controls, &frameworks, &exceptions);
    let mut world = world(&checked);
    let deployed =
        ["ENCRYPTED_VOLUMES", "S3_BUCKET_VERSIONING_ENABLED", "CLOUD_TRAIL_ENABLED", "VPC_FLOW_LOGS_ENABLED"];
    world.facts.accounts.insert(home(), account(deployed.map(|of| config_rule(of, of)).to_vec()));
    world.rows = rows;
    let compliance = roll_up(&checked, &world);
    for one in Status::ALL {
        for other in Status::ALL {
            let both = format!("{} and {}", one.name(), other.name());
            let control = compliance.controls.iter().find(|control| control.name == both).unwrap();
            assert_eq!(control.status, one.min(other), "{both}");
            let Some(framework) = compliance.frameworks.iter().find(|of| of.name == both) else { continue };
            assert_eq!(framework.status, Some(one.min(other)), "{both}");
            assert_eq!(framework.counts.score(), Counts::of([one, other]).score(), "{both}");
            assert_eq!(framework.sets[1].status, Some(other));
        }
    }
    let order: Vec<Status> = compliance.controls.iter().map(|control| control.status).collect();
    assert!(order.is_sorted());
}

/// An account with rules, of which each was evaluated, and with a recorder of everything.
fn account(rules: Vec<ConfigRule>) -> AccountFacts {
    let evaluation = Evaluation { activated_at: Some(1), succeeded_at: Some(2), ..Evaluation::default() };
    AccountFacts {
        place: home(),
        evaluations: Fact::Known(rules.iter().map(|rule| (rule.name.clone(), evaluation.clone())).collect()),
        rules: Fact::Known(rules),
        recorders: Fact::Known(vec![Recorder { recording: true, ..Recorder::default() }]),
        ..AccountFacts::default()
    }
}

#[test]
fn every_result_of_a_rule_that_an_account_has() {
    let checked = one(source("AWS_Config", "ENCRYPTED_VOLUMES"));
    let evaluations = [
        (Some(Evaluation { activated_at: Some(1), succeeded_at: Some(2), ..Evaluation::default() }), Some(true)),
        (Some(Evaluation { activated_at: Some(3), succeeded_at: Some(2), ..Evaluation::default() }), Some(false)),
        (
            Some(Evaluation { activated_at: Some(1), succeeded_at: Some(2), failed_at: Some(2), error: None }),
            Some(false),
        ),
        (Some(Evaluation { activated_at: Some(1), ..Evaluation::default() }), Some(false)),
        (Some(Evaluation { succeeded_at: Some(2), ..Evaluation::default() }), Some(false)),
        (None, None),
    ];
    let skips = Recorder { recording: true, strategy: Strategy::Inclusion, ..Recorder::default() };
    let recorders = [
        (Some(Recorder { recording: true, ..Recorder::default() }), Some(true)),
        (Some(Recorder::default()), Some(false)),
        (Some(skips), Some(false)),
        (None, None),
    ];
    let results = [
        None,
        Some(RuleResult::InsufficientData),
        Some(RuleResult::NotApplicable),
        Some(RuleResult::Compliant),
        Some(RuleResult::NonCompliant),
    ];
    for row in results {
        for (evaluation, evaluated) in &evaluations {
            for (recorder, recorded) in &recorders {
                for complete in [true, false] {
                    let mut world = world(&checked);
                    let mut account = account(vec![config_rule(VOLUMES, "ENCRYPTED_VOLUMES")]);
                    account.evaluations = match evaluation {
                        Some(of) => Fact::Known(BTreeMap::from([(VOLUMES.to_owned(), of.clone())])),
                        None => Fact::Unread(unread(UnreadReason::Denied)),
                    };
                    account.recorders = match recorder {
                        Some(recorder) => Fact::Known(vec![recorder.clone()]),
                        None => Fact::Unread(unread(UnreadReason::Throttled)),
                    };
                    world.facts.accounts.insert(home(), account);
                    world.rows = row.map(|row| result(VOLUMES, row)).into_iter().collect();
                    if !complete {
                        world.reading.rules = Reached::Together(Fact::Unread(unread(UnreadReason::Failed)));
                    }
                    let expected = match (row, complete, evaluated, recorded) {
                        (Some(RuleResult::NonCompliant), ..) => Status::NonCompliant,
                        (Some(RuleResult::Compliant), ..) => Status::Compliant,
                        (_, false, ..) | (_, true, None, _) | (_, true, Some(true), None) => Status::Unknown,
                        (_, true, Some(false), _) | (_, true, Some(true), Some(false)) => Status::NoData,
                        (_, true, Some(true), Some(true)) => Status::NoResources,
                    };
                    let (status, why) = only(&roll_up(&checked, &world));
                    assert_eq!(status, expected, "{row:?} {complete} {evaluation:?} {recorder:?}: {why}");
                    assert_eq!(why.is_empty(), !matches!(status, Status::Unknown | Status::NoData));
                    assert!(status != Status::NoData || why == "the rule has no results");
                }
            }
        }
    }
}

#[test]
fn every_way_to_join_a_row_with_a_check() {
    let pinned = source("AWS_Config", "ENCRYPTED_VOLUMES");
    let other = source("AWS_Config", "S3_BUCKET_VERSIONING_ENABLED");
    let known = |rules: &[(&str, &str)]| {
        Some(Fact::Known(rules.iter().map(|(name, identifier)| config_rule(name, identifier)).collect()))
    };
    let denied = || Some(Fact::Unread(unread(UnreadReason::Denied)));
    let (good, bad) = (RuleResult::Compliant, RuleResult::NonCompliant);
    let foreign = "foreign-conformance-pack-bbbbbbbbb";
    let own = [(VOLUMES, "ENCRYPTED_VOLUMES"), ("own", "ENCRYPTED_VOLUMES")];
    let cases = [
        (&pinned, None, vec![(VOLUMES, good)], Status::Compliant, ""),
        (&pinned, None, vec![(VOLUMES, bad)], Status::NonCompliant, ""),
        (&pinned, None, vec![(VOLUMES, good), ("volumes-conformance-pack-bbbbbbbbb", bad)], Status::NonCompliant, ""),
        (&pinned, None, vec![(foreign, bad)], Status::NoData, "the rule has no results"),
        (&pinned, None, vec![("volumes", bad)], Status::NoData, "the rule has no results"),
        (&pinned, denied(), vec![(VOLUMES, good)], Status::Unknown, "no permission for service:Operation"),
        (&pinned, denied(), vec![(VOLUMES, bad)], Status::NonCompliant, ""),
        (&pinned, known(&own), vec![(VOLUMES, good), ("own", good)], Status::Compliant, ""),
        (&pinned, known(&own), vec![(VOLUMES, good), ("own", bad)], Status::NonCompliant, ""),
        // The other rule had nothing to evaluate, which is beside the order.
        (&pinned, known(&own), vec![(VOLUMES, good)], Status::Compliant, ""),
        (&pinned, known(&[(foreign, "ENCRYPTED_VOLUMES")]), vec![(foreign, good)], Status::Compliant, ""),
        // The rule of a deleted pack, which still has results.
        (&pinned, known(&own[1..]), vec![(VOLUMES, bad), ("own", good)], Status::Compliant, ""),
        (
            &pinned,
            known(&[]),
            vec![(VOLUMES, bad)],
            Status::NoData,
            "no managed rule `ENCRYPTED_VOLUMES` that counts is deployed",
        ),
        (
            &other,
            None,
            vec![("versions", good)],
            Status::Unknown,
            "no exported pack has `S3_BUCKET_VERSIONING_ENABLED`, and the rules of the account were not read",
        ),
        (
            &other,
            known(&[("versions", "S3_BUCKET_VERSIONING_ENABLED")]),
            vec![("versions", good)],
            Status::Compliant,
            "",
        ),
    ];
    for (number, (source, rules, rows, expected, why)) in cases.into_iter().enumerate() {
        let checked = one(source.clone());
        let mut world = world(&checked);
        if let Some(rules) = rules {
            let deployed = rules.known().cloned().unwrap_or_default();
            world.facts.accounts.insert(home(), AccountFacts { rules, ..account(deployed) });
        }
        world.rows = rows.into_iter().map(|(rule, row)| result(rule, row)).collect();
        let compliance = roll_up(&checked, &world);
        assert_eq!(only(&compliance), (expected, why.to_owned()), "case {number}");
        let deleted =
            "results of 1 deleted rule of conformance packs were left out in account 111111111111 in eu-west-1";
        let notes = if [11, 12].contains(&number) { vec![deleted] } else { Vec::new() };
        assert_eq!(compliance.notes, notes, "case {number}");
    }
}

#[test]
fn every_set_of_findings() {
    let checked = one(source("AWS_Security_Hub", "IAM.6"));
    let kinds = [
        (FindingStatus::Failed, "", false, false),
        (FindingStatus::Warning, "", false, false),
        (FindingStatus::NotAvailable, "CONFIG_ACCESS_DENIED", false, false),
        (FindingStatus::Passed, "", false, false),
        (FindingStatus::NotAvailable, "CONFIG_RETURNS_NOT_APPLICABLE", false, false),
        (FindingStatus::Passed, "CONFIG_EVALUATIONS_EMPTY", false, false),
        (FindingStatus::Failed, "", true, false),
        (FindingStatus::Failed, "", false, true),
    ];
    for set in 0..1_u32 << kinds.len() {
        for complete in [true, false] {
            let has = |bit: u32| set & (1 << bit) != 0;
            let mut world = world(&checked);
            let chosen = (0..).zip(&kinds).filter(|(bit, _)| has(*bit));
            world.rows = chosen
                .map(|(bit, (status, reason, suppressed, archived))| {
                    Row::Finding(FindingRow {
                        place: home(),
                        control: "IAM.6".to_owned(),
                        standards: Vec::new(),
                        status: *status,
                        reasons: vec![(*reason).to_owned()],
                        suppressed: *suppressed,
                        archived: *archived,
                        resource: Resource { kind: "AWS::IAM::User".to_owned(), id: bit.to_string() },
                    })
                })
                .collect();
            if !complete {
                world.reading.findings = Reached::default();
            }
            let (expected, why) = match complete {
                _ if has(0) => (Status::NonCompliant, ""),
                false => (Status::Unknown, "AWS Security Hub was not read"),
                true if has(1) || has(2) => (Status::NoData, "Security Hub could not check all resources"),
                true if has(3) => (Status::Compliant, ""),
                true if has(4) || has(5) => (Status::NoResources, ""),
                true if has(6) || has(7) => {
                    (Status::NoData, "all findings of the control of Security Hub are suppressed or archived")
                }
                true => (Status::NoData, "the control of Security Hub has no findings"),
            };
            let compliance = roll_up(&checked, &world);
            assert_eq!(only(&compliance), (expected, why.to_owned()), "{set:b} {complete}");
            let (_, of) = compliance.places_of(&compliance.controls[0].sources[0]).next().unwrap();
            let expected = [has(0), has(6), has(7)].map(u32::from);
            assert_eq!([of.failing, of.suppressed, of.archived], expected, "{set:b}");
        }
    }
}

#[test]
fn copies_of_a_finding_count_once_and_a_standard_counts_where_the_keyword_is_of_it() {
    let finding = |standard: &str, id: &str| {
        Row::Finding(FindingRow {
            place: home(),
            control: "IAM.6".to_owned(),
            standards: vec![standard.to_owned()],
            status: FindingStatus::Failed,
            reasons: Vec::new(),
            suppressed: false,
            archived: false,
            resource: Resource { kind: "AWS::IAM::User".to_owned(), id: id.to_owned() },
        })
    };
    let cis = "ruleset/cis-aws-foundations-benchmark/v/1.2.0";
    let fsbp = "standards/aws-foundational-security-best-practices/v/1.0.0";
    for (keyword, failing) in [("IAM.6", 2), ("1.14", 1), ("PCI.IAM.6", 0)] {
        let checked = one(source("AWS_Security_Hub", keyword));
        let mut world = world(&checked);
        world.rows = vec![finding(cis, "a"), finding(fsbp, "a"), finding(fsbp, "b")];
        assert_eq!(roll_up(&checked, &world).controls[0].failing, failing, "{keyword}");
    }
}

#[test]
fn compliant_under_a_weaker_parameter_is_no_data() {
    let mut keys = source("AWS_Config", "ACCESS_KEYS_ROTATED");
    keys["requiredParameters"] = json!({"maxAccessKeyAge": {"atMost": 90}});
    let checked = one(keys);
    let name = "keys-conformance-pack-aaaaaaaaa";
    let weaker =
        "weaker parameter: `maxAccessKeyAge` is `365` in `keys-conformance-pack-*`; the control demands at most 90";
    let not_set =
        "weaker parameter: `keys-conformance-pack-*` does not set `maxAccessKeyAge`; the control demands at most 90";
    for (age, row, expected, why) in [
        (Some("90"), RuleResult::Compliant, Status::Compliant, ""),
        (Some("365"), RuleResult::Compliant, Status::NoData, weaker),
        (None, RuleResult::Compliant, Status::NoData, not_set),
        (Some("365"), RuleResult::NonCompliant, Status::NonCompliant, ""),
        (Some("365"), RuleResult::InsufficientData, Status::NoResources, ""),
    ] {
        let mut world = world(&checked);
        let parameters = age.map(|age| ("maxAccessKeyAge".to_owned(), age.to_owned())).into_iter().collect();
        let rule = ConfigRule { parameters, ..config_rule(name, "ACCESS_KEYS_ROTATED") };
        world.facts.accounts.insert(home(), account(vec![rule]));
        world.rows = vec![result(name, row)];
        assert_eq!(only(&roll_up(&checked, &world)), (expected, why.to_owned()), "{age:?} {row:?}");
    }
}

#[test]
fn an_exception_accepts_resources_only_if_all_of_them_were_read() {
    let sources = BTreeMap::from([("a".to_owned(), vec![source("AWS_Config", "ENCRYPTED_VOLUMES")])]);
    let exceptions = [
        json!({"check": "ENCRYPTED_VOLUMES", "resources": ["vol-e*"], "reason": "a", "until": "2027-01-01"}),
        json!({"check": "ENCRYPTED_VOLUMES", "resources": ["vol-e1"], "reason": "a", "until": "2027-02-01"}),
        json!({"check": "ENCRYPTED_VOLUMES", "resources": ["*"], "reason": "a", "until": "2026-11-30"}),
    ];
    let checked = catalog(&sources, &[], &exceptions);
    for (ids, resources, read, expected, until) in [
        (&["vol-e1", "vol-e2"][..], 2, Some(true), Status::Excepted, Some("2027-01-01")),
        (&["vol-e1"], 1, Some(true), Status::Excepted, Some("2027-02-01")),
        (&["vol-e1", "vol-1"], 2, Some(true), Status::NonCompliant, Some("2027-02-01")),
        (&["vol-e1"], 2, Some(true), Status::NonCompliant, Some("2027-02-01")),
        (&["vol-e1"], 1, Some(false), Status::NonCompliant, Some("2027-02-01")),
        (&["vol-e1"], 1, None, Status::NonCompliant, Some("2027-02-01")),
        (&[], 0, Some(true), Status::NonCompliant, None),
    ] {
        let mut world = world(&checked);
        let rule = VOLUMES.to_owned();
        let of = RuleRow { place: home(), rule: rule.clone(), result: RuleResult::NonCompliant, resources };
        world.rows.push(Row::Rule(of));
        for id in ids {
            let resource = Resource { kind: "AWS::EC2::Volume".to_owned(), id: (*id).to_owned() };
            world.rows.push(Row::Resource(ResourceRow { place: home(), rule: rule.clone(), resource }));
        }
        let unread = Fact::Unread(unread(UnreadReason::Throttled));
        let end = read.map(|read| if read { Fact::Known(()) } else { unread });
        world.rows.extend(end.map(|read| Row::Details(DetailsRead { place: home(), rule, read })));
        let compliance = roll_up(&checked, &world);
        let (_, of) = compliance.places_of(&compliance.controls[0].sources[0]).next().unwrap();
        let exception = compliance.exception(of).map(|of| of.exception.until.as_str());
        assert_eq!((of.status, exception), (expected, until), "{ids:?} {resources} {read:?}");
        let not_listed =
            "resources of 1 rule are not listed: AWS Service throttled service:Operation until all attempts were used";
        assert_eq!(compliance.notes, if read == Some(false) { vec![not_listed] } else { Vec::new() });
    }
}

#[test]
fn an_account_counts_as_its_aggregator_has_it() {
    let checked = one(source("AWS_Config", "ENCRYPTED_VOLUMES"));
    let of = |error: Option<&str>| Fact::Known(BTreeMap::from([(home(), error.map(str::to_owned))]));
    let unread = Unread { reason: UnreadReason::Denied, ..unread(UnreadReason::Denied) };
    let failed = "the aggregator `org` could not update the account: no authorization";
    for (sources, row, expected, why) in [
        (of(None), RuleResult::Compliant, Status::Compliant, ""),
        (of(None), RuleResult::NonCompliant, Status::NonCompliant, ""),
        (of(Some("no authorization")), RuleResult::Compliant, Status::Unknown, failed),
        (of(Some("no authorization")), RuleResult::NonCompliant, Status::NonCompliant, ""),
        (
            Fact::Known(BTreeMap::new()),
            RuleResult::Compliant,
            Status::NoData,
            "the aggregator `org` does not have the account",
        ),
        (Fact::Unread(unread.clone()), RuleResult::Compliant, Status::Unknown, "no permission for service:Operation"),
        (Fact::Unread(unread), RuleResult::NonCompliant, Status::NonCompliant, ""),
    ] {
        let mut world = world(&checked);
        let regions = ["eu-west-1".to_owned()].into();
        world.aggregator = Some(Aggregator { name: "org".to_owned(), regions, sources });
        world.rows = vec![result(VOLUMES, row)];
        let compliance = roll_up(&checked, &world);
        assert_eq!(only(&compliance), (expected, why.to_owned()), "{:?} {row:?}", world.aggregator);
        assert_eq!(compliance.not_aggregated.len(), usize::from(why.contains("does not have")));
    }
}

#[test]
fn without_an_assessment_the_accounts_are_those_that_are_known() {
    let checked = one(source("AWS_Config", "ENCRYPTED_VOLUMES"));
    let mut world = world(&checked);
    world.facts.audit_manager.assessments = Fact::Known(Vec::new());
    let compliance = roll_up(&checked, &world);
    assert_eq!(compliance.places, [home()]);
    let note = "1 control in no active assessment: without a scope of its own, the accounts are those of Audit Manager";
    assert_eq!(compliance.notes, [note]);
    let other = place("222222222222", "us-east-1");
    world.aggregator = Some(Aggregator {
        name: "org".to_owned(),
        regions: ["us-east-1".to_owned()].into(),
        sources: Fact::Known(BTreeMap::from([(other.clone(), None)])),
    });
    let compliance = roll_up(&checked, &world);
    assert_eq!(compliance.places, [other]);
    assert!(compliance.notes[0].ends_with(", the accounts are those of the aggregator"));
    world.facts.audit_manager.assessments = Fact::Unread(unread(UnreadReason::Denied));
    let compliance = roll_up(&checked, &world);
    assert_eq!(compliance.controls[0].status, Status::Unknown);
    assert_eq!(compliance.controls[0].unknown[0].to_string(), "no permission for service:Operation");
}

#[test]
fn severities_decide_whether_a_report_fails() {
    let sources = BTreeMap::from([("a".to_owned(), vec![source("AWS_Config", "ENCRYPTED_VOLUMES")])]);
    let checked = catalog(&sources, &[], &[]);
    let mut world = world(&checked);
    world.rows = vec![result(VOLUMES, RuleResult::NonCompliant)];
    let compliance = roll_up(&checked, &world);
    for of_control in Severity::ALL.map(Some).into_iter().chain([None]) {
        let mut one = compliance.clone();
        one.controls[0].severity = of_control;
        for at_least in Severity::ALL {
            let expected = of_control.unwrap_or(Severity::Low) <= at_least;
            assert_eq!(one.fails(at_least), expected, "{of_control:?} {at_least:?}");
            one.controls[0].status = Status::Unknown;
            assert!(!one.fails(at_least));
            one.controls[0].status = Status::NonCompliant;
        }
    }
}

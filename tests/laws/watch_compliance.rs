//! What a run of the function that watches evidence says about compliance: each change once, and nothing that was not read.

use std::collections::{BTreeMap, BTreeSet};

use controlsync_core::change_result::Failure;
use controlsync_core::compliance::facts::{Reached, Reading, RuleResult};
use controlsync_core::compliance::since::{Subject, failing};
use controlsync_core::compliance::{Compliance, Status};
use controlsync_core::evidence::facts::{AccountFacts, ConfigRule, Fact};
use controlsync_core::evidence::{self, Evidence};
use controlsync_core::keywords::Keywords;
use controlsync_core::plan::Target;
use controlsync_core::run::{Notify, Triggers};
use controlsync_core::watch::compliance::{JSON, PAGE};
use controlsync_core::watch::{
    ComplianceNews, ComplianceReport, ComplianceRun, Memory, News, REMEMBERED, RememberedCompliance, ReportFile,
    WatchReport, json, mail,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::compliance::take_away;
use crate::compliance_worlds::{ACCOUNTS, HOME, NOW, SAMPLE, World, assessed, denied, place, roll_up, rows_of, world};
use crate::output_schemas;

const REGION: &str = "eu-west-1";

/// The memory as the function saves it.
fn saved(memory: &RememberedCompliance) -> RememberedCompliance {
    serde_json::from_str(&serde_json::to_string(memory).unwrap()).unwrap()
}

fn compared(
    compliance: &Compliance,
    world: &World,
    before: Option<&RememberedCompliance>,
    most: usize,
) -> ComplianceNews {
    let scope_is_known = world.aggregator.as_ref().is_none_or(|of| of.sources.known().is_some());
    ComplianceNews::new(ComplianceRun { checked: &SAMPLE, compliance, scope_is_known, most }, before)
}

/// The worst status of a subject.
fn status(compliance: &Compliance, subject: &Subject) -> Option<Status> {
    let control = compliance.controls.iter().find(|of| of.name == subject.control)?;
    let sources = control.sources.iter().filter(|of| of.keyword.as_deref().unwrap_or_default() == subject.check);
    let places = sources.flat_map(|source| compliance.places_of(source));
    places.filter(|(place, _)| **place == subject.place).map(|(_, of)| of.status).min()
}

proptest! {
    #[test]
    fn each_change_of_compliance_is_reported_once_and_missing_data_resolves_nothing(
        worlds in vec((world(&SAMPLE), vec((any::<Index>(), 0..8_usize), 0..3)), 1..5),
    ) {
        let mut memory: Option<RememberedCompliance> = None;
        // What a reader of the reports believes to be not compliant.
        let mut believed: BTreeSet<Subject> = BTreeSet::new();
        for (world, taken) in worlds {
            let mut less = world.clone();
            for (at, what) in taken {
                take_away(&mut less, at, what);
            }
            let (full, now) = (roll_up(&SAMPLE, &world), roll_up(&SAMPLE, &less));
            let news = compared(&now, &less, memory.as_ref(), REMEMBERED);
            let current: BTreeSet<Subject> = failing(&now).collect();
            if news.is_baseline {
                prop_assert!(!news.has_changes());
                believed.extend(current.iter().cloned());
            }
            for subject in news.new_subjects().chain(&news.found) {
                prop_assert!(current.contains(subject) && believed.insert(subject.clone()), "{:?} is no news", subject);
            }
            for subject in news.resolved() {
                prop_assert!(believed.remove(subject), "{:?} was not reported", subject);
                let really = status(&full, subject);
                prop_assert!(matches!(really, Some(Status::Compliant | Status::NoResources)), "{:?} {:?}", subject, really);
            }
            for subject in news.excepted() {
                prop_assert!(believed.remove(subject), "{:?} was not reported", subject);
            }
            // What no catalog or scope has anymore ends without a word.
            let scope_is_known = less.aggregator.as_ref().is_none_or(|of| of.sources.known().is_some());
            let may_be_in_scope = |subject: &Subject| {
                let control = now.controls.iter().find(|of| of.name == subject.control).unwrap();
                !scope_is_known || !control.unknown.is_empty()
            };
            believed.retain(|subject| status(&now, subject).is_some() || may_be_in_scope(subject));
            prop_assert!(current.is_subset(&believed), "something was not reported");
            let again = compared(&now, &less, Some(&saved(&news.memory)), REMEMBERED);
            prop_assert!(!again.has_changes() && !again.is_baseline, "{:?}", again.changes);
            memory = Some(saved(&news.memory));
        }
    }
}

/// All accounts with rules of volumes and keys: some of them with volumes that are not encrypted.
fn week(not_compliant: &[&str], unread: &[&str]) -> World {
    let mut world =
        World { facts: assessed(&SAMPLE, &ACCOUNTS), aggregator: None, rows: Vec::new(), reading: Reading::default() };
    let rules = [("volumes", "ENCRYPTED_VOLUMES"), ("versions", "S3_BUCKET_VERSIONING_ENABLED")];
    let rule = |(name, identifier): (&str, &str)| ConfigRule {
        name: name.to_owned(),
        identifier: Some(identifier.to_owned()),
        detective: true,
        ..ConfigRule::default()
    };
    let mut each = BTreeMap::new();
    for account in ACCOUNTS {
        let place = place(account, REGION);
        let facts = AccountFacts {
            place: place.clone(),
            rules: Fact::Known(rules.map(rule).to_vec()),
            hub: Fact::Known(None),
            ..AccountFacts::default()
        };
        world.facts.accounts.insert(place.clone(), facts);
        if unread.contains(&account) {
            each.insert(place, denied());
            continue;
        }
        let result = if not_compliant.contains(&account) { RuleResult::NonCompliant } else { RuleResult::Compliant };
        world.rows.extend(rows_of(&place, "volumes", result, 1, &[], Some(true)));
        world.rows.extend(rows_of(&place, "versions", RuleResult::Compliant, 0, &[], None));
        each.insert(place, Fact::Known(()));
    }
    world.reading.rules = Reached::Each(each.clone());
    world.reading.findings = Reached::Each(each);
    world
}

/// A run with its report.
struct Ran {
    compliance: Compliance,
    news: ComplianceNews,
    all: News,
    evidence: Evidence,
    files: Vec<ReportFile>,
    failure: Option<Failure>,
}

impl Ran {
    fn new(world: &World, before: &Memory, most: usize, failures: [Option<Failure>; 2]) -> Self {
        let compliance = roll_up(&SAMPLE, world);
        let news = compared(&compliance, world, before.compliance.as_ref(), most);
        let key = |end: &str| format!("reports/compliance-2026-12-01.{end}");
        let [html, json] = failures;
        let files = vec![
            ReportFile { form: PAGE, key: key("html"), failure: html },
            ReportFile { form: JSON, key: key("json"), failure: json },
        ];
        let memory = Memory {
            compliance: before.compliance.clone(),
            report_failures: before.report_failures.clone(),
            ..Memory::default()
        };
        let all = News { memory, ..News::default() };
        Self { compliance, news, all, evidence: nothing(), files, failure: None }.told()
    }

    fn unread(before: &Memory, failure: Failure) -> Self {
        let ran = Self::new(&week(&[], &[]), before, REMEMBERED, [None, None]);
        let memory = Memory {
            compliance: before.compliance.clone(),
            report_failures: before.report_failures.clone(),
            ..Memory::default()
        };
        Self { failure: Some(failure), files: Vec::new(), all: News { memory, ..News::default() }, ..ran }.told()
    }

    fn told(mut self) -> Self {
        let mut all = std::mem::take(&mut self.all);
        all.add_report(&self.report());
        Self { all, ..self }
    }

    fn report(&self) -> ComplianceReport<'_> {
        let found = self.failure.as_ref().map_or(Ok((&self.compliance, &self.news)), Err);
        ComplianceReport { found, bucket: "catalog", files: &self.files }
    }

    fn memory(&self) -> Memory {
        serde_json::from_str(&serde_json::to_string(&self.all.memory).unwrap()).unwrap()
    }

    fn message(&self, notify: Notify, days: u32) -> Option<String> {
        let target = Target { account: Some(HOME.to_owned()), region: REGION.to_owned() };
        let report = WatchReport {
            triggers: Triggers { schedule: true, ..Triggers::default() },
            target: &target,
            catalog: "audit",
            location: "s3://catalog/",
            evidence: Some(&self.evidence),
            has_errors: false,
            compliance: Some(self.report()),
            failure: None,
            has_role: true,
            deployment: Default::default(),
            news: &self.all,
            days_since_email: Some(days),
            now: NOW,
        };
        let document = json::document(&report);
        output_schemas::validate("evidence-run", &document);
        let due = report.due(notify).mail;
        due.then(|| format!("{}\n\n{}\n{document}\n", mail::subject(&report), mail::text(&report)))
    }
}

/// No evidence: what is set up is reported apart.
fn nothing() -> Evidence {
    let facts = assessed(&SAMPLE, &ACCOUNTS);
    let keywords = Keywords::of(&SAMPLE.sources);
    let (catalog, sources, accounts) = (&SAMPLE.catalog, &SAMPLE.sources, Some(&BTreeSet::new()));
    let input =
        evidence::Input { catalog, sources, keywords: &keywords, facts: &facts, accounts, packs: None, now: NOW };
    evidence::evaluate(input, &BTreeSet::new())
}

fn run(world: &World, before: &Memory) -> Ran {
    Ran::new(world, before, REMEMBERED, [None, None])
}

#[test]
fn a_week_of_reports() {
    let baseline = run(&week(&[ACCOUNTS[0]], &[]), &Memory::default());
    insta::assert_snapshot!("compliance_baseline", baseline.message(Notify::All, 0).unwrap());
    assert_eq!(baseline.message(Notify::Errors, 0), None);

    let same = run(&week(&[ACCOUNTS[0]], &[]), &baseline.memory());
    assert_eq!(same.message(Notify::All, 1), None, "nothing changed");
    insta::assert_snapshot!("compliance_reminder", same.message(Notify::All, 7).unwrap());

    let changed = run(&week(&[ACCOUNTS[1]], &[]), &same.memory());
    insta::assert_snapshot!("compliance_changed", changed.message(Notify::Changes, 1).unwrap());
    assert_eq!(changed.message(Notify::Errors, 1), None);

    let unread = run(&week(&[], &[ACCOUNTS[1]]), &changed.memory());
    assert_eq!(unread.message(Notify::All, 1), None, "what was not read resolves nothing");
    let back = run(&week(&[ACCOUNTS[1]], &[]), &unread.memory());
    assert_eq!(back.message(Notify::All, 1), None, "and is not new afterwards");
    let resolved = run(&week(&[], &[]), &unread.memory());
    assert!(resolved.message(Notify::All, 1).unwrap().contains("Compliant again, or without resources (1):\n"));
}

#[test]
fn what_no_report_has_read_before_is_found_and_not_new() {
    let first = run(&week(&[], &[ACCOUNTS[1]]), &Memory::default());
    let second = run(&week(&[ACCOUNTS[1]], &[]), &first.memory());
    let message = second.message(Notify::All, 1).unwrap();
    assert!(message.contains("Not compliant where no report has looked before (1):\n"), "{message}");
    assert!(!message.contains("since the last report ("));
}

#[test]
fn a_report_that_is_not_written_is_said_once_and_loses_no_change() {
    let before = run(&week(&[], &[]), &Memory::default());
    let denied = || Failure {
        code: Some("AccessDenied".to_owned()),
        help: Some(
            "The credentials lack s3:PutObject on the object, or a permission on its encryption key.".to_owned(),
        ),
        ..Failure::new("PutObject", "Access Denied")
    };
    let page = Ran::new(&week(&[ACCOUNTS[0]], &[]), &before.memory(), REMEMBERED, [Some(denied()), None]);
    insta::assert_snapshot!("compliance_page_not_written", page.message(Notify::All, 1).unwrap());
    assert!(page.message(Notify::Errors, 1).is_some());
    let again = Ran::new(&week(&[ACCOUNTS[0]], &[]), &page.memory(), REMEMBERED, [Some(denied()), None]);
    assert_eq!(again.message(Notify::All, 1), None, "both were reported");
    assert!(again.message(Notify::All, 7).is_some());
    let both = Ran::new(&week(&[ACCOUNTS[0]], &[]), &again.memory(), REMEMBERED, [Some(denied()), Some(denied())]);
    let message = both.message(Notify::All, 1).unwrap();
    assert!(
        message.contains("The report was not written as JSON: PutObject: AccessDenied: Access Denied\n"),
        "{message}"
    );
    assert!(!message.contains("s3://catalog/reports"), "{message}");
    let written = run(&week(&[ACCOUNTS[0]], &[]), &both.memory());
    assert!(written.message(Notify::Errors, 1).unwrap().contains("The report is complete again.\n"));
    assert_eq!(run(&week(&[ACCOUNTS[0]], &[]), &written.memory()).message(Notify::All, 1), None);
}

#[test]
fn results_that_are_not_read_forget_nothing() {
    let before = run(&week(&[ACCOUNTS[0]], &[]), &Memory::default());
    let missing =
        Failure::new("DescribeConfigurationAggregators", "\"all\": the account has no aggregator with this name");
    let unread = Ran::unread(&before.memory(), missing);
    let message = unread.message(Notify::Errors, 1).unwrap();
    assert!(message.contains("The results were not read: DescribeConfigurationAggregators: \"all\": "), "{message}");
    assert!(message.contains("report incomplete"), "{message}");
    let resolved = run(&week(&[], &[]), &unread.memory());
    let message = resolved.message(Notify::All, 1).unwrap();
    assert!(message.contains("Compliant again, or without resources (1):\n"), "{message}");
}

#[test]
fn too_much_is_not_compared() {
    let before = run(&week(&[ACCOUNTS[0]], &[]), &Memory::default());
    let many = |memory: &Memory| Ran::new(&week(&ACCOUNTS, &[]), memory, 2, [None, None]);
    let first = many(&before.memory());
    assert_eq!(first.message(Notify::All, 1), None);
    let message = first.message(Notify::All, 7).unwrap();
    assert!(
        message.contains("Too many results are not compliant to compare them with the last report.\n"),
        "{message}"
    );
    assert_eq!(first.memory().compliance.unwrap().failing, None);
}

#[test]
fn an_older_state_has_no_report() {
    let memory: Memory = serde_json::from_str(r#"{"controls": {"a": true}}"#).unwrap();
    assert_eq!(memory.compliance, None);
    assert!(run(&week(&[], &[]), &memory).news.is_baseline);
}

#[test]
fn a_notification_stays_within_its_limit() {
    let before = run(&week(&[], &[]), &Memory::default());
    let mut ran = run(&week(&[ACCOUNTS[0]], &[]), &before.memory());
    let changes = ran.news.changes.as_mut().unwrap();
    let [subject, ..] = changes.new.as_slice() else { panic!("nothing is new") };
    let of = |check: usize, account: usize| Subject {
        check: format!("CHECK_{check}"),
        place: place(&format!("{account:012}"), REGION),
        ..subject.clone()
    };
    changes.new =
        (0..300).flat_map(|check| (0..150).map(move |account| (check, account))).map(|(c, a)| of(c, a)).collect();
    let message = ran.message(Notify::All, 1).unwrap();
    let document: serde_json::Value = serde_json::from_str(message.trim_end().lines().last().unwrap()).unwrap();
    let shown = document["compliance"]["changes"].as_array().unwrap();
    assert!(shown.len() as u64 + document["omitted"]["compliance"].as_u64().unwrap() == 300, "{}", shown.len());
    assert_eq!((shown[0]["accounts"].as_array().unwrap().len(), shown[0]["omittedAccounts"].as_u64()), (100, Some(50)));
    assert!(document.to_string().len() < 240 * 1024);
    assert!(
        message.contains("Not compliant since the last report (300):\n") && message.contains("    280 not shown\n")
    );
}

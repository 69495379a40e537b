//! Benchmarks of the roll-up of compliance, with its memory: `cargo bench -p controlsync-core --bench compliance`.
#![expect(clippy::unwrap_used, reason = "a benchmark should fail on any error")]

use std::collections::{BTreeMap, BTreeSet};

use controlsync_core::check::{Checked, Options, check};
use controlsync_core::compliance::facts::{
    Aggregator, DetailsRead, Reached, Reading, Resource, ResourceRow, RuleResult, RuleRow,
};
use controlsync_core::compliance::{Compliance, Input, LISTED, Rollup};
use controlsync_core::evidence;
use controlsync_core::evidence::facts::{Fact, Facts, Place};
use controlsync_core::keywords::Keywords;
use controlsync_core::pack_lock::{Lock, Pin};
use controlsync_core::report::Paths;
use controlsync_core::report::compliance::{Report, csv, json, text};
use controlsync_core::report::text::Style;
use controlsync_core::source::{Content, FileKind, Source, Sources};
use controlsync_core::source_type::SourceType;
use divan::{AllocProfiler, Bencher};

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

const REGIONS: [&str; 4] = ["ap-south-1", "eu-central-1", "eu-west-1", "us-east-1"];
/// Rules in each account and Region.
const RULES: usize = 50;

fn main() {
    divan::main();
}

/// A catalog with a control for each rule, and the packs that have the rules.
struct World {
    checked: Checked,
    lock: Lock,
    keywords: Keywords,
    aggregator: Aggregator,
    facts: Facts,
}

impl World {
    /// Creates a world with a number of rules in all accounts together.
    fn new(rows: usize) -> Self {
        let keywords = Keywords::of(&Sources::new(Vec::new()));
        let names: Vec<String> =
            keywords.list(SourceType::Config).unwrap().iter().take(RULES).map(str::to_owned).collect();
        let control = |(number, name): (usize, &String)| {
            let text = format!(
                "name: Control {number}\ndatasources:\n  - sourceName: rule\n    sourceType: AWS_Config\n    sourceKeyword: \
                 {{keywordValue: {name}}}\n"
            );
            Source::new(format!("controls/{number}.yaml"), FileKind::Control, Content::Bytes(text.into_bytes()))
        };
        let checked = check(Sources::new(names.iter().enumerate().map(control).collect()), &Options::default());
        assert_eq!(checked.catalog.controls.len(), RULES);
        let pin = |(number, name): (usize, &String)| Pin {
            framework: None,
            check: name.clone(),
            pack: "pack".to_owned(),
            rule_name: format!("rule-{number}"),
            logical_id: format!("Rule{number}"),
            parameters: Vec::new(),
            remediation: false,
        };
        let lock = Lock::new("pack", false, names.iter().enumerate().map(pin).collect());
        let sources: BTreeMap<Place, Option<String>> = places(rows).map(|place| (place, None)).collect();
        let regions = REGIONS.map(str::to_owned).into();
        let aggregator = Aggregator { name: "organization".to_owned(), regions, sources: Fact::Known(sources) };
        let mut facts = Facts::default();
        facts.audit_manager.controls = Fact::Known(BTreeMap::new());
        facts.audit_manager.assessments = Fact::Known(Vec::new());
        Self { checked, lock, keywords, aggregator, facts }
    }

    /// Rolls up as many rules as there are, of which each fifth is not compliant and has five resources: as many rows again.
    fn roll_up(&self, rows: usize) -> Compliance {
        let controls: BTreeSet<&str> = self.checked.catalog.controls.keys().map(String::as_str).collect();
        let evidence = evidence::Input {
            catalog: &self.checked.catalog,
            sources: &self.checked.sources,
            keywords: &self.keywords,
            facts: &self.facts,
            accounts: None,
            packs: Some(&self.lock),
            now: 1_796_083_200,
        };
        let frameworks = BTreeSet::new();
        let aggregator = Some(&self.aggregator);
        let input = Input { evidence, controls: &controls, frameworks: &frameworks, aggregator, listed: LISTED };
        let mut rollup = Rollup::new(input);
        for (number, place) in places(rows).enumerate() {
            for rule in 0..RULES {
                let failing = (number + rule) % 5 == 0;
                let result = if failing { RuleResult::NonCompliant } else { RuleResult::Compliant };
                let name = format!("rule-{rule}-conformance-pack-{number:09}");
                let row = RuleRow { place: place.clone(), rule: name, result, resources: 5 };
                rollup.rule(&row);
                if rollup.needs_details(&row) {
                    resources(&row, &mut rollup);
                }
            }
        }
        let everything = || Reached::Together(Fact::Known(()));
        rollup.finish(&Reading { rules: everything(), findings: everything() })
    }
}

fn resources(row: &RuleRow, rollup: &mut Rollup<'_>) {
    for number in 0..5 {
        let resource = Resource { kind: "AWS::EC2::Volume".to_owned(), id: format!("{}-vol-{number:017}", row.rule) };
        rollup.resource(&ResourceRow { place: row.place.clone(), rule: row.rule.clone(), resource });
    }
    rollup.details(&DetailsRead { place: row.place.clone(), rule: row.rule.clone(), read: Fact::Known(()) });
}

/// The accounts and Regions that have so many rules together.
fn places(rows: usize) -> impl Iterator<Item = Place> {
    (0..rows / RULES / REGIONS.len()).flat_map(|account| {
        REGIONS.map(|region| Place { account: format!("{account:012}"), region: region.to_owned() })
    })
}

#[divan::bench(args = [10_000, 100_000, 1_000_000], sample_count = 3, sample_size = 1)]
fn roll_up(bencher: Bencher<'_, '_>, rows: usize) {
    let world = World::new(rows);
    bencher.bench_local(|| {
        let compliance = world.roll_up(rows);
        assert_eq!((compliance.controls.len(), compliance.answers[0].places.len() * RULES), (RULES, rows));
    });
}

#[divan::bench(args = [10_000, 100_000, 1_000_000], sample_count = 3, sample_size = 1)]
fn report_as_text(bencher: Bencher<'_, '_>, rows: usize) {
    report(bencher, rows, |report| text::text(report, false, &Style::default()).len());
}

#[divan::bench(args = [10_000, 100_000, 1_000_000], sample_count = 3, sample_size = 1)]
fn report_as_parts_of_json(bencher: Bencher<'_, '_>, rows: usize) {
    report(bencher, rows, |report| json::parts(report).map(|part| part.len()).sum());
}

#[divan::bench(args = [10_000, 100_000, 1_000_000], sample_count = 3, sample_size = 1)]
fn report_as_rows_of_csv(bencher: Bencher<'_, '_>, rows: usize) {
    report(bencher, rows, |report| csv::rows(report).map(|row| row.len()).sum());
}

fn report(bencher: Bencher<'_, '_>, rows: usize, of: impl Fn(Report<'_>) -> usize) {
    let world = World::new(rows);
    let (compliance, paths) = (&world.roll_up(rows), Paths::default());
    let report = Report { compliance, changes: None, checked: &world.checked, paths: &paths };
    bencher.bench_local(|| assert!(of(report) > 0));
}

//! How long the parts of `lint` take on a catalogue in memory: `cargo bench -p controlsync-core`.
#![expect(clippy::unwrap_used, reason = "a benchmark stops where something is odd")]

use std::fmt::Write as _;
use std::num::NonZero;

use controlsync_core::check::{Options, check};
use controlsync_core::source::{Content, Kind, Source, Sources};
use controlsync_core::{document, schema};
use divan::Bencher;
use divan::counter::BytesCount;

fn main() {
    divan::main();
}

/// A control of some 1.9 kB with four sources, as real ones are.
fn control(number: usize) -> String {
    let sentence = "The owner of the system keeps evidence that this holds, and says who looked at it and when. ";
    let mut text = format!("name: Family-Control{number:05}\ndescription: {}\n", sentence.repeat(2).trim_end());
    let _ = write!(text, "testingInformation: >-\n  {}\n", sentence.repeat(3).trim_end());
    let _ = write!(
        text,
        "actionPlanTitle: Put it right\nactionPlanInstructions: |-\n  {}\n",
        sentence.repeat(4).trim_end()
    );
    text += "tags:\n  Family: Data security\n  ID: PRDS-1\n  NIST: NIST SP 800-53 Rev 4\ndatasources:\n";
    for (source, keyword) in
        ["S3_BUCKET_VERSIONING_ENABLED", "RDS_STORAGE_ENCRYPTED", "ENCRYPTED_VOLUMES"].iter().enumerate()
    {
        let _ = write!(
            text,
            "  - sourceName: Rule {source}\n    sourceDescription: What the rule says of each resource.\n    sourceType: AWS_Config\n    \
             sourceKeyword:\n      keywordInputType: SELECT_FROM_LIST\n      keywordValue: {keyword}\n"
        );
    }
    text + "  - sourceName: Report\n    sourceType: MANUAL\n    sourceDescription: The report of the last quarter.\n"
}

fn framework(number: usize) -> String {
    let mut text = format!("name: Framework {number}\ndescription: A part of the catalogue.\ncontrolSets:\n");
    for set in 0..5 {
        let _ = write!(text, "  - name: Set {set}\n    controls:\n");
        for control in 0..5 {
            let _ = writeln!(text, "      - Family-Control{:05}", number * 25 + set * 5 + control);
        }
    }
    text
}

fn catalogue(controls: usize) -> Sources {
    let file = |folder: &str, kind, number: usize, text: String| {
        Source::new(format!("{folder}/{number:05}.yaml"), kind, Content::Bytes(text.into_bytes()))
    };
    let frameworks = (0..controls / 25).map(|number| file("frameworks", Kind::Framework, number, framework(number)));
    let controls = (0..controls).map(|number| file("controls", Kind::Control, number, control(number)));
    Sources::new(controls.chain(frameworks).collect())
}

fn one() -> Sources {
    Sources::new(vec![Source::new("controls/a.yaml", Kind::Control, Content::Bytes(control(0).into_bytes()))])
}

#[divan::bench]
fn parse_one_control(bencher: Bencher<'_, '_>) {
    let sources = one();
    let (file, source) = sources.iter().next().unwrap();
    bencher.counter(BytesCount::new(control(0).len())).bench_local(|| document::parse(file, source));
}

#[divan::bench]
fn schema_of_one_control(bencher: Bencher<'_, '_>) {
    let sources = one();
    let (file, source) = sources.iter().next().unwrap();
    let document = document::parse(file, source).0.unwrap();
    bencher.bench_local(|| schema::check(file, source, &document));
}

#[divan::bench(args = [500, 10_000], sample_count = 20)]
fn check_catalogue(bencher: Bencher<'_, '_>, controls: usize) {
    bencher.with_inputs(|| catalogue(controls)).bench_local_values(|sources| {
        let checked = check(sources, &Options::default());
        assert!(checked.diagnostics.is_empty());
        checked
    });
}

#[divan::bench(args = [10_000], sample_count = 20)]
fn check_catalogue_on_two_threads(bencher: Bencher<'_, '_>, controls: usize) {
    let options = Options { threads: NonZero::new(2).unwrap(), ..Options::default() };
    bencher.with_inputs(|| catalogue(controls)).bench_local_values(|sources| check(sources, &options));
}

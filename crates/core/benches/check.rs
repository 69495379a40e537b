//! Benchmarks of the steps of `lint` on a catalog in memory: `cargo bench -p controlsync-core`.
#![expect(clippy::unwrap_used, reason = "a benchmark should fail on any error")]

mod catalog;

use std::num::NonZero;

use controlsync_core::check::{Options, check};
use controlsync_core::source::{Content, FileKind, Source, Sources};
use controlsync_core::{document, schema};
use divan::Bencher;
use divan::counter::BytesCount;

use catalog::{control, sources};

fn main() {
    divan::main();
}

fn one() -> Sources {
    Sources::new(vec![Source::new("controls/a.yaml", FileKind::Control, Content::Bytes(control(0).into_bytes()))])
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
fn check_catalog(bencher: Bencher<'_, '_>, controls: usize) {
    bencher.with_inputs(|| sources(controls)).bench_local_values(|sources| {
        let checked = check(sources, &Options::default());
        // 10,000 controls exceed the quotas of an account.
        assert!(checked.diagnostics.len() <= 2, "{:?}", checked.diagnostics[0]);
        checked
    });
}

#[divan::bench(args = [10_000], sample_count = 20)]
fn check_catalog_on_two_threads(bencher: Bencher<'_, '_>, controls: usize) {
    let options = Options { threads: NonZero::new(2).unwrap(), ..Options::default() };
    bencher.with_inputs(|| sources(controls)).bench_local_values(|sources| check(sources, &options));
}

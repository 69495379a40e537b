//! How `lint` spends its time: `cargo bench -p controlsync --bench share`.
#![expect(clippy::unwrap_used, reason = "a benchmark panics on errors")]
#![expect(dead_code, reason = "the benchmark uses only a part of these modules")]

#[path = "../../core/benches/catalog/mod.rs"]
mod catalog;
#[expect(unused_imports, reason = "its tests do not run in a benchmark")]
#[path = "../src/error.rs"]
mod error;
#[path = "../src/files.rs"]
mod files;
#[expect(unused_imports, reason = "its tests do not run in a benchmark")]
#[path = "../src/paths.rs"]
mod paths;

use std::hint::black_box;
use std::time::{Duration, Instant};

use controlsync_core::check::{Options, check};
use controlsync_core::{document, schema};

const RUNS: usize = 11;

fn main() {
    println!("one thread, median of {RUNS} runs\n");
    println!("| controls | reading | parsing | schema | rules | together |");
    println!("|---|---|---|---|---|---|");
    for controls in [500, 10_000] {
        let directory = tempfile::tempdir().unwrap();
        for (_, source) in catalog::sources(controls).iter() {
            let path = directory.path().join(source.path());
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, source.text_or_empty()).unwrap();
        }
        let read = || files::read(directory.path(), None, None).unwrap();
        let reading = median(|| (), |()| drop(black_box(read())));
        let sources = read();
        let parse =
            || -> Vec<_> { sources.iter().map(|(file, source)| document::parse(file, source).0.unwrap()).collect() };
        let parsing = median(|| (), |()| drop(black_box(parse())));
        let documents = parse();
        let shape = || {
            for ((file, source), document) in sources.iter().zip(&documents) {
                black_box(schema::check(file, source, document));
            }
        };
        let schema = median(|| (), |()| shape());
        let checking = median(read, |sources| drop(black_box(check(sources, &Options::default()))));
        let together = reading + checking;
        // The rest of a check: rules, building the catalog, sorting.
        let rules = checking.saturating_sub(parsing + schema);
        let shown = |part: Duration| {
            format!("{:.1} ms ({:.0} %)", part.as_secs_f64() * 1e3, 100.0 * part.as_secs_f64() / together.as_secs_f64())
        };
        let parts = [reading, parsing, schema, rules].map(shown).join(" | ");
        println!("| {controls} | {parts} | {:.1} ms |", together.as_secs_f64() * 1e3);
    }
}

fn median<T>(prepare: impl Fn() -> T, run: impl Fn(T)) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let input = prepare();
            let start = Instant::now();
            run(input);
            start.elapsed()
        })
        .collect();
    times.sort();
    times[RUNS / 2]
}

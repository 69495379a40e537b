//! How long reading a catalogue from a folder takes: `cargo bench -p controlsync --bench read`.
#![expect(clippy::unwrap_used, reason = "a benchmark stops where something is odd")]

#[path = "../src/files.rs"]
#[expect(dead_code, reason = "only reading is measured")]
mod files;

use std::fs;

use divan::Bencher;
use tempfile::TempDir;

fn main() {
    divan::main();
}

/// A folder with so many controls of 1.9 kB.
fn catalogue(controls: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..controls {
        let path = folder.path().join(format!("controls/part{:03}/{number:05}.yaml", number / 200));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("name: Control {number}\n# {}\n", "x".repeat(1870))).unwrap();
    }
    folder
}

#[divan::bench(args = [500, 10_000], sample_count = 20)]
fn read_catalogue(bencher: Bencher<'_, '_>, controls: usize) {
    let folder = catalogue(controls);
    bencher.bench_local(|| files::read(folder.path(), None, None).unwrap());
}

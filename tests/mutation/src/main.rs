//! `cargo run --release -p controlsync-mutation -- --seconds 600`: runs mutated inputs and arbitrary bytes through
//! every entry point, each for this time. An input that violates an invariant is written to a directory, and ends the
//! run.

#![expect(clippy::disallowed_macros, reason = "a violated invariant needs no kind")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use clap::builder::PossibleValuesParser;
use controlsync_mutation::{ENTRIES, Entry, File};
use fastrand::Rng;

/// Fuzz all entry points with mutated inputs.
#[derive(Debug, Parser)]
struct Args {
    /// Time for each entry point.
    #[arg(long, default_value_t = 60)]
    seconds: u64,

    /// Entry point [default: all]. As many run at the same time as there are threads.
    #[arg(long = "entry", value_name = "NAME", value_parser = PossibleValuesParser::new(ENTRIES.iter().map(|entry| entry.name)))]
    entries: Vec<String>,

    /// Number of threads [default: number of processors]
    #[arg(long)]
    threads: Option<usize>,

    /// Seed of the random inputs [default: random]
    #[arg(long)]
    seed: Option<u64>,

    /// Directories of initial definitions [default: those of the project and `CONTROLSYNC_CORPORA`]
    corpora: Vec<PathBuf>,

    /// Directory for a failing input.
    #[arg(long, default_value = "target/mutation")]
    out: PathBuf,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let corpora = read_corpora(&args.corpora)?;
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..));
    let threads = args.threads.or_else(|| std::thread::available_parallelism().ok().map(std::num::NonZero::get));
    let threads = threads.unwrap_or(1).max(1);
    println!("{} definitions, {threads} threads, --seed {seed}", corpora.len());
    let chosen = |entry: &&Entry| args.entries.is_empty() || args.entries.iter().any(|name| name == entry.name);
    let chosen: Vec<&Entry> = ENTRIES.iter().filter(chosen).collect();
    for group in chosen.chunks(threads) {
        run(group, threads, &corpora, seed, &args)?;
    }
    Ok(())
}

/// Runs entry points at the same time, on at least one thread each.
fn run(group: &[&Entry], threads: usize, corpora: &[File], seed: u64, args: &Args) -> Result<()> {
    let end = Instant::now() + Duration::from_secs(args.seconds);
    let failed = AtomicBool::new(false);
    let inputs: Vec<AtomicU64> = group.iter().map(|_| AtomicU64::new(0)).collect();
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (entry, inputs) = (group[thread % group.len()], &inputs[thread % group.len()]);
            let failed = &failed;
            scope.spawn(move || {
                let mut rng = Rng::with_seed(seed.wrapping_add(thread as u64));
                while Instant::now() < end && !failed.load(Ordering::Relaxed) {
                    let files = (entry.input)(corpora, &mut rng);
                    if let Err(reason) = verify(entry, &files) {
                        failed.store(true, Ordering::Relaxed);
                        report(entry, &files, &reason, &args.out);
                    }
                    inputs.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    for (entry, inputs) in group.iter().zip(&inputs) {
        println!("{}: {} inputs in {} s", entry.name, inputs.load(Ordering::Relaxed), args.seconds);
    }
    if failed.load(Ordering::Relaxed) {
        bail!("an invariant is violated; the input is in {}", args.out.display());
    }
    Ok(())
}

/// Verifies the invariants for an input; a panic is a violation too.
fn verify(entry: &Entry, files: &[File]) -> Result<(), String> {
    match catch_unwind(AssertUnwindSafe(|| (entry.verify)(files))) {
        Ok(result) => result.map_err(|reason| format!("{reason:#}")),
        Err(_) => Err("it panicked".to_owned()),
    }
}

fn report(entry: &Entry, files: &[File], reason: &str, out: &Path) {
    eprintln!("{}: {reason}", entry.name);
    for (path, bytes) in files {
        let path = out.join(entry.name).join(path);
        let written = path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&path, bytes));
        if let Err(error) = written {
            eprintln!("cannot write {}: {error}", path.display());
        }
    }
}

fn read_corpora(given: &[PathBuf]) -> Result<Vec<File>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut directories = given.to_vec();
    if directories.is_empty() {
        directories.extend(["controls", "frameworks", "tests/findings/cases"].map(|directory| root.join(directory)));
        directories.extend(std::env::var_os("CONTROLSYNC_CORPORA").map(PathBuf::from));
    }
    let mut found = Vec::new();
    while let Some(directory) = directories.pop() {
        let entries = std::fs::read_dir(&directory).with_context(|| format!("cannot read {}", directory.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                directories.push(path);
            } else if path
                .extension()
                .is_some_and(|of| ["yaml", "yml", "json", "toml"].iter().any(|known| of == *known))
            {
                let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
                // Large inputs are slow, and have their own limits.
                if bytes.len() < 50_000 {
                    found.push((path.display().to_string(), bytes));
                }
            }
        }
    }
    found.sort();
    if found.is_empty() {
        bail!("no definitions found; name a directory of definitions");
    }
    Ok(found)
}

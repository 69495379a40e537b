//! `cargo run --release -p controlsync-mutation -- --seconds 600`: mutated definitions and arbitrary bytes through all entry
//! points. What does not hold is left in a folder, and ends the run.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use controlsync_mutation::mutate::{arbitrary, mutated};
use controlsync_mutation::{File, hold};
use fastrand::Rng;

/// Mutates definitions until something gives way.
#[derive(Debug, Parser)]
struct Args {
    /// How long.
    #[arg(long, default_value_t = 60)]
    seconds: u64,

    /// What the inputs follow from; another one each time where none is given.
    #[arg(long)]
    seed: Option<u64>,

    /// Folders of definitions to start from; the project's own and those in `CONTROLSYNC_CORPORA` where none is given.
    corpora: Vec<PathBuf>,

    /// Where an input that fails is left.
    #[arg(long, default_value = "target/mutation")]
    out: PathBuf,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let corpora = read_corpora(&args.corpora)?;
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..));
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!("{} definitions, {threads} threads, --seed {seed}", corpora.len());
    let end = Instant::now() + Duration::from_secs(args.seconds);
    let (inputs, failed) = (AtomicU64::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for thread in 0..threads as u64 {
            let (inputs, failed, corpora, out) = (&inputs, &failed, &corpora, &args.out);
            scope.spawn(move || {
                let mut rng = Rng::with_seed(seed.wrapping_add(thread));
                while Instant::now() < end && !failed.load(Ordering::Relaxed) {
                    let files = input(corpora, &mut rng);
                    if let Err(reason) = run(&files) {
                        failed.store(true, Ordering::Relaxed);
                        report(&files, &reason, out);
                    }
                    inputs.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    println!("{} inputs", inputs.load(Ordering::Relaxed));
    if failed.load(Ordering::Relaxed) {
        bail!("something does not hold; the input is in {}", args.out.display());
    }
    Ok(())
}

/// Holds the laws against an input; a panic is a reason too.
fn run(files: &[File]) -> Result<(), String> {
    match catch_unwind(AssertUnwindSafe(|| hold(files))) {
        Ok(held) => held.map_err(|reason| format!("{reason:#}")),
        Err(_) => Err("it panicked".to_owned()),
    }
}

fn report(files: &[File], reason: &str, out: &Path) {
    eprintln!("{reason}");
    for (path, bytes) in files {
        let path = out.join(path);
        let written = path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&path, bytes));
        if let Err(error) = written {
            eprintln!("cannot write {}: {error}", path.display());
        }
    }
}

/// One to three files, each in a place that mostly suits it.
fn input(corpora: &[File], rng: &mut Rng) -> Vec<File> {
    let texts: Vec<Vec<u8>> = (0..3).map(|_| corpora[rng.usize(..corpora.len())].1.clone()).collect();
    let mut files = BTreeMap::new();
    for number in 0..=rng.usize(..3) {
        let (path, original) = &corpora[rng.usize(..corpora.len())];
        let bytes = if rng.u8(..20) == 0 { arbitrary(rng) } else { mutated(original, &texts, rng) };
        let extension = Path::new(path).extension().and_then(|found| found.to_str()).unwrap_or("yaml").to_owned();
        let path = match rng.u8(..30) {
            0 => "controlsync.toml".to_owned(),
            1 => "keywords/AWS_Config.txt".to_owned(),
            2 => format!("controls/{number}.yaml.bak"),
            3 => format!("frameworks/{number}.{extension}"),
            _ if extension == "toml" => "controlsync.toml".to_owned(),
            _ if path.contains("framework") => format!("frameworks/{number}.{extension}"),
            _ => format!("controls/{number}.{extension}"),
        };
        files.insert(path, bytes);
    }
    files.into_iter().collect()
}

fn read_corpora(given: &[PathBuf]) -> Result<Vec<File>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut folders = given.to_vec();
    if folders.is_empty() {
        folders.extend(["controls", "frameworks", "tests/findings/cases"].map(|folder| root.join(folder)));
        folders.extend(std::env::var_os("CONTROLSYNC_CORPORA").map(PathBuf::from));
    }
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|of| ["yaml", "yml", "json", "toml"].iter().any(|known| of == *known))
            {
                let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
                // Large inputs are what the budgets are for, and slow everything else down.
                if bytes.len() < 50_000 {
                    found.push((path.display().to_string(), bytes));
                }
            }
        }
    }
    found.sort();
    if found.is_empty() {
        bail!("there are no definitions to start from");
    }
    Ok(found)
}

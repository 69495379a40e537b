//! A saved plan: refused, or what it says and nothing else.

use anyhow::{Result, ensure};
use controlsync_core::check::{self, check};
use controlsync_core::plan::{Actual, Options, plan};
use controlsync_core::report::printable;
use controlsync_core::saved::{PlanInputs, SavedPlan};
use fastrand::Rng;

use crate::account::{applied, catalog, nothing_for_terminals};
use crate::files::sources;
use crate::mutate::json_text;
use crate::{File, content, without};

/// Where an input has the plan.
const FILE: &str = "plan.json";

fn saved(files: &[File], actual: &Actual, options: &Options) -> SavedPlan {
    let checked = check(sources(files), &check::Options::default());
    let plan = plan(&checked.catalog, &checked.sources, actual, options);
    SavedPlan::new(&plan, &PlanInputs { program: "1.2.3", endpoint: None, sources: &checked.sources, actual, options })
}

/// A plan of a few definitions, and then something else.
pub fn input(corpora: &[File], rng: &mut Rng) -> Vec<File> {
    let mut files = catalog(corpora, rng);
    let text = saved(&files, &Actual::default(), &Options::default()).to_text();
    files.push((FILE.to_owned(), json_text(&text, rng)));
    files
}

/// Reads it, and holds it against the plans of two accounts.
///
/// # Errors
///
/// What does not hold.
pub fn hold(files: &[File]) -> Result<()> {
    let Ok(text) = std::str::from_utf8(content(files, FILE)) else { return Ok(()) };
    let given = match SavedPlan::from_text(text) {
        Ok(given) => given,
        Err(refusal) => {
            ensure!(!refusal.to_string().is_empty(), "a refusal says nothing");
            return Ok(());
        }
    };
    ensure!(SavedPlan::from_text(&given.to_text()).ok().as_ref() == Some(&given), "it reads as another one");
    let files = without(files, FILE);
    for actual in [Actual::default(), applied(&files)] {
        let now = saved(&files, &actual, &given.options());
        let moved = given.moved(&now);
        ensure!(moved.is_empty() == (given == now), "{moved:?}");
        for line in moved {
            nothing_for_terminals(&printable(&line))?;
        }
    }
    Ok(())
}

//! A saved plan: rejected, or read exactly as written.

use anyhow::{Result, ensure};
use controlsync_core::characters::printable;
use controlsync_core::check::{self, check};
use controlsync_core::plan::{Actual, Options, Remedies, plan};
use controlsync_core::saved::{PlanInputs, SavedPlan};
use fastrand::Rng;

use crate::account::{applied, catalog, no_control_characters};
use crate::files::sources;
use crate::mutate::json_text;
use crate::{File, content, without};

/// The plan in an input.
const FILE: &str = "plan.json";

fn saved(files: &[File], actual: &Actual, options: &Options) -> SavedPlan {
    let checked = check(sources(files), &check::Options::default());
    let plan = plan(&checked.catalog, &checked.sources, actual, options);
    SavedPlan::new(&plan, &PlanInputs { program: "1.2.3", endpoint: None, sources: &checked.sources, actual, options })
}

/// Generates a mutated plan of a few definitions.
pub fn input(corpora: &[File], rng: &mut Rng) -> Vec<File> {
    let mut files = catalog(corpora, rng);
    let text = saved(&files, &Actual::default(), &Options::default()).to_text();
    files.push((FILE.to_owned(), json_text(&text, rng)));
    files
}

/// Verifies that a plan can be read, and compared with the plans for two accounts.
///
/// # Errors
///
/// An invariant is violated.
pub fn verify(files: &[File]) -> Result<()> {
    let Ok(text) = std::str::from_utf8(content(files, FILE)) else { return Ok(()) };
    let given = match SavedPlan::from_text(text) {
        Ok(given) => given,
        Err(error) => {
            ensure!(!error.to_string().is_empty(), "an error without a message");
            return Ok(());
        }
    };
    ensure!(SavedPlan::from_text(&given.to_text()).ok().as_ref() == Some(&given), "it reads back as another plan");
    let files = without(files, FILE);
    for actual in [Actual::default(), applied(&files)] {
        let now = saved(&files, &actual, &given.options(Remedies::default()));
        let differences = given.differences(&now);
        ensure!(differences.is_empty() == (given == now), "{differences:?}");
        for line in differences {
            no_control_characters(&printable(&line))?;
        }
    }
    Ok(())
}

//! An earlier report of compliance: it is rejected, or what it says not to be compliant is unproven as long as nothing is known.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use controlsync_core::compliance::since::{Changes, Earlier, changes};
use controlsync_core::compliance::{Compliance, ControlCompliance, Status};
use controlsync_core::evidence::facts::Place;
use controlsync_core::source::FileId;
use fastrand::Rng;

use crate::files::sources;
use crate::mutate::json_text;
use crate::{File, content};

const REPORT: &str = include_str!("../../findings/snapshots/findings__compliance__compliance_aggregator_json.snap");
const PATH: &str = "report.json";

/// Mutates a report, without the head of its snapshot.
pub fn input(_: &[File], rng: &mut Rng) -> Vec<File> {
    let report = REPORT.splitn(3, "---\n").last().unwrap_or_default();
    vec![(PATH.to_owned(), json_text(report, rng))]
}

/// Verifies what changed since a report if nothing was read now.
///
/// # Errors
///
/// An invariant is violated.
pub fn verify(files: &[File]) -> Result<()> {
    let Ok(text) = std::str::from_utf8(content(files, PATH)) else { return Ok(()) };
    let earlier = match Earlier::read(text) {
        Ok(earlier) => earlier,
        Err(error) => {
            ensure!(!error.to_string().is_empty(), "an error without a message");
            return Ok(());
        }
    };
    let found = changes(&earlier, &nothing_known(&earlier));
    let Changes { new, resolved, excepted, unproven, open, .. } = found;
    ensure!(
        (new.len(), resolved.len(), excepted.len(), open) == (0, 0, 0, 0),
        "without data there are {new:?}, {resolved:?}, {excepted:?} and {open}"
    );
    ensure!(unproven.into_iter().collect::<BTreeSet<_>>() == earlier.failing, "a subject was lost");
    Ok(())
}

/// The same controls, of which nothing is known.
fn nothing_known(earlier: &Earlier) -> Compliance {
    let sources = sources(&[("controls/a.yaml".to_owned(), Vec::new())]);
    let names: BTreeSet<&str> = earlier.failing.iter().map(|subject| subject.control.as_str()).collect();
    Compliance {
        home: Place { account: String::new(), region: String::new() },
        read_at: 0,
        aggregator: None,
        places: Vec::new(),
        not_aggregated: BTreeSet::new(),
        frameworks: Vec::new(),
        controls: sources.iter().flat_map(|(file, _)| names.iter().map(move |name| control(name, file))).collect(),
        answers: Vec::new(),
        reasons: Vec::new(),
        exceptions: Vec::new(),
        accounts: Vec::new(),
        checks: Vec::new(),
        resources: Vec::new(),
        notes: Vec::new(),
    }
}

fn control(name: &str, file: FileId) -> ControlCompliance {
    ControlCompliance {
        name: name.to_owned(),
        file,
        severity: None,
        procedure_url: None,
        instructions: String::new(),
        frameworks: Vec::new(),
        status: Status::Unknown,
        unknown: Vec::new(),
        sources: Vec::new(),
        failing: 0,
        resources: Vec::new(),
    }
}

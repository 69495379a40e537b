//! A problem of a source in an account, as runs remember and report it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::characters::printable;
use crate::check::Checked;
use crate::diagnostic::Level;
use crate::evidence::facts::Place;
use crate::evidence::{ControlEvidence, Evidence, Problem, by_problem, finding, source_pointer};
use crate::report::{Paths, concise};

/// A problem that lasts until a run finds it fixed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// What it is about.
    #[serde(flatten)]
    pub subject: Subject,
    /// Whether it keeps the source from collecting.
    pub error: bool,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
    /// Where the source is, as `path:line:column` from ROOT.
    pub location: String,
}

/// What a problem is about: its identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    /// Name of the control.
    pub control: String,
    /// Name of the source; `None` if it is about the control itself.
    pub source: Option<String>,
    /// The account; `None` if it is about Audit Manager.
    pub account: Option<String>,
    /// ID of the rule.
    pub rule: String,
    /// The key of the source that it is about; empty for the keyword.
    pub key: String,
}

impl Standing {
    /// Returns the level.
    pub const fn level(&self) -> Level {
        if self.error { Level::Error } else { Level::Warning }
    }
}

/// Returns the problems of all controls, with the levels of the configuration. Infos are left out, and what exceptions accept.
pub fn standings(evidence: &Evidence, checked: &Checked) -> Vec<Standing> {
    let mut all = Vec::new();
    for control in &evidence.controls {
        let Some(entry) = checked.catalog.controls.get(&control.name) else { continue };
        let mut add = |source: Option<&str>, pointer: &str, problem: &Problem, places: &BTreeSet<&Place>| {
            of_places(checked, control, source, pointer, problem, places, &mut all);
        };
        for problem in &control.problems {
            add(None, "/name", problem, &BTreeSet::new());
        }
        for (index, source) in control.sources.iter().enumerate() {
            let pointer = |problem: &Problem| source_pointer(&entry.value, index, problem);
            for (problem, places) in by_problem(source) {
                add(Some(&source.name), &pointer(problem), problem, &places);
            }
            for problem in &source.problems {
                add(Some(&source.name), &pointer(problem), problem, &BTreeSet::new());
            }
        }
    }
    all.sort_by(|one, other| one.subject.cmp(&other.subject));
    all.dedup_by(|one, other| one.subject == other.subject);
    all
}

/// Adds a problem for each of its accounts; once if it has none.
fn of_places(
    checked: &Checked,
    control: &ControlEvidence,
    source: Option<&str>,
    pointer: &str,
    problem: &Problem,
    places: &BTreeSet<&Place>,
    all: &mut Vec<Standing>,
) {
    let found = finding(&checked.catalog, &checked.sources, control.file, pointer, problem, problem.message.clone());
    let mut configured = vec![found];
    checked.configure(&mut configured);
    // The configuration can ignore it.
    let Some(found) = configured.first().filter(|found| found.level != Level::Info) else { return };
    let standing = |account: Option<&str>| Standing {
        subject: Subject {
            control: control.name.clone(),
            source: source.map(str::to_owned),
            account: account.map(str::to_owned),
            rule: found.rule.id.to_owned(),
            key: problem.key.clone(),
        },
        error: found.level == Level::Error,
        message: printable(&problem.message).into_owned(),
        help: printable(&problem.help).into_owned(),
        location: concise::location(&checked.sources, found, &Paths::default()),
    };
    if places.is_empty() {
        all.push(standing(None));
    }
    all.extend(places.iter().map(|place| standing(Some(&place.account))));
}

//! Saved plans: what a plan was made from, so that it is carried out only while all of that is still so.
//!
//! A plan is a pure function of the files, the account and the options. So a saved plan holds no changes to be carried
//! out, but what tells whether the plan of now is the plan that was saved, and what moved where it is not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::plan::{
    Actual, Adopt, Body, Change, ChangeKind, ControlTarget, Drift, ImpactedObject, ObjectType, Options, Plan, Removed,
};
use crate::source::Sources;

/// The form of the text; another one is not read.
const VERSION: u32 = 2;

/// What a plan was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SavedPlan {
    version: u32,
    program: String,
    target: SavedTarget,
    catalog: String,
    options: SavedOptions,
    /// SHA-256 of each file, by its path from ROOT.
    files: BTreeMap<String, String>,
    /// SHA-256 of the state of each object that is written or referred to.
    objects: BTreeMap<String, String>,
    /// SHA-256 of each change that writes.
    changes: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SavedTarget {
    account: Option<String>,
    region: String,
    endpoint: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SavedOptions {
    adopt: SavedAdopt,
    take_over: BTreeSet<String>,
    prune: bool,
    max_deletes: Option<usize>,
    only: BTreeSet<String>,
    impact: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SavedAdopt {
    Never,
    Identical,
    All,
}

/// Why a text is no saved plan.
#[derive(Debug, thiserror::Error)]
pub enum SavedPlanError {
    /// It is not of the form that this program writes.
    #[error("it is no plan that `controlsync plan --out` of this version has written: {0}")]
    Malformed(#[from] serde_json::Error),
    /// It is of another form.
    #[error("it is a plan of another version of controlsync (form {0}, not {VERSION}): plan again")]
    OtherVersion(u32),
}

/// What a plan was made with.
pub struct PlanInputs<'a> {
    /// Version of the program.
    pub program: &'a str,
    /// The address of the account, where it is not to be another one.
    pub endpoint: Option<&'a str>,
    /// The files.
    pub sources: &'a Sources,
    /// The account.
    pub actual: &'a Actual,
    /// The options.
    pub options: &'a Options,
}

impl SavedPlan {
    /// What a plan was made from.
    pub fn new(plan: &Plan, origin: &PlanInputs<'_>) -> Self {
        let files = origin.sources.iter().map(|(_, source)| {
            let content = source.text().map_or_else(|reason| format!("{reason:?}"), sha256);
            (source.path().to_owned(), content)
        });
        let writes = || plan.changes.iter().filter(|change| change.writes());
        let mut states = BTreeMap::new();
        for (name, state) in writes().flat_map(|change| objects(change, origin.actual)) {
            // What is written counts whole, whoever refers to it too.
            states.entry(name).or_insert(state);
        }
        let changes = writes().map(|change| (label(change), sha256(described(change).as_bytes())));
        Self {
            version: VERSION,
            program: origin.program.to_owned(),
            target: SavedTarget {
                account: plan.target.account.clone(),
                region: plan.target.region.clone(),
                endpoint: origin.endpoint.map(str::to_owned),
            },
            catalog: plan.catalog.clone(),
            options: SavedOptions::new(origin.options),
            files: files.collect(),
            objects: states,
            changes: changes.collect(),
        }
    }

    /// Reads a text that [`Self::to_text`] has made.
    ///
    /// # Errors
    ///
    /// It is another one.
    pub fn from_text(text: &str) -> Result<Self, SavedPlanError> {
        #[derive(Deserialize)]
        struct Form {
            version: u32,
        }
        let Form { version } = serde_json::from_str(text)?;
        if version != VERSION {
            return Err(SavedPlanError::OtherVersion(version));
        }
        Ok(serde_json::from_str(text)?)
    }

    /// As a text.
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// The options that it was made with.
    pub fn options(&self) -> Options {
        let SavedOptions { adopt, take_over, prune, max_deletes, only, impact } = self.options.clone();
        let adopt = match adopt {
            SavedAdopt::Never => Adopt::Never,
            SavedAdopt::Identical => Adopt::Identical,
            SavedAdopt::All => Adopt::All,
        };
        let removed = Removed::asked(prune, &only);
        Options { adopt, take_over, removed, max_deletes, only, impact, drift: Drift::Repair }
    }

    /// What is not as it was when the plan was saved, in words; empty where nothing moved.
    pub fn moved(&self, now: &Self) -> Vec<String> {
        let mut moved = Vec::new();
        let mut differs = |what: &str, saved: &str, now: &str| {
            if saved != now {
                moved.push(format!("{what} was {saved} and is {now}"));
            }
        };
        differs("the version of controlsync", &self.program, &now.program);
        let or_unknown = |value: &Option<String>| value.clone().unwrap_or_else(|| "not known".to_owned());
        differs("the account", &or_unknown(&self.target.account), &or_unknown(&now.target.account));
        differs("the Region", &self.target.region, &now.target.region);
        differs("the endpoint", &or_unknown(&self.target.endpoint), &or_unknown(&now.target.endpoint));
        differs("the catalog's name", &self.catalog, &now.catalog);
        compare(&self.files, &now.files, "the file", &mut moved);
        if moved.is_empty() {
            // What a change says follows from the objects, so they are named where they say more.
            compare(&self.objects, &now.objects, "in the account,", &mut moved);
        }
        if moved.is_empty() {
            compare(&self.changes, &now.changes, "the plan to", &mut moved);
        }
        moved
    }
}

impl SavedOptions {
    fn new(options: &Options) -> Self {
        let adopt = match options.adopt {
            Adopt::Never => SavedAdopt::Never,
            Adopt::Identical => SavedAdopt::Identical,
            Adopt::All => SavedAdopt::All,
        };
        Self {
            adopt,
            take_over: options.take_over.clone(),
            prune: options.removed.deletes(),
            max_deletes: options.max_deletes,
            only: options.only.clone(),
            impact: options.impact,
        }
    }
}

fn compare(saved: &BTreeMap<String, String>, now: &BTreeMap<String, String>, what: &str, moved: &mut Vec<String>) {
    for (name, digest) in saved {
        match now.get(name) {
            Some(other) if other == digest => {}
            Some(_) => moved.push(format!("{what} {name} has changed")),
            None => moved.push(format!("{what} {name} is gone")),
        }
    }
    for name in now.keys().filter(|name| !saved.contains_key(*name)) {
        moved.push(format!("{what} {name} is new"));
    }
}

/// A change by what it is about.
fn label(change: &Change) -> String {
    let id = change.id.as_deref().map_or(String::new(), |id| format!(" ({id})"));
    format!("{} {} {}{id}", change.kind.name(), change.object.noun(), change.name)
}

/// Everything that a change sends. What holds an object that is not deleted may move without harm.
fn described(change: &Change) -> String {
    format!("{:?}", (&change.fields, &change.tags, &change.body))
}

/// The state of the objects that a change writes or refers to, by their names.
fn objects(change: &Change, actual: &Actual) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if let Some(id) = &change.id {
        let control = actual.controls.iter().find(|held| held.id == *id).and_then(|held| held.detail.get().cloned());
        // The service keeps no order.
        let control = control.map(|mut control| {
            control.sources.sort_by(|a, b| a.id.cmp(&b.id));
            format!("{control:?}")
        });
        let framework = actual.frameworks.iter().find(|held| held.id == *id);
        let framework = framework.and_then(|held| held.detail.get().cloned()).map(|mut framework| {
            framework.control_sets.sort_by(|a, b| a.id.cmp(&b.id));
            format!("{framework:?}")
        });
        let state = control.or(framework).unwrap_or_default();
        found.push((format!("{} {} ({id})", change.object.noun(), change.name), sha256(state.as_bytes())));
        if change.kind == ChangeKind::Delete && change.object == ObjectType::Control {
            // It vanishes from all of them, and there is no way back.
            let ids = |held: &Option<Vec<ImpactedObject>>| {
                held.as_ref().map(|held| held.iter().map(|touched| touched.id.clone()).collect::<BTreeSet<_>>())
            };
            let holders = change.impact.as_ref().map(|impact| (ids(&impact.frameworks), ids(&impact.assessments)));
            found.push((format!("what holds the control {} ({id})", change.name), sha256(format!("{holders:?}"))));
        }
    }
    if let Some(Body::Framework(body)) = &change.body {
        for target in body.control_sets.iter().flat_map(|set| &set.controls) {
            let ControlTarget::Id(id) = target else { continue };
            let Some(held) = actual.control(id) else { continue };
            let ended = held.detail.get().is_some_and(|detail| detail.end_of_support);
            let key = format!("control {} ({id})", held.name);
            if !found.iter().any(|(name, _)| *name == key) {
                found.push((key, sha256(format!("{id} {} {ended}", held.name).as_bytes())));
            }
        }
    }
    found
}

fn sha256(bytes: impl AsRef<[u8]>) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

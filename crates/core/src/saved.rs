//! Saved plans: what a plan was made from, so that it is applied only if none of that has changed.
//!
//! A plan is a pure function of the files, the account and the options. A saved plan therefore contains no changes to
//! apply, but digests that show whether the current plan is the saved one, and if not, what changed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::digest::sha256;
use crate::plan::{
    Actual, Adopt, Body, Change, ChangeKind, ControlTarget, Drift, ImpactedObject, ObjectType, Options, Plan, Remedies,
    Removed,
};
use crate::source::Sources;

/// Version of the format; other versions are rejected.
const VERSION: u32 = 2;

/// A saved plan: digests of what it was made from.
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
    /// SHA-256 of the state of each object that is written or referenced.
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

/// Why a text is not a saved plan.
#[derive(Debug, thiserror::Error)]
pub enum SavedPlanError {
    /// It does not have the format of this program.
    #[error("it is not a plan that this version of `controlsync plan --out` wrote: {0}")]
    Malformed(#[from] serde_json::Error),
    /// It has another version of the format.
    #[error("it is a plan of another version of controlsync (format {0}, not {VERSION}): plan again")]
    OtherVersion(u32),
}

/// What a plan was made from.
pub struct PlanInputs<'a> {
    /// Version of the program.
    pub program: &'a str,
    /// Endpoint that the saved plan is bound to, if any.
    pub endpoint: Option<&'a str>,
    /// Files of the catalog.
    pub sources: &'a Sources,
    /// State of the account.
    pub actual: &'a Actual,
    /// Options of the plan.
    pub options: &'a Options,
}

impl SavedPlan {
    /// Records what a plan was made from.
    pub fn new(plan: &Plan, origin: &PlanInputs<'_>) -> Self {
        let files = origin.sources.iter().map(|(_, source)| {
            let content = source.text().map_or_else(|_| "unreadable".to_owned(), sha256);
            (source.path().to_owned(), content)
        });
        let writes = || plan.changes.iter().filter(|change| change.writes());
        let mut states = BTreeMap::new();
        for (name, state) in writes().flat_map(|change| objects(change, origin.actual)) {
            // For an object that is written, the complete state counts, even if others refer to it.
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

    /// Reads a text that [`Self::to_text`] returned.
    ///
    /// # Errors
    ///
    /// If it is any other text.
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

    /// Returns the text to save.
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Returns the options of the plan.
    pub fn options(&self, remedies: Remedies) -> Options {
        let SavedOptions { adopt, take_over, prune, max_deletes, only, impact } = self.options.clone();
        let adopt = match adopt {
            SavedAdopt::Never => Adopt::Never,
            SavedAdopt::Identical => Adopt::Identical,
            SavedAdopt::All => Adopt::All,
        };
        let removed = Removed::requested(prune, &only);
        Options { adopt, take_over, removed, max_deletes, only, impact, drift: Drift::Repair, remedies }
    }

    /// Describes what has changed since the plan was saved; empty if nothing has.
    pub fn differences(&self, now: &Self) -> Vec<String> {
        let mut changed = Vec::new();
        let mut differs = |what: &str, saved: &str, now: &str| {
            if saved != now {
                changed.push(format!("{what} was {saved} and is now {now}"));
            }
        };
        differs("the version of controlsync", &self.program, &now.program);
        let or_unknown = |value: &Option<String>| value.clone().unwrap_or_else(|| "unknown".to_owned());
        differs("the account", &or_unknown(&self.target.account), &or_unknown(&now.target.account));
        differs("the Region", &self.target.region, &now.target.region);
        differs("the endpoint", &or_unknown(&self.target.endpoint), &or_unknown(&now.target.endpoint));
        differs("the catalog", &self.catalog, &now.catalog);
        compare(&self.files, &now.files, "the file", &mut changed);
        if changed.is_empty() {
            // Changes follow from objects, so changed objects are the more precise answer.
            compare(&self.objects, &now.objects, "in the account,", &mut changed);
        }
        if changed.is_empty() {
            compare(&self.changes, &now.changes, "the plan to", &mut changed);
        }
        changed
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

fn compare(saved: &BTreeMap<String, String>, now: &BTreeMap<String, String>, what: &str, changed: &mut Vec<String>) {
    for (name, digest) in saved {
        match now.get(name) {
            Some(other) if other == digest => {}
            Some(_) => changed.push(format!("{what} {name} has changed")),
            None => changed.push(format!("{what} {name} no longer exists")),
        }
    }
    for name in now.keys().filter(|name| !saved.contains_key(*name)) {
        changed.push(format!("{what} {name} is new"));
    }
}

/// Names a change.
fn label(change: &Change) -> String {
    let id = change.id.as_deref().map_or(String::new(), |id| format!(" ({id})"));
    format!("{} {} {}{id}", change.kind.name(), change.object.noun(), change.name)
}

/// Describes everything that a change sends, without its impact: for objects that are not deleted, that may change.
fn described(change: &Change) -> String {
    json!([change.differences(), change.body.as_ref().map(body)]).to_string()
}

/// What is sent for an object.
fn body(body: &Body) -> Json {
    match body {
        Body::Control(body) => {
            let sources = body.sources.iter().map(|source| {
                json!([
                    source.id,
                    source.name,
                    source.description,
                    source.set_up_option,
                    source.source_type.name(),
                    source.input_type,
                    source.keyword,
                    source.frequency,
                    source.troubleshooting
                ])
            });
            json!([
                body.name,
                body.description,
                body.testing_information,
                body.action_plan_title,
                body.action_plan_instructions,
                sources.collect::<Vec<Json>>()
            ])
        }
        Body::Framework(body) => {
            let target = |target: &ControlTarget| match target {
                ControlTarget::Id(id) => json!({ "id": id }),
                ControlTarget::Created(name) => json!({ "created": name }),
            };
            let sets = body
                .control_sets
                .iter()
                .map(|set| json!([set.id, set.name, set.controls.iter().map(target).collect::<Vec<Json>>()]));
            json!([body.name, body.description, body.compliance_type, sets.collect::<Vec<Json>>()])
        }
    }
}

/// Returns the state of the objects that a change writes or refers to, by name.
///
/// Applying a saved plan must do what its readers saw: so the state covers what the change overwrites, for a deletion also what
/// loses the object, and for a framework that its controls are still the same. It has digests instead of texts.
fn objects(change: &Change, actual: &Actual) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if let Some(id) = &change.id {
        let control = actual.controls.iter().find(|object| object.id == *id);
        let control = control.and_then(|object| object.detail.get().cloned());
        // The service returns them in any order.
        let control = control.map(|mut control| {
            control.sources.sort_by(|a, b| a.id.cmp(&b.id));
            json!(control).to_string()
        });
        let framework = actual.frameworks.iter().find(|object| object.id == *id);
        let framework = framework.and_then(|object| object.detail.get().cloned()).map(|mut framework| {
            framework.control_sets.sort_by(|a, b| a.id.cmp(&b.id));
            json!(framework).to_string()
        });
        let state = control.or(framework).unwrap_or_default();
        found.push((format!("{} {} ({id})", change.object.noun(), change.name), sha256(state.as_bytes())));
        if change.kind == ChangeKind::Delete && change.object == ObjectType::Control {
            // A deletion removes it from all of them, and cannot be undone.
            let ids = |objects: &Option<Vec<ImpactedObject>>| {
                objects.as_ref().map(|objects| objects.iter().map(|object| object.id.clone()).collect::<BTreeSet<_>>())
            };
            let usage = change.impact.as_ref().map(|impact| (ids(&impact.frameworks), ids(&impact.assessments)));
            found.push((format!("usage of the control {} ({id})", change.name), sha256(json!(usage).to_string())));
        }
    }
    if let Some(Body::Framework(body)) = &change.body {
        for target in body.control_sets.iter().flat_map(|set| &set.controls) {
            let ControlTarget::Id(id) = target else { continue };
            let Some(control) = actual.control(id) else { continue };
            let ended = control.detail.get().is_some_and(|detail| detail.end_of_support);
            let key = format!("control {} ({id})", control.name);
            if !found.iter().any(|(name, _)| *name == key) {
                found.push((key, sha256(format!("{id} {} {ended}", control.name).as_bytes())));
            }
        }
    }
    found
}

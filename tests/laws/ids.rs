//! IDs in an account, and which of them an edit lost.

use std::collections::{BTreeMap, BTreeSet};

use controlsync_core::plan::{AccountFramework, AccountObject, Actual};

/// Returns the IDs of the data sources by the key that they are matched by.
fn source_ids(actual: &Actual) -> BTreeMap<(String, String, String, String), BTreeSet<String>> {
    let mut ids: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for control in &actual.controls {
        for source in &control.detail.get().unwrap().sources {
            let keyword = source.keyword.clone().unwrap_or_default();
            let key = (control.name.clone(), source.name.clone(), source.source_type.clone(), keyword);
            ids.entry(key).or_default().insert(source.id.clone());
        }
    }
    ids
}

/// Returns the IDs of the control sets by framework and name.
fn set_ids(actual: &Actual) -> BTreeMap<(String, String), String> {
    let sets = |framework: &AccountObject<AccountFramework>| {
        let name = framework.name.clone();
        let sets = framework.detail.get().unwrap().control_sets.clone();
        sets.into_iter().map(move |set| ((name.clone(), set.name), set.id)).collect::<Vec<_>>()
    };
    actual.frameworks.iter().flat_map(sets).collect()
}

pub fn object_ids(actual: &Actual) -> BTreeMap<String, String> {
    let controls = actual.controls.iter().map(|control| (control.name.clone(), control.id.clone()));
    let frameworks = actual.frameworks.iter().map(|framework| (framework.name.clone(), framework.id.clone()));
    controls.chain(frameworks).collect()
}

/// Returns the parts that exist before and after but have another ID.
pub fn lost(before: &Actual, after: &Actual) -> Vec<String> {
    let mut lost = Vec::new();
    let new = source_ids(after);
    for (key, old) in &source_ids(before) {
        let Some(new) = new.get(key) else { continue };
        if old.intersection(new).count() != old.len().min(new.len()) {
            lost.push(format!("source {key:?}"));
        }
    }
    let new = set_ids(after);
    for (name, id) in set_ids(before) {
        if new.get(&name).is_some_and(|new| *new != id) {
            lost.push(format!("control set {name:?}"));
        }
    }
    lost
}

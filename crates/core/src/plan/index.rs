//! Catalog and account by name. It is built once and never changed while a plan is made.

use std::collections::{BTreeMap, BTreeSet};

use super::tags::CATALOG_TAG;
use super::{AccountControl, AccountFramework, AccountObject, Actual, ObjectType, Options};
use crate::catalog::Catalog;
use crate::model::ControlRef;
use crate::source::{FileId, Sources};

/// Objects of the account by name. Several may have one name; they are sorted by ID.
pub(super) type ByName<'a, T> = BTreeMap<&'a str, Vec<&'a AccountObject<T>>>;

/// Everything that a plan is made from.
pub(super) struct Index<'a> {
    pub catalog: &'a Catalog,
    pub sources: &'a Sources,
    pub actual: &'a Actual,
    pub options: &'a Options,
    /// Custom controls of the account.
    pub controls: ByName<'a, AccountControl>,
    /// Custom frameworks of the account.
    pub frameworks: ByName<'a, AccountFramework>,
    /// New names of controls, by their former names.
    pub renamed_controls: BTreeMap<&'a str, &'a str>,
    /// IDs of controls that are not in `controls`, by the name that they share with one that is: all of them are of this catalog.
    duplicate_controls: BTreeMap<&'a str, Vec<&'a str>>,
    /// The same of frameworks.
    duplicate_frameworks: BTreeMap<&'a str, Vec<&'a str>>,
}

/// An object of a file.
pub(super) struct Subject<'a> {
    pub object: ObjectType,
    pub name: &'a str,
    pub file: FileId,
}

/// The object in the account with the name of a subject.
pub(super) struct Found<'a> {
    pub id: &'a str,
    pub arn: &'a str,
    pub name: &'a str,
    pub tags: &'a BTreeMap<String, String>,
}

impl<'a> Index<'a> {
    pub fn new(catalog: &'a Catalog, sources: &'a Sources, actual: &'a Actual, options: &'a Options) -> Self {
        let mut renamed_controls = BTreeMap::new();
        for (name, entry) in &catalog.controls {
            renamed_controls.extend(entry.value.renamed_from.iter().map(|old| (old.as_str(), name.as_str())));
        }
        let (mut controls, mut frameworks) = (by_name(&actual.controls), by_name(&actual.frameworks));
        let sets =
            actual.frameworks.iter().filter_map(|live| live.detail.get()).flat_map(|detail| &detail.control_sets);
        let used: BTreeSet<&str> = sets.flat_map(|set| set.controls.keys()).map(String::as_str).collect();
        let is_ours = |tags: &BTreeMap<String, String>| tags.get(CATALOG_TAG) == Some(&catalog.name);
        let duplicate_controls = set_aside(&mut controls, &used, |live| {
            catalog.defines_control(&live.name) && live.detail.get().is_some_and(|detail| is_ours(&detail.tags))
        });
        let duplicate_frameworks = set_aside(&mut frameworks, &used, |live| {
            catalog.defines_framework(&live.name) && live.detail.get().is_some_and(|detail| is_ours(&detail.tags))
        });
        Self {
            catalog,
            sources,
            actual,
            options,
            controls,
            frameworks,
            renamed_controls,
            duplicate_controls,
            duplicate_frameworks,
        }
    }

    /// Returns the IDs of the other objects of this catalog with the name of an object.
    pub fn duplicates_of(&self, object: ObjectType, name: &str) -> &[&'a str] {
        let duplicates = match object {
            ObjectType::Control => &self.duplicate_controls,
            ObjectType::Framework => &self.duplicate_frameworks,
        };
        duplicates.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether an object is a duplicate of another object of this catalog.
    pub fn is_duplicate(&self, object: ObjectType, name: &str, id: &str) -> bool {
        self.duplicates_of(object, name).contains(&id)
    }

    /// Whether the account has an object of a type with a name.
    pub fn has(&self, object: ObjectType, name: &str) -> bool {
        match object {
            ObjectType::Control => self.controls.contains_key(name),
            ObjectType::Framework => self.frameworks.contains_key(name),
        }
    }

    /// Whether the account has an object with the subject's name or a former one.
    pub fn exists(&self, subject: &Subject<'_>) -> bool {
        let renamed_from = match subject.object {
            ObjectType::Control => self.catalog.controls.get(subject.name).map(|entry| &entry.value.renamed_from),
            ObjectType::Framework => self.catalog.frameworks.get(subject.name).map(|entry| &entry.value.renamed_from),
        };
        renamed_from.is_some_and(|old| {
            self.has(subject.object, subject.name) || old.iter().any(|old| self.has(subject.object, old))
        })
    }

    /// Returns the controls to plan; `None` for all: the selected ones, and those that must be created for the selected
    /// frameworks.
    pub fn chosen_controls(&self) -> Option<BTreeSet<&'a str>> {
        if self.options.only.is_empty() {
            return None;
        }
        let of_frameworks = self.catalog.frameworks.iter().filter(|(name, _)| self.options.chooses(name));
        let references = of_frameworks.flat_map(|(_, entry)| &entry.value.control_sets).flat_map(|set| &set.controls);
        let missing = references.filter_map(|reference| match reference {
            ControlRef::Name(name) => Some(name.as_str()),
            _ => None,
        });
        let missing = missing.filter(|name| {
            let entry = self.catalog.controls.get(*name);
            entry.is_some_and(|entry| live_objects(&self.controls, name, &entry.value.renamed_from).is_empty())
        });
        let chosen = self.catalog.controls.keys().map(String::as_str).filter(|name| self.options.chooses(name));
        Some(chosen.chain(missing).collect())
    }
}

fn by_name<T>(objects: &[AccountObject<T>]) -> ByName<'_, T> {
    let mut names: ByName<'_, T> = BTreeMap::new();
    for object in objects {
        names.entry(&object.name).or_default().push(object);
    }
    for objects in names.values_mut() {
        objects.sort_by(|a, b| a.id.cmp(&b.id));
    }
    names
}

/// Leaves one object under each name that several objects of this catalog and a file have, and returns the IDs of the others.
///
/// A create without a clear response may have made an object that its run did not find. So the duplicates have the same content, and
/// this catalog owns all of them: the one in use is kept, or else the older one.
fn set_aside<'a, T>(
    names: &mut ByName<'a, T>,
    used: &BTreeSet<&str>,
    is_ours: impl Fn(&AccountObject<T>) -> bool,
) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut aside = BTreeMap::new();
    for (name, objects) in names.iter_mut().filter(|(_, objects)| objects.len() > 1) {
        if !objects.iter().all(|live| is_ours(live)) {
            continue;
        }
        let age = |live: &AccountObject<T>| live.stamp.map_or(i64::MAX, |stamp| stamp.updated);
        objects.sort_by_key(|live| (!used.contains(live.id.as_str()), age(live), &live.id));
        let others = objects.split_off(1);
        aside.insert(*name, others.into_iter().map(|live| live.id.as_str()).collect());
    }
    aside
}

/// Returns the live objects with a name, or with the first former name that exists.
pub(super) fn live_objects<'a, T>(
    live: &ByName<'a, T>,
    name: &str,
    renamed_from: &[String],
) -> Vec<&'a AccountObject<T>> {
    let mut names = std::iter::once(name).chain(renamed_from.iter().map(String::as_str));
    names.find_map(|name| live.get(name)).cloned().unwrap_or_default()
}

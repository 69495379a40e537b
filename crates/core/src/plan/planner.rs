//! Computes changes from a catalog and the state of the account.

use std::collections::{BTreeMap, BTreeSet};

use super::prune::Deletions;
use super::{
    APPLIED_TAG, AccountControl, AccountFramework, AccountObject, Actual, Body, CATALOG_TAG, Change, ChangeKind,
    ChangedBy, DRIFT, Drift, FieldChange, ObjectType, Options, Plan, Removed, SOURCE_TAG, TagChange, Target, diff,
    impact, ownership, prune,
};
use crate::catalog::{Catalog, Entry, MAX_SUGGESTIONS};
use crate::diagnostic::{self, Diagnostic};
use crate::model::{Control, ControlRef, Framework};
use crate::source::{FileId, Sources};
use crate::suggest::Known;

pub(super) fn run(catalog: &Catalog, sources: &Sources, actual: &Actual, options: &Options) -> Plan {
    let controls = by_name(&actual.controls);
    let known = catalog.controls.keys().map(String::as_str).chain(controls.keys().copied());
    let mut planner = Planner {
        known_controls: Known::new(known, MAX_SUGGESTIONS),
        catalog,
        sources,
        actual,
        options,
        controls,
        frameworks: by_name(&actual.frameworks),
        renamed_controls: BTreeMap::new(),
        blocked_controls: BTreeSet::new(),
        pruned: BTreeMap::new(),
        changes: Vec::new(),
        diagnostics: Vec::new(),
    };
    planner.pruned = prune::candidates(&planner);
    for (name, entry) in &catalog.controls {
        for old in &entry.value.renamed_from {
            planner.renamed_controls.insert(old, name);
        }
    }
    let chosen = planner.chosen_controls();
    for (name, entry) in
        catalog.controls.iter().filter(|(name, _)| chosen.as_ref().is_none_or(|chosen| chosen.contains(name.as_str())))
    {
        planner.control(name, entry);
    }
    planner.quota(ObjectType::Control, actual.controls.len());
    let blocked = planner.changes.iter().filter(|change| !change.blocked_by.is_empty());
    planner.blocked_controls = blocked.map(|change| change.name.clone()).collect();
    for (name, entry) in catalog.frameworks.iter().filter(|(name, _)| options.chooses(name)) {
        planner.framework(name, entry);
    }
    planner.quota(ObjectType::Framework, actual.frameworks.len());
    let deletions = prune::deletions(&mut planner);
    let Planner { mut changes, mut diagnostics, .. } = planner;
    let (refused, mut orphans) = match deletions {
        Deletions::Planned { deletions, refused } => {
            changes.extend(deletions);
            (refused, Vec::new())
        }
        Deletions::Named(orphans) => (None, orphans),
    };
    for change in &mut changes {
        change.impact = impact::of(change, actual);
    }
    if matches!(options.removed, Removed::DeleteUnused | Removed::DeleteLater) {
        prune::block_in_use(&mut changes, catalog, actual);
    }
    if options.removed == Removed::DeleteLater {
        prune::postpone(&mut changes);
    }
    orphans.extend(changes.iter().filter(|_| !catalog.has_errors).filter_map(prune::orphan));
    diagnostic::sort(&mut diagnostics);
    Plan {
        target: Target { account: actual.account.clone(), region: actual.region.clone() },
        catalog: catalog.name.clone(),
        changes,
        diagnostics,
        refused,
        orphans,
        unknown_impact: actual.impact.as_ref().and_then(|impact| impact.unknown.clone()),
    }
}

pub(super) struct Planner<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) sources: &'a Sources,
    pub(super) actual: &'a Actual,
    pub(super) options: &'a Options,
    pub(super) known_controls: Known<'a>,
    pub(super) controls: BTreeMap<&'a str, Vec<&'a AccountObject<AccountControl>>>,
    frameworks: BTreeMap<&'a str, Vec<&'a AccountObject<AccountFramework>>>,
    /// New names of controls, by their former names.
    pub(super) renamed_controls: BTreeMap<&'a str, &'a str>,
    /// Blocked controls, known before the first framework is planned.
    pub(super) blocked_controls: BTreeSet<String>,
    /// Controls of this catalog without a file, by ID, with the frameworks of the catalog that still use them.
    pub(super) pruned: BTreeMap<&'a str, BTreeSet<String>>,
    pub(super) changes: Vec<Change>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

fn by_name<T>(objects: &[AccountObject<T>]) -> BTreeMap<&str, Vec<&AccountObject<T>>> {
    let mut names: BTreeMap<&str, Vec<&AccountObject<T>>> = BTreeMap::new();
    for object in objects {
        names.entry(&object.name).or_default().push(object);
    }
    for objects in names.values_mut() {
        objects.sort_by(|a, b| a.id.cmp(&b.id));
    }
    names
}

/// Returns the live objects with a name, or with the first former name that exists.
pub(super) fn live_objects<'a, T>(
    live: &BTreeMap<&'a str, Vec<&'a AccountObject<T>>>,
    name: &str,
    renamed_from: &[String],
) -> Vec<&'a AccountObject<T>> {
    let mut names = std::iter::once(name).chain(renamed_from.iter().map(String::as_str));
    names.find_map(|name| live.get(name)).cloned().unwrap_or_default()
}

/// Returns the name as a changed field, if it differs.
fn new_name(found: Option<&Found<'_>>, name: &str) -> Option<FieldChange> {
    let old = found.filter(|found| found.name != name)?.name;
    Some(FieldChange { pointer: "/name".to_owned(), old: Some(old.into()), new: Some(name.into()) })
}

/// An object of a file, before it is compared.
pub(super) struct Subject<'a> {
    pub(super) object: ObjectType,
    pub(super) name: &'a str,
    pub(super) file: FileId,
    digest: String,
    own_tags: &'a BTreeMap<String, String>,
}

/// The live object with the name of a subject.
pub(super) struct Found<'a> {
    pub(super) id: &'a str,
    arn: &'a str,
    pub(super) name: &'a str,
    pub(super) tags: &'a BTreeMap<String, String>,
}

/// Result of a comparison.
struct Compared {
    fields: Vec<FieldChange>,
    body: Body,
    /// Whether the file was compared completely: `false` if some controls could not be found.
    complete: bool,
    blocked_by: Vec<String>,
}

impl<'a> Planner<'a> {
    fn control(&mut self, name: &'a str, entry: &'a Entry<Control>) {
        let control = &entry.value;
        let digest = ownership::control_digest(control);
        let subject = Subject { object: ObjectType::Control, name, file: entry.file, digest, own_tags: &control.tags };
        let mut blocked_by = Vec::new();
        let candidates = live_objects(&self.controls, name, &control.renamed_from);
        let live = self.only(&subject, &candidates, &mut blocked_by);
        self.completed_rename(&subject, &control.renamed_from, live.is_some_and(|(live, _)| live.name == name));
        let (mut fields, body) = diff::control(control, live.map(|(_, detail)| detail));
        let found =
            live.map(|(live, detail)| Found { id: &live.id, arn: &live.arn, name: &live.name, tags: &detail.tags });
        fields.splice(0..0, new_name(found.as_ref(), name));
        let body = Body::Control(body);
        self.push(&subject, found.as_ref(), Compared { fields, body, complete: true, blocked_by });
    }

    fn framework(&mut self, name: &'a str, entry: &'a Entry<Framework>) {
        let framework = &entry.value;
        let digest = String::new();
        let mut subject =
            Subject { object: ObjectType::Framework, name, file: entry.file, digest, own_tags: &framework.tags };
        let mut blocked_by = Vec::new();
        let candidates = live_objects(&self.frameworks, name, &framework.renamed_from);
        let live = self.only(&subject, &candidates, &mut blocked_by);
        self.completed_rename(&subject, &framework.renamed_from, live.is_some_and(|(live, _)| live.name == name));
        let (sets, complete) = self.resolve(&subject, framework, &mut blocked_by);
        subject.digest = ownership::framework_digest(framework, &sets);
        let (mut fields, body) = diff::framework(framework, &sets, live.map(|(_, detail)| detail));
        let found =
            live.map(|(live, detail)| Found { id: &live.id, arn: &live.arn, name: &live.name, tags: &detail.tags });
        fields.splice(0..0, new_name(found.as_ref(), name));
        let body = Body::Framework(body);
        self.push(&subject, found.as_ref(), Compared { fields, body, complete, blocked_by });
    }

    /// Returns the only object with the name. If there are several, or if it was not read, the change is blocked.
    fn only<T>(
        &mut self,
        subject: &Subject<'_>,
        candidates: &[&'a AccountObject<T>],
        blocked_by: &mut Vec<String>,
    ) -> Option<(&'a AccountObject<T>, &'a T)> {
        if candidates.len() > 1 {
            let name = candidates.first().map_or(subject.name, |live| live.name.as_str());
            blocked_by.push(self.ambiguous(subject, name, candidates.iter().map(|live| live.id.as_str())));
            return None;
        }
        let first = candidates.first()?;
        let detail = first.detail.get();
        if detail.is_none() {
            blocked_by.push(self.unread(subject, &first.name));
        }
        Some((first, detail?))
    }

    /// Returns the controls to plan; `None` for all: the selected ones, and those that must be created for the selected
    /// frameworks.
    fn chosen_controls(&self) -> Option<BTreeSet<&'a str>> {
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

    /// Whether the account has an object of the subject's type with another name.
    pub(super) fn has(&self, subject: &Subject<'_>, name: &str) -> bool {
        match subject.object {
            ObjectType::Control => self.controls.contains_key(name),
            ObjectType::Framework => self.frameworks.contains_key(name),
        }
    }

    /// Whether the account has an object with the subject's name or a former one.
    fn exists(&self, subject: &Subject<'_>) -> bool {
        let (name, catalog) = (subject.name, self.catalog);
        match subject.object {
            ObjectType::Control => catalog
                .controls
                .get(name)
                .is_some_and(|entry| !live_objects(&self.controls, name, &entry.value.renamed_from).is_empty()),
            ObjectType::Framework => catalog
                .frameworks
                .get(name)
                .is_some_and(|entry| !live_objects(&self.frameworks, name, &entry.value.renamed_from).is_empty()),
        }
    }

    fn push(&mut self, subject: &Subject<'_>, found: Option<&Found<'_>>, compared: Compared) {
        let Compared { mut fields, body, complete, mut blocked_by } = compared;
        let path = self.sources.get(subject.file).path().to_owned();
        let wanted = ownership::wanted(subject.own_tags, &self.catalog.name, &path, &subject.digest);
        let none = BTreeMap::new();
        let live = found.map_or(&none, |found| found.tags);
        let differing = wanted.iter().filter(|(key, value)| live.get(*key) != Some(value));
        let mut tags = TagChange {
            set: differing.map(|(key, value)| (key.clone(), (live.get(key).cloned(), value.clone()))).collect(),
            remove: ownership::obsolete(live, &wanted),
        };
        if !complete {
            fields.retain(|field| !field.pointer.starts_with("/controlSets"));
            tags.set.remove(APPLIED_TAG);
        }
        let kind = match (found, live.get(CATALOG_TAG)) {
            // An object with the name exists, but cannot be compared.
            (None, _) if self.exists(subject) => ChangeKind::Update,
            (None, _) => ChangeKind::Create,
            (Some(found), _) if found.name != subject.name => ChangeKind::Rename,
            (Some(_), None) => ChangeKind::Adopt,
            (Some(_), Some(owner)) if self.options.takes_over(owner, &self.catalog.name) => ChangeKind::Adopt,
            (Some(_), Some(_)) if !fields.is_empty() || !complete => ChangeKind::Update,
            (Some(_), Some(_)) if !tags.is_empty() => ChangeKind::Retag,
            (Some(_), Some(_)) => ChangeKind::Unchanged,
        };
        let compared = found.is_some() && matches!(kind, ChangeKind::Rename | ChangeKind::Update | ChangeKind::Retag);
        let ours = live.get(CATALOG_TAG) == Some(&self.catalog.name);
        let changed_by = (ours && compared && complete).then(|| changed_by(live, &subject.digest, &tags));
        if let Some(found) = found {
            blocked_by.extend(self.ownership_conflict(subject, found, kind, &fields));
        }
        blocked_by.extend(self.too_many_tags(subject, live, &tags));
        if found.is_none() && kind != ChangeKind::Create {
            fields.clear();
            tags = TagChange::default();
        }
        // Without a record of what was last applied, drift cannot be distinguished from a change of the file.
        let is_drift = changed_by == Some(ChangedBy::Account) && live.contains_key(APPLIED_TAG);
        if is_drift && self.options.drift == Drift::Leave && blocked_by.is_empty() {
            blocked_by.push(DRIFT.to_owned());
        }
        let body = (!fields.is_empty() || kind == ChangeKind::Create).then_some(body);
        self.changes.push(Change {
            kind,
            object: subject.object,
            name: subject.name.to_owned(),
            id: found.map(|found| found.id.to_owned()),
            arn: found.map(|found| found.arn.to_owned()),
            source: path,
            changed_by,
            fields,
            tags,
            impact: None,
            blocked_by,
            body,
        });
    }
}

/// Returns which side changed: the file if it is not what was last applied or was moved, else the account.
fn changed_by(live: &BTreeMap<String, String>, digest: &str, tags: &TagChange) -> ChangedBy {
    let changed = live.contains_key(APPLIED_TAG) && ownership::applied_digest(live) != Some(digest);
    let moved = live.contains_key(SOURCE_TAG) && tags.set.contains_key(SOURCE_TAG);
    if changed || moved { ChangedBy::File } else { ChangedBy::Account }
}

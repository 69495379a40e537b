//! From a catalog and what the account holds to changes.

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
        prune::spare_held(&mut changes, catalog, actual);
    }
    if options.removed == Removed::DeleteLater {
        prune::put_off(&mut changes);
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
    /// New names of controls by those that they had.
    pub(super) renamed_controls: BTreeMap<&'a str, &'a str>,
    /// Controls that are not carried out, known before the first framework is looked at.
    pub(super) blocked_controls: BTreeSet<String>,
    /// Controls whose files are gone, by id, with the frameworks of the catalog that still name them.
    pub(super) pruned: BTreeMap<&'a str, BTreeSet<String>>,
    pub(super) changes: Vec<Change>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

fn by_name<T>(held: &[AccountObject<T>]) -> BTreeMap<&str, Vec<&AccountObject<T>>> {
    let mut names: BTreeMap<&str, Vec<&AccountObject<T>>> = BTreeMap::new();
    for object in held {
        names.entry(&object.name).or_default().push(object);
    }
    for objects in names.values_mut() {
        objects.sort_by(|a, b| a.id.cmp(&b.id));
    }
    names
}

/// What the account holds under a name, else under the first of the names before it that is there.
pub(super) fn held_under<'a, T>(
    held: &BTreeMap<&'a str, Vec<&'a AccountObject<T>>>,
    name: &str,
    renamed_from: &[String],
) -> Vec<&'a AccountObject<T>> {
    let mut names = std::iter::once(name).chain(renamed_from.iter().map(String::as_str));
    names.find_map(|name| held.get(name)).cloned().unwrap_or_default()
}

/// The name as a field that differs, where it does.
fn new_name(found: Option<&Found<'_>>, name: &str) -> Option<FieldChange> {
    let old = found.filter(|found| found.name != name)?.name;
    Some(FieldChange { pointer: "/name".to_owned(), old: Some(old.into()), new: Some(name.into()) })
}

/// An object of the file and what belongs to it, before it is compared.
pub(super) struct Subject<'a> {
    pub(super) object: ObjectType,
    pub(super) name: &'a str,
    pub(super) file: FileId,
    digest: String,
    own_tags: &'a BTreeMap<String, String>,
}

/// What the account holds under the name of a subject.
pub(super) struct Found<'a> {
    pub(super) id: &'a str,
    arn: &'a str,
    pub(super) name: &'a str,
    pub(super) tags: &'a BTreeMap<String, String>,
}

/// What a comparison found.
struct Compared {
    fields: Vec<FieldChange>,
    body: Body,
    /// Whether all of the file was compared: of controls that could not be found nobody can say what they change.
    complete: bool,
    blocked_by: Vec<String>,
}

impl<'a> Planner<'a> {
    fn control(&mut self, name: &'a str, entry: &'a Entry<Control>) {
        let control = &entry.value;
        let digest = ownership::control_digest(control);
        let subject = Subject { object: ObjectType::Control, name, file: entry.file, digest, own_tags: &control.tags };
        let mut blocked_by = Vec::new();
        let candidates = held_under(&self.controls, name, &control.renamed_from);
        let held = self.only(&subject, &candidates, &mut blocked_by);
        self.completed_rename(&subject, &control.renamed_from, held.is_some_and(|(held, _)| held.name == name));
        let (mut fields, body) = diff::control(control, held.map(|(_, detail)| detail));
        let found =
            held.map(|(held, detail)| Found { id: &held.id, arn: &held.arn, name: &held.name, tags: &detail.tags });
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
        let candidates = held_under(&self.frameworks, name, &framework.renamed_from);
        let held = self.only(&subject, &candidates, &mut blocked_by);
        self.completed_rename(&subject, &framework.renamed_from, held.is_some_and(|(held, _)| held.name == name));
        let (sets, complete) = self.resolve(&subject, framework, &mut blocked_by);
        subject.digest = ownership::framework_digest(framework, &sets);
        let (mut fields, body) = diff::framework(framework, &sets, held.map(|(_, detail)| detail));
        let found =
            held.map(|(held, detail)| Found { id: &held.id, arn: &held.arn, name: &held.name, tags: &detail.tags });
        fields.splice(0..0, new_name(found.as_ref(), name));
        let body = Body::Framework(body);
        self.push(&subject, found.as_ref(), Compared { fields, body, complete, blocked_by });
    }

    /// The one object of the name. Where there are several, or where it was not read, it is not touched.
    fn only<T>(
        &mut self,
        subject: &Subject<'_>,
        held: &[&'a AccountObject<T>],
        blocked_by: &mut Vec<String>,
    ) -> Option<(&'a AccountObject<T>, &'a T)> {
        if held.len() > 1 {
            let name = held.first().map_or(subject.name, |held| held.name.as_str());
            blocked_by.push(self.ambiguous(subject, name, held.iter().map(|held| held.id.as_str())));
            return None;
        }
        let first = held.first()?;
        let detail = first.detail.get();
        if detail.is_none() {
            blocked_by.push(self.unread(subject, &first.name));
        }
        Some((first, detail?))
    }

    /// The controls that are planned; none for all: those that were chosen, and what the chosen frameworks have to get
    /// first.
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
            entry.is_some_and(|entry| held_under(&self.controls, name, &entry.value.renamed_from).is_empty())
        });
        let chosen = self.catalog.controls.keys().map(String::as_str).filter(|name| self.options.chooses(name));
        Some(chosen.chain(missing).collect())
    }

    /// Whether the account has an object of the type of a subject under another name.
    pub(super) fn holds(&self, subject: &Subject<'_>, name: &str) -> bool {
        match subject.object {
            ObjectType::Control => self.controls.contains_key(name),
            ObjectType::Framework => self.frameworks.contains_key(name),
        }
    }

    /// Whether the account has something under the name of a subject, or under one that it had.
    fn exists(&self, subject: &Subject<'_>) -> bool {
        let (name, catalog) = (subject.name, self.catalog);
        match subject.object {
            ObjectType::Control => catalog
                .controls
                .get(name)
                .is_some_and(|entry| !held_under(&self.controls, name, &entry.value.renamed_from).is_empty()),
            ObjectType::Framework => catalog
                .frameworks
                .get(name)
                .is_some_and(|entry| !held_under(&self.frameworks, name, &entry.value.renamed_from).is_empty()),
        }
    }

    fn push(&mut self, subject: &Subject<'_>, found: Option<&Found<'_>>, compared: Compared) {
        let Compared { mut fields, body, complete, mut blocked_by } = compared;
        let path = self.sources.get(subject.file).path().to_owned();
        let wanted = ownership::wanted(subject.own_tags, &self.catalog.name, &path, &subject.digest);
        let none = BTreeMap::new();
        let held = found.map_or(&none, |found| found.tags);
        let differing = wanted.iter().filter(|(key, value)| held.get(*key) != Some(value));
        let mut tags = TagChange {
            set: differing.map(|(key, value)| (key.clone(), (held.get(key).cloned(), value.clone()))).collect(),
            remove: ownership::obsolete(held, &wanted),
        };
        if !complete {
            fields.retain(|field| !field.pointer.starts_with("/controlSets"));
            tags.set.remove(APPLIED_TAG);
        }
        let kind = match (found, held.get(CATALOG_TAG)) {
            // There is something of the name, but nothing that it can be compared with.
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
        let ours = held.get(CATALOG_TAG) == Some(&self.catalog.name);
        let changed_by = (ours && compared && complete).then(|| changed_by(held, &subject.digest, &tags));
        if let Some(found) = found {
            blocked_by.extend(self.ownership_conflict(subject, found, kind, &fields));
        }
        blocked_by.extend(self.too_many_tags(subject, held, &tags));
        if found.is_none() && kind != ChangeKind::Create {
            fields.clear();
            tags = TagChange::default();
        }
        // Without a record of what was applied last, drift cannot be told from a change of the file.
        let is_drift = changed_by == Some(ChangedBy::Account) && held.contains_key(APPLIED_TAG);
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

/// What changed: the file if it is not what was applied last or has another path, else the account.
fn changed_by(held: &BTreeMap<String, String>, digest: &str, tags: &TagChange) -> ChangedBy {
    let changed = held.contains_key(APPLIED_TAG) && ownership::applied_digest(held) != Some(digest);
    let stands_elsewhere = held.contains_key(SOURCE_TAG) && tags.set.contains_key(SOURCE_TAG);
    if changed || stands_elsewhere { ChangedBy::File } else { ChangedBy::Account }
}

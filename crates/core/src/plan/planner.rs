//! Makes the plan: compares every object, and decides what blocks its change.

use std::collections::{BTreeMap, BTreeSet};

use super::conflict::{self, Conflict, Help};
use super::index::{Found, Index, Subject, live_objects};
use super::ownership::{self, Desired};
use super::prune::{self, Unfiled};
use super::references::{self, References};
use super::tags::is_ownership_tag;
use super::{
    APPLIED_TAG, AccountObject, Actual, Body, CATALOG_TAG, Change, ChangeKind, ChangedBy, Drift, FieldChange,
    ObjectType, Options, Orphan, Plan, Reason, Refused, Removed, SOURCE_TAG, TagChange, Target, diff, impact,
};
use crate::catalog::{Catalog, Entry, MAX_SUGGESTIONS};
use crate::characters::is_same_text;
use crate::diagnostic::{self, Diagnostic};
use crate::model::{Control, Framework};
use crate::source::Sources;
use crate::suggest::Known;

pub(super) fn run(catalog: &Catalog, sources: &Sources, actual: &Actual, options: &Options) -> Plan {
    let index = Index::new(catalog, sources, actual, options);
    let mut planner = Planner::new(&index);
    planner.objects();
    let refused = planner.deletions();
    let Planner { changes, mut diagnostics, orphans, .. } = planner;
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

/// A plan in the making.
struct Planner<'a> {
    index: &'a Index<'a>,
    /// Names of custom controls, for suggestions.
    known_controls: Known<'a>,
    changes: Vec<Change>,
    orphans: Vec<Orphan>,
    diagnostics: Vec<Diagnostic>,
}

/// Returns the name as a changed field, if it differs.
fn new_name(found: Option<&Found<'_>>, name: &str) -> Option<FieldChange> {
    let old = found.filter(|found| found.name != name)?.name;
    Some(FieldChange { pointer: "/name".to_owned(), old: Some(old.into()), new: Some(name.into()) })
}

/// Result of a comparison.
struct Compared<'a> {
    fields: Vec<FieldChange>,
    body: Body,
    /// Whether the file was compared completely: `false` if some controls could not be found.
    complete: bool,
    blocked_by: Vec<Reason>,
    /// The file, for its digest.
    desired: Desired<'a>,
    /// Tags in the file.
    own_tags: &'a BTreeMap<String, String>,
}

impl<'a> Planner<'a> {
    fn new(index: &'a Index<'a>) -> Self {
        let known = index.catalog.controls.keys().map(String::as_str).chain(index.controls.keys().copied());
        let known_controls = Known::new(known, MAX_SUGGESTIONS);
        Self { index, known_controls, changes: Vec::new(), orphans: Vec::new(), diagnostics: Vec::new() }
    }

    /// Plans the objects of the catalog. Frameworks come last, because they depend on controls.
    fn objects(&mut self) {
        let (catalog, options) = (self.index.catalog, self.index.options);
        let chosen = self.index.chosen_controls();
        let is_chosen = |name: &str| chosen.as_ref().is_none_or(|chosen| chosen.contains(name));
        for (name, entry) in catalog.controls.iter().filter(|(name, _)| is_chosen(name)) {
            self.control(name, entry);
        }
        self.quota(ObjectType::Control);
        let blocked = self.changes.iter().filter(|change| change.is_blocked());
        let blocked_controls: BTreeSet<String> = blocked.map(|change| change.name.clone()).collect();
        for (name, entry) in catalog.frameworks.iter().filter(|(name, _)| options.chooses(name)) {
            self.framework(name, entry, &blocked_controls);
        }
        self.quota(ObjectType::Framework);
    }

    /// Plans what happens to objects without a file. Returns why none of them is deleted.
    fn deletions(&mut self) -> Option<Refused> {
        let (index, removed) = (self.index, self.index.options.removed);
        let Unfiled { mut deletions, refused, conflicts } = prune::unfiled(index, &self.changes);
        for conflict in conflicts {
            self.report(conflict);
        }
        for deletion in &mut deletions {
            if refused.is_some() {
                deletion.blocked_by.push(Reason::PruneGuard);
            }
        }
        for change in self.changes.iter_mut().chain(&mut deletions) {
            change.impact = impact::of(change, index.actual);
        }
        for deletion in &mut deletions {
            if matches!(removed, Removed::DeleteUnused | Removed::DeleteLater) && prune::is_in_use(index, deletion) {
                deletion.blocked_by.push(Reason::InUse);
            }
            if removed == Removed::DeleteLater {
                deletion.blocked_by.push(Reason::Later);
            }
        }
        // Objects of invalid files only seem to have no file.
        if !index.catalog.has_errors {
            let kept = deletions.iter().filter(|deletion| !removed.deletes() || deletion.is_blocked());
            self.orphans = kept.filter_map(prune::orphan).collect();
        }
        if removed.deletes() {
            self.changes.extend(deletions);
        }
        refused
    }

    /// Reports a finding, and returns it as the reason for not applying a change.
    fn report(&mut self, conflict: Conflict) -> Reason {
        let Conflict { rule, file, pointer, message, help } = conflict;
        let help = match help {
            Help::Text(text) => text,
            Help::ClosestControl { name, otherwise } => match self.known_controls.closest(&name) {
                Some(closest) => format!("did you mean `{closest}`?"),
                None => otherwise.to_owned(),
            },
        };
        let span = self.index.catalog.span(self.index.sources, file, &pointer);
        self.diagnostics.push(Diagnostic::new(rule, file, span, message).at(&pointer).help(help));
        Reason::Rule(rule)
    }

    fn control(&mut self, name: &'a str, entry: &'a Entry<Control>) {
        let control = &entry.value;
        let subject = Subject { object: ObjectType::Control, name, file: entry.file };
        let mut blocked_by = Vec::new();
        let candidates = live_objects(&self.index.controls, name, &control.renamed_from);
        let live = self.only(&subject, &candidates, &mut blocked_by);
        self.completed_rename(&subject, &control.renamed_from, live.is_some_and(|(live, _)| live.name == name));
        let (mut fields, body) = diff::control(control, live.map(|(_, detail)| detail));
        let found =
            live.map(|(live, detail)| Found { id: &live.id, arn: &live.arn, name: &live.name, tags: &detail.tags });
        fields.splice(0..0, new_name(found.as_ref(), name));
        let (body, desired) = (Body::Control(body), Desired::Control(control));
        let compared = Compared { fields, body, complete: true, blocked_by, desired, own_tags: &control.tags };
        self.push(&subject, found.as_ref(), compared);
    }

    fn framework(&mut self, name: &'a str, entry: &'a Entry<Framework>, blocked_controls: &BTreeSet<String>) {
        let framework = &entry.value;
        let subject = Subject { object: ObjectType::Framework, name, file: entry.file };
        let mut blocked_by = Vec::new();
        let candidates = live_objects(&self.index.frameworks, name, &framework.renamed_from);
        let live = self.only(&subject, &candidates, &mut blocked_by);
        self.completed_rename(&subject, &framework.renamed_from, live.is_some_and(|(live, _)| live.name == name));
        let References { sets, created, ambiguous, unresolved, findings, complete } =
            references::resolve(self.index, entry.file, framework);
        for finding in findings {
            self.report(finding);
        }
        let controls = created.into_iter().filter(|name| blocked_controls.contains(name)).chain(ambiguous);
        let mut reasons: Vec<Reason> = controls.map(|name| Reason::Change(ObjectType::Control, name)).collect();
        reasons.extend(unresolved.into_iter().map(|conflict| self.report(conflict)));
        reasons.sort_by_key(Reason::to_string);
        reasons.dedup();
        blocked_by.extend(reasons);
        let (mut fields, body) = diff::framework(framework, &sets, live.map(|(_, detail)| detail));
        let found =
            live.map(|(live, detail)| Found { id: &live.id, arn: &live.arn, name: &live.name, tags: &detail.tags });
        fields.splice(0..0, new_name(found.as_ref(), name));
        let identities = ownership::identities(&sets);
        let (body, desired) = (Body::Framework(body), Desired::Framework(framework, &identities));
        let compared = Compared { fields, body, complete, blocked_by, desired, own_tags: &framework.tags };
        self.push(&subject, found.as_ref(), compared);
    }

    /// Returns the only object with the name. If there are several, or if it was not read, the change is blocked.
    fn only<T>(
        &mut self,
        subject: &Subject<'_>,
        candidates: &[&'a AccountObject<T>],
        blocked_by: &mut Vec<Reason>,
    ) -> Option<(&'a AccountObject<T>, &'a T)> {
        let first = *candidates.first()?;
        if candidates.len() > 1 {
            let conflict = conflict::ambiguous(subject.file, "/name", subject.object, &first.name, candidates);
            blocked_by.push(self.report(conflict));
            return None;
        }
        let detail = first.detail.get();
        if detail.is_none() {
            blocked_by.push(self.report(conflict::unread(subject, &first.name)));
        }
        Some((first, detail?))
    }

    fn completed_rename(&mut self, subject: &Subject<'_>, renamed_from: &[String], found: bool) {
        if let Some(conflict) = conflict::completed_rename(self.index, subject, renamed_from).filter(|_| found) {
            self.report(conflict);
        }
    }

    fn push(&mut self, subject: &Subject<'_>, found: Option<&Found<'_>>, compared: Compared<'_>) {
        let Compared { mut fields, body, complete, mut blocked_by, desired, own_tags } = compared;
        let index = self.index;
        if let Some(found) = found
            && let others = index.duplicates_of(subject.object, found.name)
            && !others.is_empty()
        {
            self.report(conflict::duplicate(index, subject, found, others));
        }
        let path = index.sources.get(subject.file).path().to_owned();
        let none = BTreeMap::new();
        let live = found.map_or(&none, |found| found.tags);
        let wanted = ownership::wanted(own_tags, &index.catalog.name, &path, desired);
        let mut tags = tag_change(live, &wanted);
        // The service may store texts in its own form. If exactly this was applied, that is no difference: sending it again would
        // change nothing, for ever.
        if ownership::applied(live).is_some_and(|applied| desired.is_recorded(applied) == Some(true)) {
            fields.retain(|field| !field.is_same_text());
            tags.set.retain(|key, (old, new)| {
                is_ownership_tag(key) || !is_same_text(old.as_deref().unwrap_or_default(), new)
            });
        }
        if live.get(SOURCE_TAG).is_some_and(|source| ownership::is_source(source, &path)) {
            tags.set.remove(SOURCE_TAG);
        }
        if !complete {
            fields.retain(|field| !field.pointer.starts_with("/controlSets"));
            tags.set.remove(APPLIED_TAG);
        } else if fields.is_empty() && tags.is_only_record() && ownership::same_record(live, &wanted, desired) {
            tags.set.clear();
        }
        let kind = kind(index, subject, found, complete, &fields, &tags);
        let compared = found.is_some() && matches!(kind, ChangeKind::Rename | ChangeKind::Update | ChangeKind::Retag);
        let ours = live.get(CATALOG_TAG) == Some(&index.catalog.name);
        let changed_by = (ours && compared && complete).then(|| changed_by(live, desired, &tags));
        let of_ownership = found.and_then(|found| conflict::of_ownership(index, subject, found, kind, &fields));
        for conflict in of_ownership.into_iter().chain(conflict::too_many_tags(subject, live, &tags)) {
            blocked_by.push(self.report(conflict));
        }
        if found.is_none() && kind != ChangeKind::Create {
            fields.clear();
            tags = TagChange::default();
        }
        // Without a record of what was last applied, drift cannot be distinguished from a change of the file.
        let is_drift = changed_by == Some(ChangedBy::Account) && live.contains_key(APPLIED_TAG);
        if is_drift && index.options.drift == Drift::Leave && blocked_by.is_empty() {
            blocked_by.push(Reason::Drift);
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

    /// Warns if the new objects of a type are more than the account can have. The service decides.
    fn quota(&mut self, object: ObjectType) {
        let is_new =
            |change: &&Change| change.object == object && change.kind == ChangeKind::Create && !change.is_blocked();
        let new: Vec<&str> = self.changes.iter().filter(is_new).map(|change| change.name.as_str()).collect();
        if let Some(conflict) = conflict::quota(self.index, object, &new) {
            self.report(conflict);
        }
    }
}

fn tag_change(live: &BTreeMap<String, String>, wanted: &BTreeMap<String, String>) -> TagChange {
    let differing = wanted.iter().filter(|(key, value)| live.get(*key) != Some(value));
    TagChange {
        set: differing.map(|(key, value)| (key.clone(), (live.get(key).cloned(), value.clone()))).collect(),
        remove: ownership::obsolete(live, wanted),
    }
}

/// Returns what happens to an object.
fn kind(
    index: &Index<'_>,
    subject: &Subject<'_>,
    found: Option<&Found<'_>>,
    complete: bool,
    fields: &[FieldChange],
    tags: &TagChange,
) -> ChangeKind {
    let Some(found) = found else {
        // An object with the name may exist that cannot be compared.
        return if index.exists(subject) { ChangeKind::Update } else { ChangeKind::Create };
    };
    match found.tags.get(CATALOG_TAG) {
        _ if found.name != subject.name => ChangeKind::Rename,
        None => ChangeKind::Adopt,
        Some(owner) if index.options.takes_over(owner, &index.catalog.name) => ChangeKind::Adopt,
        Some(_) if !fields.is_empty() || !complete => ChangeKind::Update,
        Some(_) if !tags.is_empty() => ChangeKind::Retag,
        Some(_) => ChangeKind::Unchanged,
    }
}

/// Returns which side changed: the file if it is not what was last applied or was moved, else the account. What a later program
/// recorded cannot be compared: then the account is protected.
fn changed_by(live: &BTreeMap<String, String>, desired: Desired<'_>, tags: &TagChange) -> ChangedBy {
    let changed = ownership::applied(live).is_some_and(|applied| desired.is_recorded(applied) == Some(false));
    let moved = live.contains_key(SOURCE_TAG) && tags.set.contains_key(SOURCE_TAG);
    if changed || moved { ChangedBy::File } else { ChangedBy::Account }
}

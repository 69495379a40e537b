//! Objects without a file. They are deleted only if requested, and only within limits.

use std::collections::{BTreeMap, BTreeSet};

use super::planner::Planner;
use super::{
    AccountObject, Actual, CATALOG_TAG, Change, ChangeKind, IN_USE, ImpactedObject, LATER, ObjectType, Orphan,
    PRUNE_GUARD, Refusal, Removed, SOURCE_TAG, TagChange,
};
use crate::catalog::Catalog;
use crate::config::DEFAULT_CATALOG;
use crate::model::ControlRef;
use crate::source::FileKind;

/// Maximum number of deletions per run, unless more are allowed.
const MAX_DELETES: usize = 10;
/// Also, at most one in five objects of a catalog is deleted, but always at least one.
const MAX_SHARE: usize = 5;

/// What happens to objects without a file.
pub(super) enum Deletions {
    /// They are deleted, unless a guard blocks it.
    Planned { deletions: Vec<Change>, refused: Option<Refusal> },
    /// They are only listed.
    Named(Vec<Orphan>),
}

/// Returns the controls of this catalog without a file, by ID; empty if they are not looked for.
pub(super) fn candidates<'a>(planner: &Planner<'a>) -> BTreeMap<&'a str, BTreeSet<String>> {
    if planner.options.removed == Removed::Ignore {
        return BTreeMap::new();
    }
    let catalog = planner.catalog;
    let names: BTreeSet<&str> = planner.controls.keys().copied().collect();
    let claimed = claimed(catalog.controls.iter().map(|(name, entry)| (name, &entry.value.renamed_from)), &names);
    let orphans = planner.actual.controls.iter().filter(|live| {
        owner(live.detail.get().map(|detail| &detail.tags)) == Some(&catalog.name)
            && !catalog.defines_control(&live.name)
            && planner.options.chooses(&live.name)
            && !claimed.contains(live.name.as_str())
    });
    orphans.map(|live| (live.id.as_str(), BTreeSet::new())).collect()
}

/// Returns the former names of objects that are still to be renamed.
fn claimed<'a>(
    renames: impl Iterator<Item = (&'a String, &'a Vec<String>)>,
    existing: &BTreeSet<&str>,
) -> BTreeSet<&'a str> {
    renames.filter(|(new, _)| !existing.contains(new.as_str())).flat_map(|(_, old)| old).map(String::as_str).collect()
}

fn owner(tags: Option<&BTreeMap<String, String>>) -> Option<&String> {
    tags?.get(CATALOG_TAG)
}

/// Plans the deletions: frameworks first, because they contain controls.
pub(super) fn deletions(planner: &mut Planner<'_>) -> Deletions {
    let removed = planner.options.removed;
    if removed == Removed::Ignore {
        return Deletions::Named(Vec::new());
    }
    if removed.deletes() {
        block_referenced(planner);
        block_still_used(planner);
    }
    let (actual, catalog) = (planner.actual, planner.catalog);
    let names: BTreeSet<&str> = actual.frameworks.iter().map(|live| live.name.as_str()).collect();
    let claimed = claimed(catalog.frameworks.iter().map(|(name, entry)| (name, &entry.value.renamed_from)), &names);
    let changed: BTreeSet<String> = planner.changes.iter().filter_map(|change| change.id.clone()).collect();
    let ours = |tags: Option<&BTreeMap<String, String>>| owner(tags) == Some(&catalog.name);
    let mut deletions = Vec::new();
    let mut count_of_ours = 0;
    for live in &actual.frameworks {
        let tags = live.detail.get().map(|detail| &detail.tags);
        if !ours(tags) {
            continue;
        }
        count_of_ours += 1;
        if !catalog.defines_framework(&live.name)
            && planner.options.chooses(&live.name)
            && !claimed.contains(live.name.as_str())
            && !changed.contains(&live.id)
        {
            deletions.push(deletion(ObjectType::Framework, live, tags, Vec::new()));
        }
    }
    deletions.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    let mut controls = Vec::new();
    for live in &actual.controls {
        let tags = live.detail.get().map(|detail| &detail.tags);
        count_of_ours += usize::from(ours(tags));
        if let Some(named_by) = planner.pruned.get(live.id.as_str())
            && !changed.contains(&live.id)
        {
            controls.push(deletion(ObjectType::Control, live, tags, named_by.iter().cloned().collect()));
        }
    }
    controls.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    deletions.extend(controls);
    if !removed.deletes() {
        // Objects of invalid files only seem to have no file.
        let orphans = deletions.iter().filter(|_| !catalog.has_errors);
        return Deletions::Named(orphans.filter_map(as_orphan).collect());
    }
    let refused = refusal(planner, deletions.len(), count_of_ours);
    if refused.is_some() {
        for change in &mut deletions {
            change.blocked_by.push(PRUNE_GUARD.to_owned());
        }
    }
    Deletions::Planned { deletions, refused }
}

fn as_orphan(change: &Change) -> Option<Orphan> {
    let Change { object, name, source, .. } = change;
    let id = change.id.clone()?;
    Some(Orphan { object: *object, name: name.clone(), id, source: source.clone() })
}

/// Returns the object of a blocked deletion.
pub(super) fn orphan(change: &Change) -> Option<Orphan> {
    let blocked = change.kind == ChangeKind::Delete && !change.blocked_by.is_empty();
    if blocked { as_orphan(change) } else { None }
}

/// Postpones deletions to a later run.
pub(super) fn postpone(changes: &mut [Change]) {
    for change in changes.iter_mut().filter(|change| change.kind == ChangeKind::Delete) {
        change.blocked_by.push(LATER.to_owned());
    }
}

/// Blocks the deletion of controls that an active assessment or a framework of another owner uses, and of those with
/// unknown usage.
pub(super) fn block_in_use(changes: &mut [Change], catalog: &Catalog, actual: &Actual) {
    let has_other_owner = |used_by: &ImpactedObject| {
        let live = actual.frameworks.iter().find(|live| live.id == used_by.id);
        let tags = live.and_then(|live| live.detail.get()).map(|detail| &detail.tags);
        owner(tags) != Some(&catalog.name)
    };
    for change in changes {
        if change.kind != ChangeKind::Delete || change.object != ObjectType::Control {
            continue;
        }
        let impact = change.impact.as_ref();
        let assessments = impact.and_then(|impact| impact.assessments.as_ref());
        let frameworks = impact.and_then(|impact| impact.frameworks.as_ref());
        let unused =
            assessments.is_some_and(Vec::is_empty) && frameworks.is_some_and(|all| !all.iter().any(has_other_owner));
        if !unused {
            change.blocked_by.push(IN_USE.to_owned());
        }
    }
}

/// Blocks the deletion of controls that a framework of the catalog still refers to, whether that framework is planned
/// or not, and even if several controls have the name.
fn block_referenced(planner: &mut Planner<'_>) {
    let catalog = planner.catalog;
    for (name, entry) in &catalog.frameworks {
        for (set_index, set) in entry.value.control_sets.iter().enumerate() {
            for (index, reference) in set.controls.iter().enumerate() {
                let ids: Vec<&str> = match reference {
                    ControlRef::Name(name) => {
                        let controls = planner.controls.get(name.as_str()).map(Vec::as_slice).unwrap_or_default();
                        controls.iter().map(|live| live.id.as_str()).collect()
                    }
                    ControlRef::Id(id) => vec![id],
                    ControlRef::Standard(_) | ControlRef::Core(_) => Vec::new(),
                };
                let mut pruned = None;
                for id in ids {
                    if let Some(named_by) = planner.pruned.get_mut(id) {
                        named_by.insert(format!("framework {name}"));
                        pruned = Some(id);
                    }
                }
                if let Some(id) = pruned {
                    let pointer = format!("/controlSets/{set_index}/controls/{index}");
                    planner.named_and_pruned(entry.file, id, &pointer);
                }
            }
        }
    }
}

/// Blocks the deletion of controls that a framework of the catalog still contains because its own change is blocked:
/// the service may drop a control set that loses its last control, and with it the ID of the set.
fn block_still_used(planner: &mut Planner<'_>) {
    for change in planner.changes.iter().filter(|change| change.object == ObjectType::Framework) {
        if change.blocked_by.is_empty() {
            continue;
        }
        let is_of_change = |id: &str, name: &str| change.id.as_deref().map_or(name == change.name, |of| of == id);
        let frameworks = planner.actual.frameworks.iter().filter(|live| is_of_change(&live.id, &live.name));
        for set in frameworks.filter_map(|live| live.detail.get()).flat_map(|detail| &detail.control_sets) {
            for id in set.controls.keys() {
                if let Some(named_by) = planner.pruned.get_mut(id.as_str()) {
                    named_by.insert(format!("framework {}", change.name));
                }
            }
        }
    }
}

fn refusal(planner: &Planner<'_>, count: usize, ours: usize) -> Option<Refusal> {
    let (catalog, options) = (planner.catalog, planner.options);
    if count == 0 {
        return None;
    }
    if catalog.name == DEFAULT_CATALOG {
        return Some(Refusal::DefaultCatalog);
    }
    if catalog.controls.is_empty() && catalog.frameworks.is_empty() {
        return Some(Refusal::EmptyCatalog);
    }
    if catalog.has_errors {
        return Some(Refusal::Errors);
    }
    // The CLI shows ignored files and asks the user; the function cannot ask.
    let is_interactive = options.removed == Removed::Delete;
    let stray = planner.sources.iter().find(|(_, source)| source.kind() == FileKind::Ignored);
    if let Some((_, source)) = stray.filter(|_| !is_interactive) {
        return Some(Refusal::IgnoredFile(source.path().to_owned()));
    }
    let limit = options.max_deletes.unwrap_or_else(|| MAX_DELETES.min((ours / MAX_SHARE).max(1)));
    (count > limit).then_some(Refusal::TooMany { count, ours, limit })
}

fn deletion<T>(
    object: ObjectType,
    live: &AccountObject<T>,
    tags: Option<&BTreeMap<String, String>>,
    blocked_by: Vec<String>,
) -> Change {
    Change {
        kind: ChangeKind::Delete,
        object,
        name: live.name.clone(),
        id: Some(live.id.clone()),
        arn: Some(live.arn.clone()),
        source: tags.and_then(|tags| tags.get(SOURCE_TAG)).cloned().unwrap_or_default(),
        changed_by: None,
        fields: Vec::new(),
        tags: TagChange::default(),
        impact: None,
        blocked_by,
        body: None,
    }
}

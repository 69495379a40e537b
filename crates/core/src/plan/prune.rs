//! Objects whose files are gone. They are deleted only when that is asked for, and only under guards.

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

/// At most this many objects are deleted at once, unless more are allowed.
const MAX_DELETES: usize = 10;
/// And at most this share of the objects of a catalog, but always one: one in five.
const MAX_SHARE: usize = 5;

/// What becomes of objects whose files are gone.
pub(super) enum Deletions {
    /// They are deleted, unless a guard refuses that.
    Planned { deletions: Vec<Change>, refused: Option<Refusal> },
    /// They are only named.
    Named(Vec<Orphan>),
}

/// The controls of this catalog whose files are gone, by id; empty where they are not looked for.
pub(super) fn candidates<'a>(planner: &Planner<'a>) -> BTreeMap<&'a str, BTreeSet<String>> {
    if planner.options.removed == Removed::Ignore {
        return BTreeMap::new();
    }
    let catalog = planner.catalog;
    let names: BTreeSet<&str> = planner.controls.keys().copied().collect();
    let claimed = claimed(catalog.controls.iter().map(|(name, entry)| (name, &entry.value.renamed_from)), &names);
    let gone = planner.actual.controls.iter().filter(|held| {
        owner(held.detail.get().map(|detail| &detail.tags)) == Some(&catalog.name)
            && !catalog.defines_control(&held.name)
            && planner.options.chooses(&held.name)
            && !claimed.contains(held.name.as_str())
    });
    gone.map(|held| (held.id.as_str(), BTreeSet::new())).collect()
}

/// The names of objects that are renamed as long as their new names are not there.
fn claimed<'a>(
    renames: impl Iterator<Item = (&'a String, &'a Vec<String>)>,
    held: &BTreeSet<&str>,
) -> BTreeSet<&'a str> {
    renames.filter(|(new, _)| !held.contains(new.as_str())).flat_map(|(_, old)| old).map(String::as_str).collect()
}

fn owner(tags: Option<&BTreeMap<String, String>>) -> Option<&String> {
    tags?.get(CATALOG_TAG)
}

/// The deletions: frameworks first, because they hold controls.
pub(super) fn deletions(planner: &mut Planner<'_>) -> Deletions {
    let removed = planner.options.removed;
    if removed == Removed::Ignore {
        return Deletions::Named(Vec::new());
    }
    if removed.deletes() {
        keep_what_is_named(planner);
        keep_what_is_still_held(planner);
    }
    let (actual, catalog) = (planner.actual, planner.catalog);
    let names: BTreeSet<&str> = actual.frameworks.iter().map(|held| held.name.as_str()).collect();
    let claimed = claimed(catalog.frameworks.iter().map(|(name, entry)| (name, &entry.value.renamed_from)), &names);
    let touched: BTreeSet<String> = planner.changes.iter().filter_map(|change| change.id.clone()).collect();
    let ours = |tags: Option<&BTreeMap<String, String>>| owner(tags) == Some(&catalog.name);
    let mut deletions = Vec::new();
    let mut count_of_ours = 0;
    for held in &actual.frameworks {
        let tags = held.detail.get().map(|detail| &detail.tags);
        if !ours(tags) {
            continue;
        }
        count_of_ours += 1;
        if !catalog.defines_framework(&held.name)
            && planner.options.chooses(&held.name)
            && !claimed.contains(held.name.as_str())
            && !touched.contains(&held.id)
        {
            deletions.push(deletion(ObjectType::Framework, held, tags, Vec::new()));
        }
    }
    deletions.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    let mut controls = Vec::new();
    for held in &actual.controls {
        let tags = held.detail.get().map(|detail| &detail.tags);
        count_of_ours += usize::from(ours(tags));
        if let Some(named_by) = planner.pruned.get(held.id.as_str())
            && !touched.contains(&held.id)
        {
            controls.push(deletion(ObjectType::Control, held, tags, named_by.iter().cloned().collect()));
        }
    }
    controls.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    deletions.extend(controls);
    if !removed.deletes() {
        // What a faulty file defines only seems to be gone.
        let gone = deletions.iter().filter(|_| !catalog.has_errors);
        return Deletions::Named(gone.filter_map(as_orphan).collect());
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

/// The object of a deletion that something stands in the way of.
pub(super) fn orphan(change: &Change) -> Option<Orphan> {
    let stays = change.kind == ChangeKind::Delete && !change.blocked_by.is_empty();
    if stays { as_orphan(change) } else { None }
}

/// Leaves deletions to a later run.
pub(super) fn put_off(changes: &mut [Change]) {
    for change in changes.iter_mut().filter(|change| change.kind == ChangeKind::Delete) {
        change.blocked_by.push(LATER.to_owned());
    }
}

/// Stands in the way of deleting what an active assessment or a framework of somebody else holds, and of what nobody can
/// say who holds it.
pub(super) fn spare_held(changes: &mut [Change], catalog: &Catalog, actual: &Actual) {
    let of_others = |touched: &ImpactedObject| {
        let held = actual.frameworks.iter().find(|held| held.id == touched.id);
        let tags = held.and_then(|held| held.detail.get()).map(|detail| &detail.tags);
        owner(tags) != Some(&catalog.name)
    };
    for change in changes {
        if change.kind != ChangeKind::Delete || change.object != ObjectType::Control {
            continue;
        }
        let impact = change.impact.as_ref();
        let assessments = impact.and_then(|impact| impact.assessments.as_ref());
        let frameworks = impact.and_then(|impact| impact.frameworks.as_ref());
        let free = assessments.is_some_and(Vec::is_empty) && frameworks.is_some_and(|held| !held.iter().any(of_others));
        if !free {
            change.blocked_by.push(IN_USE.to_owned());
        }
    }
}

/// Stands in the way of what a framework of the catalog still names, whether that framework is planned or not, and
/// however many controls have the name.
fn keep_what_is_named(planner: &mut Planner<'_>) {
    let catalog = planner.catalog;
    for (name, entry) in &catalog.frameworks {
        for (set_index, set) in entry.value.control_sets.iter().enumerate() {
            for (index, reference) in set.controls.iter().enumerate() {
                let named: Vec<&str> = match reference {
                    ControlRef::Name(name) => {
                        let held = planner.controls.get(name.as_str()).map(Vec::as_slice).unwrap_or_default();
                        held.iter().map(|held| held.id.as_str()).collect()
                    }
                    ControlRef::Id(id) => vec![id],
                    ControlRef::Standard(_) | ControlRef::Core(_) => Vec::new(),
                };
                let mut pruned = None;
                for id in named {
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

/// Stands in the way of what a framework of the catalog still holds because its own change is blocked: a control set
/// that loses its last control may go, and its id with it.
fn keep_what_is_still_held(planner: &mut Planner<'_>) {
    for change in planner.changes.iter().filter(|change| change.object == ObjectType::Framework) {
        if change.blocked_by.is_empty() {
            continue;
        }
        let is_of_change = |id: &str, name: &str| change.id.as_deref().map_or(name == change.name, |of| of == id);
        let held = planner.actual.frameworks.iter().filter(|held| is_of_change(&held.id, &held.name));
        for set in held.filter_map(|held| held.detail.get()).flat_map(|detail| &detail.control_sets) {
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
    // The program asks a person, who sees what is ignored; the function has nobody to ask.
    let asks = options.removed == Removed::Delete;
    let stray = planner.sources.iter().find(|(_, source)| source.kind() == FileKind::Stray);
    if let Some((_, source)) = stray.filter(|_| !asks) {
        return Some(Refusal::Stray(source.path().to_owned()));
    }
    let limit = options.max_deletes.unwrap_or_else(|| MAX_DELETES.min((ours / MAX_SHARE).max(1)));
    (count > limit).then_some(Refusal::TooMany { count, ours, limit })
}

fn deletion<T>(
    object: ObjectType,
    held: &AccountObject<T>,
    tags: Option<&BTreeMap<String, String>>,
    blocked_by: Vec<String>,
) -> Change {
    Change {
        kind: ChangeKind::Delete,
        object,
        name: held.name.clone(),
        id: Some(held.id.clone()),
        arn: Some(held.arn.clone()),
        source: tags.and_then(|tags| tags.get(SOURCE_TAG)).cloned().unwrap_or_default(),
        changed_by: None,
        fields: Vec::new(),
        tags: TagChange::default(),
        impact: None,
        blocked_by,
        body: None,
    }
}

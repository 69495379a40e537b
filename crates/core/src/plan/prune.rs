//! Objects without a file. They are deleted only if requested, and only within limits.

use std::collections::{BTreeMap, BTreeSet};

use super::conflict::{self, Conflict};
use super::index::Index;
use super::{
    AccountObject, CATALOG_TAG, Change, ChangeKind, ImpactedObject, ObjectType, Orphan, Reason, Refusal, Refused,
    Removed, SOURCE_TAG, TagChange,
};
use crate::config::DEFAULT_CATALOG;
use crate::model::ControlRef;
use crate::source::FileKind;

/// Maximum number of deletions per run, unless more are allowed.
const MAX_DELETES: usize = 10;
/// Also, at most one in five objects of a catalog is deleted, but always at least one.
const MAX_SHARE: usize = 5;

/// The objects of a catalog that have no file.
#[derive(Default)]
pub(super) struct Unfiled {
    /// Their deletions: frameworks first, because they contain controls.
    pub deletions: Vec<Change>,
    /// Why none of them is deleted.
    pub refused: Option<Refused>,
    /// Lines of frameworks that still use one of them.
    pub conflicts: Vec<Conflict>,
}

/// The names of the frameworks that still use a control without a file, by the ID of the control.
type Users<'a> = BTreeMap<&'a str, BTreeSet<String>>;

/// Returns the objects of this catalog without a file. `changes` are the other changes of the plan.
pub(super) fn unfiled(index: &Index<'_>, changes: &[Change]) -> Unfiled {
    let removed = index.options.removed;
    if removed == Removed::Ignore {
        return Unfiled::default();
    }
    // Controls are only candidates until it is known which frameworks keep them: those whose file names them, and those whose own
    // change is blocked, so that they still contain them in the account.
    let mut users = unfiled_controls(index);
    let mut conflicts = Vec::new();
    if removed.deletes() {
        conflicts = find_referenced(index, &mut users);
        find_still_used(index, changes, &mut users);
    }
    let planned: BTreeSet<&str> = changes.iter().filter_map(|change| change.id.as_deref()).collect();
    let mut deletions = unfiled_frameworks(index, &planned);
    deletions.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    let controls = index.actual.controls.iter().filter(|live| !planned.contains(live.id.as_str()));
    let mut controls: Vec<Change> = controls
        .filter_map(|live| {
            let frameworks = users.get(live.id.as_str())?.iter();
            let blocked_by = frameworks.map(|name| Reason::Change(ObjectType::Framework, name.clone()));
            let tags = live.detail.get().map(|detail| &detail.tags);
            Some(deletion(ObjectType::Control, live, tags, blocked_by.collect()))
        })
        .collect();
    controls.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    deletions.extend(controls);
    let refused = if removed.deletes() {
        refusal(index, deletions.len()).map(|why| why.with_remedy(&index.options.remedies))
    } else {
        None
    };
    Unfiled { deletions, refused, conflicts }
}

/// Returns the controls of this catalog without a file.
fn unfiled_controls<'a>(index: &Index<'a>) -> Users<'a> {
    let catalog = index.catalog;
    let renames = catalog.controls.iter().map(|(name, entry)| (name, &entry.value.renamed_from));
    let claimed = claimed(renames, |name| index.controls.contains_key(name));
    let unfiled = index.actual.controls.iter().filter(|live| {
        is_ours(index, live.detail.get().map(|detail| &detail.tags))
            && (!catalog.defines_control(&live.name) || index.is_duplicate(ObjectType::Control, &live.name, &live.id))
            && index.options.chooses(&live.name)
            && !claimed.contains(live.name.as_str())
    });
    unfiled.map(|live| (live.id.as_str(), BTreeSet::new())).collect()
}

/// Returns the deletions of frameworks of this catalog without a file.
fn unfiled_frameworks(index: &Index<'_>, planned: &BTreeSet<&str>) -> Vec<Change> {
    let catalog = index.catalog;
    let renames = catalog.frameworks.iter().map(|(name, entry)| (name, &entry.value.renamed_from));
    let claimed = claimed(renames, |name| index.frameworks.contains_key(name));
    let unfiled = index.actual.frameworks.iter().filter_map(|live| {
        let tags = live.detail.get().map(|detail| &detail.tags);
        let is_unfiled = is_ours(index, tags)
            && (!catalog.defines_framework(&live.name)
                || index.is_duplicate(ObjectType::Framework, &live.name, &live.id))
            && index.options.chooses(&live.name)
            && !claimed.contains(live.name.as_str())
            && !planned.contains(live.id.as_str());
        is_unfiled.then(|| deletion(ObjectType::Framework, live, tags, Vec::new()))
    });
    unfiled.collect()
}

/// Returns the former names of objects that are still to be renamed.
fn claimed<'a>(
    renames: impl Iterator<Item = (&'a String, &'a Vec<String>)>,
    exists: impl Fn(&str) -> bool,
) -> BTreeSet<&'a str> {
    renames.filter(|(new, _)| !exists(new)).flat_map(|(_, old)| old).map(String::as_str).collect()
}

fn is_ours(index: &Index<'_>, tags: Option<&BTreeMap<String, String>>) -> bool {
    tags.and_then(|tags| tags.get(CATALOG_TAG)) == Some(&index.catalog.name)
}

/// Returns the object of a deletion.
pub(super) fn orphan(deletion: &Change) -> Option<Orphan> {
    let Change { object, name, source, .. } = deletion;
    let id = deletion.id.clone()?;
    Some(Orphan { object: *object, name: name.clone(), id, source: source.clone() })
}

/// Whether an active assessment or a framework of another owner uses the control of a deletion, or it is unknown what uses it.
pub(super) fn is_in_use(index: &Index<'_>, deletion: &Change) -> bool {
    let has_other_owner = |used_by: &ImpactedObject| {
        let live = index.actual.frameworks.iter().find(|live| live.id == used_by.id);
        !is_ours(index, live.and_then(|live| live.detail.get()).map(|detail| &detail.tags))
    };
    let impact = deletion.impact.as_ref();
    let assessments = impact.and_then(|impact| impact.assessments.as_ref());
    let frameworks = impact.and_then(|impact| impact.frameworks.as_ref());
    let unused =
        assessments.is_some_and(Vec::is_empty) && frameworks.is_some_and(|all| !all.iter().any(has_other_owner));
    deletion.object == ObjectType::Control && !unused
}

/// Finds the controls that a framework of the catalog still refers to, whether that framework is planned or not, and even if
/// several controls have the name.
fn find_referenced(index: &Index<'_>, users: &mut Users<'_>) -> Vec<Conflict> {
    let mut conflicts = Vec::new();
    for (name, entry) in &index.catalog.frameworks {
        for (set_index, set) in entry.value.control_sets.iter().enumerate() {
            for (position, reference) in set.controls.iter().enumerate() {
                let ids: Vec<&str> = match reference {
                    ControlRef::Name(name) => {
                        let controls = index.controls.get(name.as_str()).map(Vec::as_slice).unwrap_or_default();
                        controls.iter().map(|live| live.id.as_str()).collect()
                    }
                    ControlRef::Id(id) => vec![id],
                    ControlRef::Standard(_) | ControlRef::Core(_) => Vec::new(),
                };
                let mut used = None;
                for id in ids {
                    if let Some(frameworks) = users.get_mut(id) {
                        frameworks.insert(name.clone());
                        used = Some(id);
                    }
                }
                if let Some(id) = used {
                    let pointer = format!("/controlSets/{set_index}/controls/{position}");
                    conflicts.push(conflict::named_and_pruned(index, entry.file, id, &pointer));
                }
            }
        }
    }
    conflicts
}

/// Finds the controls that a framework of the catalog still contains because its own change is blocked: the service may drop a
/// control set that loses its last control, and with it the ID of the set.
fn find_still_used(index: &Index<'_>, changes: &[Change], users: &mut Users<'_>) {
    let blocked = changes.iter().filter(|change| change.object == ObjectType::Framework && change.is_blocked());
    for change in blocked {
        let is_of_change = |id: &str, name: &str| change.id.as_deref().map_or(name == change.name, |of| of == id);
        for live in index.actual.frameworks.iter().filter(|live| is_of_change(&live.id, &live.name)) {
            for set in live.detail.get().map(|detail| detail.control_sets.as_slice()).unwrap_or_default() {
                for id in set.controls.keys() {
                    if let Some(frameworks) = users.get_mut(id.as_str()) {
                        frameworks.insert(change.name.clone());
                    }
                }
            }
        }
    }
}

fn refusal(index: &Index<'_>, count: usize) -> Option<Refusal> {
    let (catalog, options, actual) = (index.catalog, index.options, index.actual);
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
    let ignored = index.sources.iter().find(|(_, source)| source.kind() == FileKind::Ignored);
    if let Some((_, source)) = ignored.filter(|_| !is_interactive) {
        return Some(Refusal::IgnoredFile(source.path().to_owned()));
    }
    let controls = actual.controls.iter().map(|live| live.detail.get().map(|detail| &detail.tags));
    let frameworks = actual.frameworks.iter().map(|live| live.detail.get().map(|detail| &detail.tags));
    let ours = controls.chain(frameworks).filter(|tags| is_ours(index, *tags)).count();
    let limit = options.max_deletes.unwrap_or_else(|| MAX_DELETES.min((ours / MAX_SHARE).max(1)));
    (count > limit).then_some(Refusal::TooMany { count, ours, limit })
}

fn deletion<T>(
    object: ObjectType,
    live: &AccountObject<T>,
    tags: Option<&BTreeMap<String, String>>,
    blocked_by: Vec<Reason>,
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

//! Resolves the controls that control sets refer to.

use std::collections::{BTreeMap, BTreeSet};

use super::conflict::{self, Conflict};
use super::index::{Index, live_objects};
use super::{AccountControl, AccountObject, ControlOrigin, ControlTarget, ObjectType};
use crate::model::{ControlRef, Framework};
use crate::source::FileId;

/// What the references of a framework mean.
pub(super) struct References<'a> {
    pub sets: Vec<ResolvedSet<'a>>,
    /// Names of the controls that this plan creates for it.
    pub created: BTreeSet<String>,
    /// Names of controls with a file that stand for several objects in the account. Their own changes report that.
    pub ambiguous: BTreeSet<String>,
    /// References that no control, or more than one, matches.
    pub unresolved: Vec<Conflict>,
    /// Findings about controls that were found.
    pub findings: Vec<Conflict>,
    /// Whether every reference was resolved.
    pub complete: bool,
}

/// A control set of a file with resolved references.
pub(super) struct ResolvedSet<'a> {
    /// Name.
    pub name: &'a str,
    /// Controls, each once.
    pub controls: BTreeMap<ControlTarget, ResolvedControl>,
}

/// A control of a control set.
pub(super) struct ResolvedControl {
    /// Name in messages.
    pub shown: String,
    /// The same for every form of reference to the control.
    pub identity: String,
    /// Position in the file.
    pub index: usize,
}

/// A resolved reference.
struct Resolved {
    target: ControlTarget,
    shown: String,
    identity: String,
}

impl Resolved {
    fn live(live: &AccountObject<AccountControl>) -> Self {
        Self { target: ControlTarget::Id(live.id.clone()), shown: live.name.clone(), identity: identity(live) }
    }
}

/// Returns the same string for every form of reference to a control.
pub(crate) fn identity(live: &AccountObject<AccountControl>) -> String {
    let name = live.name.clone();
    match live.detail.get().map(|detail| detail.origin).unwrap_or_default() {
        ControlOrigin::Custom => name,
        ControlOrigin::Standard => format!("standard: {name}"),
        ControlOrigin::Core => format!("core: {name}"),
    }
}

/// Why a reference has no control.
enum Unresolved {
    Conflict(Conflict),
    /// The control has a file, which reports that several objects have its name.
    Ambiguous(String),
}

/// Resolves the references of the framework in a file.
pub(super) fn resolve<'a>(index: &Index<'a>, file: FileId, framework: &'a Framework) -> References<'a> {
    let mut found = References {
        sets: Vec::new(),
        created: BTreeSet::new(),
        ambiguous: BTreeSet::new(),
        unresolved: Vec::new(),
        findings: Vec::new(),
        complete: true,
    };
    for (set_index, set) in framework.control_sets.iter().enumerate() {
        let mut controls = BTreeMap::new();
        for (position, reference) in set.controls.iter().enumerate() {
            let pointer = format!("/controlSets/{set_index}/controls/{position}");
            match resolved(index, file, &pointer, reference, &mut found.findings) {
                Ok(Resolved { target, shown, identity }) => {
                    if matches!(target, ControlTarget::Created(_)) {
                        found.created.insert(shown.clone());
                    }
                    controls.entry(target).or_insert(ResolvedControl { shown, identity, index: position });
                }
                Err(unresolved) => {
                    found.complete = false;
                    match unresolved {
                        Unresolved::Conflict(conflict) => found.unresolved.push(conflict),
                        Unresolved::Ambiguous(name) => drop(found.ambiguous.insert(name)),
                    }
                }
            }
        }
        found.sets.push(ResolvedSet { name: &set.name, controls });
    }
    found
}

/// Returns the control that a reference means.
fn resolved(
    index: &Index<'_>,
    file: FileId,
    pointer: &str,
    reference: &ControlRef,
    findings: &mut Vec<Conflict>,
) -> Result<Resolved, Unresolved> {
    match reference {
        ControlRef::Name(name) => custom(index, file, pointer, name),
        ControlRef::Standard(name) => of_aws(index, file, pointer, ControlOrigin::Standard, name),
        ControlRef::Core(name) => of_aws(index, file, pointer, ControlOrigin::Core, name),
        ControlRef::Id(id) => by_id(index, file, pointer, id, findings),
    }
}

fn custom(index: &Index<'_>, file: FileId, pointer: &str, name: &str) -> Result<Resolved, Unresolved> {
    let missing = || Unresolved::Conflict(conflict::missing_control(index, file, pointer, name));
    let defined = index.catalog.controls.get(name);
    let renamed_from = defined.map(|entry| entry.value.renamed_from.as_slice()).unwrap_or_default();
    let live = live_objects(&index.controls, name, renamed_from);
    let defined = defined.is_some();
    // A file that renames the control takes its old name away, although the account still has it.
    if !defined && index.renamed_controls.contains_key(name) {
        return Err(missing());
    }
    let (shown, identity) = (name.to_owned(), name.to_owned());
    match live.as_slice() {
        [one] => Ok(Resolved { target: ControlTarget::Id(one.id.clone()), shown, identity }),
        [] if defined => Ok(Resolved { target: ControlTarget::Created(name.to_owned()), shown, identity }),
        [] => Err(missing()),
        [..] if defined => Err(Unresolved::Ambiguous(name.to_owned())),
        several => {
            let conflict = conflict::ambiguous(file, pointer, ObjectType::Control, name, several);
            Err(Unresolved::Conflict(conflict))
        }
    }
}

/// Returns a standard or core control by its name. Those that AWS no longer supports are found only by ID.
fn of_aws(
    index: &Index<'_>,
    file: FileId,
    pointer: &str,
    origin: ControlOrigin,
    name: &str,
) -> Result<Resolved, Unresolved> {
    let all = if origin == ControlOrigin::Core { &index.actual.core } else { &index.actual.standard };
    let all = all.as_deref().unwrap_or_default();
    let named: Vec<&AccountObject<AccountControl>> = all.iter().filter(|live| live.name == name).collect();
    let ended = |live: &&&AccountObject<AccountControl>| live.detail.get().is_some_and(|detail| detail.end_of_support);
    let supported: Vec<&AccountObject<AccountControl>> = named.iter().filter(|live| !ended(live)).copied().collect();
    let conflict = match (supported.as_slice(), named.as_slice()) {
        ([one], _) => return Ok(Resolved::live(one)),
        ([], []) => conflict::missing_control_of_aws(file, pointer, origin, name, all),
        ([], ended) => conflict::ended_control(file, pointer, origin, name, ended),
        (several, _) => conflict::several_of_aws(file, pointer, origin, name, several),
    };
    Err(Unresolved::Conflict(conflict))
}

fn by_id(
    index: &Index<'_>,
    file: FileId,
    pointer: &str,
    id: &str,
    findings: &mut Vec<Conflict>,
) -> Result<Resolved, Unresolved> {
    let missing = || Unresolved::Conflict(conflict::missing_id(file, pointer, id));
    let live = index.actual.control(id).ok_or_else(missing)?;
    if live.detail.get().is_some_and(|detail| detail.end_of_support) {
        findings.push(conflict::end_of_support(file, pointer, &live.name));
    }
    let resolved = Resolved::live(live);
    // The name after applying counts, or the next plan would not be empty.
    Ok(match new_name_of(index, live) {
        Some(name) => Resolved { identity: name.to_owned(), ..resolved },
        None => resolved,
    })
}

/// Returns the new name of a custom control that the catalog renames.
fn new_name_of<'a>(index: &Index<'a>, live: &AccountObject<AccountControl>) -> Option<&'a str> {
    let name = *index.renamed_controls.get(live.name.as_str())?;
    let renamed_from = &index.catalog.controls.get(name)?.value.renamed_from;
    let renamed = live_objects(&index.controls, name, renamed_from);
    renamed.iter().any(|renamed| renamed.id == live.id).then_some(name)
}

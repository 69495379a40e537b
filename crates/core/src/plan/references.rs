//! Resolves the controls that control sets refer to.

use std::collections::{BTreeMap, BTreeSet};

use super::planner::{Planner, Subject, live_objects};
use super::{AccountControl, AccountObject, ControlOrigin, ControlTarget};
use crate::model::{ControlRef, Framework};

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

impl<'a> Planner<'a> {
    /// Resolves the references of a framework; also returns whether all of them could be resolved.
    pub(super) fn resolve(
        &mut self,
        subject: &Subject<'_>,
        framework: &'a Framework,
        blocked_by: &mut Vec<String>,
    ) -> (Vec<ResolvedSet<'a>>, bool) {
        let mut needs: BTreeSet<String> = BTreeSet::new();
        let mut sets = Vec::new();
        let mut complete = true;
        for (set_index, set) in framework.control_sets.iter().enumerate() {
            let mut controls = BTreeMap::new();
            for (index, reference) in set.controls.iter().enumerate() {
                let pointer = format!("/controlSets/{set_index}/controls/{index}");
                match self.reference(subject, &pointer, reference) {
                    Ok(Resolved { target, shown, identity }) => {
                        if matches!(target, ControlTarget::Created(_)) && self.blocked_controls.contains(&shown) {
                            needs.insert(format!("control {shown}"));
                        }
                        controls.entry(target).or_insert(ResolvedControl { shown, identity, index });
                    }
                    Err(rule) => {
                        complete = false;
                        needs.insert(rule);
                    }
                }
            }
            sets.push(ResolvedSet { name: &set.name, controls });
        }
        blocked_by.extend(needs);
        (sets, complete)
    }

    /// Returns the control that a reference means, or the rule that it breaks.
    fn reference(&mut self, subject: &Subject<'_>, pointer: &str, reference: &ControlRef) -> Result<Resolved, String> {
        match reference {
            ControlRef::Name(name) => self.custom(subject, pointer, name),
            ControlRef::Standard(name) => self.of_aws(subject, pointer, ControlOrigin::Standard, name),
            ControlRef::Core(name) => self.of_aws(subject, pointer, ControlOrigin::Core, name),
            ControlRef::Id(id) => self.by_id(subject, pointer, id),
        }
    }

    fn custom(&mut self, subject: &Subject<'_>, pointer: &str, name: &str) -> Result<Resolved, String> {
        let defined = self.catalog.controls.get(name);
        let renamed_from = defined.map(|entry| entry.value.renamed_from.as_slice()).unwrap_or_default();
        let live = live_objects(&self.controls, name, renamed_from);
        let defined = defined.is_some();
        if !defined && self.renamed_controls.contains_key(name) {
            return Err(self.missing_control(subject, pointer, name));
        }
        let (shown, identity) = (name.to_owned(), name.to_owned());
        match live.as_slice() {
            [one] => Ok(Resolved { target: ControlTarget::Id(one.id.clone()), shown, identity }),
            [] if defined => Ok(Resolved { target: ControlTarget::Created(name.to_owned()), shown, identity }),
            [] => Err(self.missing_control(subject, pointer, name)),
            // The control itself is reported, which also blocks the framework.
            [..] if defined => Err(format!("control {name}")),
            several => Err(self.ambiguous_control(subject, pointer, name, several.iter().map(|live| live.id.as_str()))),
        }
    }

    /// Returns a standard or core control by its name. Those that AWS no longer supports are found only by ID.
    fn of_aws(
        &mut self,
        subject: &Subject<'_>,
        pointer: &str,
        origin: ControlOrigin,
        name: &str,
    ) -> Result<Resolved, String> {
        let actual = self.actual;
        let all = if origin == ControlOrigin::Core { &actual.core } else { &actual.standard };
        let all = all.as_deref().unwrap_or_default();
        let named: Vec<&AccountObject<AccountControl>> = all.iter().filter(|live| live.name == name).collect();
        let ended =
            |live: &&&AccountObject<AccountControl>| live.detail.get().is_some_and(|detail| detail.end_of_support);
        let supported: Vec<&AccountObject<AccountControl>> =
            named.iter().filter(|live| !ended(live)).copied().collect();
        match (supported.as_slice(), named.as_slice()) {
            ([one], _) => Ok(Resolved::live(one)),
            ([], []) => Err(self.missing_control_of_aws(subject, pointer, origin, name, all)),
            ([], ended) => Err(self.ended_control(subject, pointer, origin, name, ended)),
            (several, _) => Err(self.several_of_aws(subject, pointer, origin, name, several)),
        }
    }

    fn by_id(&mut self, subject: &Subject<'_>, pointer: &str, id: &str) -> Result<Resolved, String> {
        let actual = self.actual;
        let Some(live) = actual.control(id) else { return Err(self.missing_id(subject, pointer, id)) };
        if let Some(detail) = live.detail.get()
            && detail.end_of_support
        {
            self.end_of_support(subject, pointer, &live.name);
        }
        let resolved = Resolved::live(live);
        // The name after applying counts, or the next plan would not be empty.
        Ok(match self.new_name_of(live) {
            Some(name) => Resolved { identity: name.to_owned(), ..resolved },
            None => resolved,
        })
    }

    /// Returns the new name of a custom control that the catalog renames.
    fn new_name_of(&self, live: &AccountObject<AccountControl>) -> Option<&'a str> {
        let name = *self.renamed_controls.get(live.name.as_str())?;
        let renamed_from = &self.catalog.controls.get(name)?.value.renamed_from;
        let renamed = live_objects(&self.controls, name, renamed_from);
        renamed.iter().any(|renamed| renamed.id == live.id).then_some(name)
    }
}

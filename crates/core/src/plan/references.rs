//! Which control each item of a control set stands for.

use std::collections::{BTreeMap, BTreeSet};

use super::planner::{Planner, Subject, held_under};
use super::{AccountControl, AccountObject, ControlOrigin, ControlTarget};
use crate::model::{ControlRef, Framework};

/// A control set of the file whose references are resolved.
pub(super) struct ResolvedSet<'a> {
    /// Name.
    pub name: &'a str,
    /// Its controls; each control once.
    pub controls: BTreeMap<ControlTarget, Member>,
}

/// A control of a set.
pub(super) struct Member {
    /// What people know it by.
    pub shown: String,
    /// The same for every way to name the control.
    pub identity: String,
    /// Its position in the file.
    pub index: usize,
}

/// What a reference stands for.
struct Resolved {
    target: ControlTarget,
    shown: String,
    identity: String,
}

impl Resolved {
    fn held(held: &AccountObject<AccountControl>) -> Self {
        Self { target: ControlTarget::Id(held.id.clone()), shown: held.name.clone(), identity: identity(held) }
    }
}

/// The same for every way to name a control.
pub(crate) fn identity(held: &AccountObject<AccountControl>) -> String {
    let name = held.name.clone();
    match held.detail.get().map(|detail| detail.origin).unwrap_or_default() {
        ControlOrigin::Custom => name,
        ControlOrigin::Standard => format!("standard: {name}"),
        ControlOrigin::Core => format!("core: {name}"),
    }
}

impl<'a> Planner<'a> {
    /// The ids that the references of a framework stand for, and whether all of them could be found.
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
                        controls.entry(target).or_insert(Member { shown, identity, index });
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

    /// The control that a reference stands for, or the rule that it breaks.
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
        let held = held_under(&self.controls, name, renamed_from);
        let defined = defined.is_some();
        if !defined && self.renamed_controls.contains_key(name) {
            return Err(self.missing_control(subject, pointer, name));
        }
        let (shown, identity) = (name.to_owned(), name.to_owned());
        match held.as_slice() {
            [one] => Ok(Resolved { target: ControlTarget::Id(one.id.clone()), shown, identity }),
            [] if defined => Ok(Resolved { target: ControlTarget::Created(name.to_owned()), shown, identity }),
            [] => Err(self.missing_control(subject, pointer, name)),
            // The control itself is reported, and with it the framework is blocked.
            [..] if defined => Err(format!("control {name}")),
            several => Err(self.ambiguous_control(subject, pointer, name, several.iter().map(|held| held.id.as_str()))),
        }
    }

    /// A standard or core control by its name. Those that AWS supports no more count only where their id is given.
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
        let named: Vec<&AccountObject<AccountControl>> = all.iter().filter(|held| held.name == name).collect();
        let ended =
            |held: &&&AccountObject<AccountControl>| held.detail.get().is_some_and(|detail| detail.end_of_support);
        let supported: Vec<&AccountObject<AccountControl>> =
            named.iter().filter(|held| !ended(held)).copied().collect();
        match (supported.as_slice(), named.as_slice()) {
            ([one], _) => Ok(Resolved::held(one)),
            ([], []) => Err(self.missing_control_of_aws(subject, pointer, origin, name, all)),
            ([], ended) => Err(self.ended_control(subject, pointer, origin, name, ended)),
            (several, _) => Err(self.several_of_aws(subject, pointer, origin, name, several)),
        }
    }

    fn by_id(&mut self, subject: &Subject<'_>, pointer: &str, id: &str) -> Result<Resolved, String> {
        let actual = self.actual;
        let Some(held) = actual.control(id) else { return Err(self.missing_id(subject, pointer, id)) };
        if let Some(detail) = held.detail.get()
            && detail.end_of_support
        {
            self.end_of_support(subject, pointer, &held.name);
        }
        let resolved = Resolved::held(held);
        // What counts is the name that the control has when all is done, or the next plan would not be empty.
        Ok(match self.new_name_of(held) {
            Some(name) => Resolved { identity: name.to_owned(), ..resolved },
            None => resolved,
        })
    }

    /// The name that the catalog gives to a custom control of the account which still has another.
    fn new_name_of(&self, held: &AccountObject<AccountControl>) -> Option<&'a str> {
        let name = *self.renamed_controls.get(held.name.as_str())?;
        let renamed_from = &self.catalog.controls.get(name)?.value.renamed_from;
        let meant = held_under(&self.controls, name, renamed_from);
        meant.iter().any(|meant| meant.id == held.id).then_some(name)
    }
}

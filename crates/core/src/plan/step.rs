//! What must be read next, until a plan rests on nothing but what was read for it.
//!
//! Reading costs requests, of which the account has few. So a plan says what it lacks: the objects that the catalog
//! names, then, where anything would be done, those objects as they are now and what holds them. What an earlier run has
//! read is good enough to see that nothing differs.

use std::collections::BTreeSet;

use super::{
    AccountControl, AccountObject, Actual, ChangeKind, Detail, Needs, Options, Plan, Removed, impact, planner,
};
use crate::catalog::Catalog;
use crate::model::ControlRef;
use crate::source::Sources;

/// What comes next.
#[derive(Clone, Debug)]
pub enum Step {
    /// This is to be read.
    Read(Needs),
    /// Nothing is missing.
    Done(Box<Plan>),
}

/// Plans, or says what is missing for it.
pub fn step(catalog: &Catalog, sources: &Sources, actual: &Actual, options: &Options) -> Step {
    let needs = needs(catalog, actual, options);
    if !needs.is_empty() {
        return Step::Read(needs);
    }
    let plan = planner::run(catalog, sources, actual, options);
    let needs = unsettled(&plan, actual, options);
    if needs.is_empty() { Step::Done(Box::new(plan)) } else { Step::Read(needs) }
}

/// What every plan of the catalog takes.
fn needs(catalog: &Catalog, actual: &Actual, options: &Options) -> Needs {
    let mut needs = Needs::default();
    let old = catalog.controls.values().flat_map(|entry| &entry.value.renamed_from);
    let names: BTreeSet<&String> = catalog.controls.keys().chain(old).collect();
    let all = options.removed != Removed::Ignore;
    let wanted = |held: &&AccountObject<AccountControl>| all || names.contains(&held.name);
    needs.controls.extend(unread(actual.controls.iter().filter(wanted)));
    let old = catalog.frameworks.values().flat_map(|entry| &entry.value.renamed_from);
    let names: BTreeSet<&String> = catalog.frameworks.keys().chain(old).collect();
    let held = actual.frameworks.iter().filter(|held| all || names.contains(&held.name));
    needs.frameworks.extend(unread(held));
    let frameworks = catalog.frameworks.iter().filter(|(name, _)| options.chooses(name));
    let sets = frameworks.flat_map(|(_, entry)| &entry.value.control_sets);
    for reference in sets.flat_map(|set| &set.controls) {
        match reference {
            ControlRef::Name(_) => {}
            ControlRef::Standard(name) => {
                of_aws(actual.standard.as_deref(), name, &mut needs.standard, &mut needs.controls);
            }
            ControlRef::Core(name) => of_aws(actual.core.as_deref(), name, &mut needs.core, &mut needs.controls),
            ControlRef::Id(id) => by_id(actual, id, &mut needs),
        }
    }
    needs
}

fn unread<'a, T: 'a>(held: impl Iterator<Item = &'a AccountObject<T>>) -> impl Iterator<Item = String> {
    held.filter(|held| matches!(held.detail, Detail::NotRead)).map(|held| held.id.clone())
}

fn of_aws(all: Option<&[AccountObject<AccountControl>]>, name: &str, list: &mut bool, controls: &mut BTreeSet<String>) {
    match all {
        None => *list = true,
        Some(all) => controls.extend(unread(all.iter().filter(|held| held.name == name))),
    }
}

fn by_id(actual: &Actual, id: &str, needs: &mut Needs) {
    if actual.controls.iter().any(|held| held.id == id) {
        return;
    }
    needs.standard |= actual.standard.is_none();
    needs.core |= actual.core.is_none();
    if needs.standard || needs.core {
        return;
    }
    match actual.control(id) {
        Some(held) => needs.controls.extend(unread(std::iter::once(held))),
        None if actual.unlisted.contains_key(id) => {}
        None => {
            needs.controls.insert(id.to_owned());
        }
    }
}

/// What a plan takes that would do something.
fn unsettled(plan: &Plan, actual: &Actual, options: &Options) -> Needs {
    let acts =
        plan.changes.iter().filter(|change| change.kind != ChangeKind::Unchanged || !change.blocked_by.is_empty());
    let acts: Vec<_> = acts.collect();
    let ids: BTreeSet<&str> = acts.iter().filter_map(|change| change.id.as_deref()).collect();
    let stale = |id: &&str| {
        let control = actual.controls.iter().find(|held| held.id == *id).map(|held| held.detail.is_fresh());
        let framework = actual.frameworks.iter().find(|held| held.id == *id).map(|held| held.detail.is_fresh());
        !control.or(framework).unwrap_or(true)
    };
    let mut needs = Needs { fresh: ids.into_iter().filter(stale).map(str::to_owned).collect(), ..Needs::default() };
    if needs.is_empty() && options.impact && acts.iter().any(|change| impact::matters(change)) {
        needs.impact = actual.impact.is_none();
        needs.frameworks.extend(if needs.impact { unread(actual.frameworks.iter()).collect() } else { Vec::new() });
    }
    needs
}

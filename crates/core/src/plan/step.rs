//! What must be read next, until everything that a plan depends on is read.
//!
//! Reading costs requests, and the account's request rate is limited. So planning is done in steps, each of which
//! states what is missing: first the objects of the catalog; then, for each that would change, its current state and
//! what uses it. What an earlier run read is enough to see that nothing changed.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    AccountControl, AccountObject, Actual, ChangeKind, Detail, Needs, Options, Plan, Removed, impact, planner,
};
use crate::catalog::Catalog;
use crate::model::ControlRef;
use crate::source::Sources;

/// Next step.
#[derive(Clone, Debug)]
pub enum Step {
    /// Read these first.
    Read(Needs),
    /// Nothing is missing.
    Done(Box<Plan>),
}

/// Returns the plan, or what must be read for it.
pub fn step(catalog: &Catalog, sources: &Sources, actual: &Actual, options: &Options) -> Step {
    let needs = needs(catalog, actual, options);
    if !needs.is_empty() {
        return Step::Read(needs);
    }
    let plan = planner::run(catalog, sources, actual, options);
    let needs = unsettled(&plan, actual, options);
    if needs.is_empty() { Step::Done(Box::new(plan)) } else { Step::Read(needs) }
}

/// Returns what every plan of the catalog needs.
fn needs(catalog: &Catalog, actual: &Actual, options: &Options) -> Needs {
    let mut needs = Needs::default();
    let old = catalog.controls.values().flat_map(|entry| &entry.value.renamed_from);
    let names: BTreeSet<&String> = catalog.controls.keys().chain(old).collect();
    let all = options.removed != Removed::Ignore;
    let wanted = |live: &&AccountObject<AccountControl>| all || names.contains(&live.name);
    needs.controls.extend(unread(actual.controls.iter().filter(wanted)));
    needs.unconfirmed.extend(unconfirmed(&actual.unconfirmed.controls, &names));
    let old = catalog.frameworks.values().flat_map(|entry| &entry.value.renamed_from);
    let names: BTreeSet<&String> = catalog.frameworks.keys().chain(old).collect();
    let live = actual.frameworks.iter().filter(|live| all || names.contains(&live.name));
    needs.frameworks.extend(unread(live));
    needs.unconfirmed.extend(unconfirmed(&actual.unconfirmed.frameworks, &names));
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

fn unread<'a, T: 'a>(live: impl Iterator<Item = &'a AccountObject<T>>) -> impl Iterator<Item = String> {
    live.filter(|live| matches!(live.detail, Detail::NotRead)).map(|live| live.id.clone())
}

/// Returns the objects that would be created a second time if they still exist.
fn unconfirmed(written: &BTreeMap<String, String>, names: &BTreeSet<&String>) -> impl Iterator<Item = String> {
    written.iter().filter(|(_, name)| names.contains(name)).map(|(id, _)| id.clone())
}

fn of_aws(all: Option<&[AccountObject<AccountControl>]>, name: &str, list: &mut bool, controls: &mut BTreeSet<String>) {
    match all {
        None => *list = true,
        Some(all) => controls.extend(unread(all.iter().filter(|live| live.name == name))),
    }
}

fn by_id(actual: &Actual, id: &str, needs: &mut Needs) {
    if actual.controls.iter().any(|live| live.id == id) {
        return;
    }
    needs.standard |= actual.standard.is_none();
    needs.core |= actual.core.is_none();
    if needs.standard || needs.core {
        return;
    }
    match actual.control(id) {
        Some(live) => needs.controls.extend(unread(std::iter::once(live))),
        None if actual.unlisted.contains_key(id) => {}
        None => {
            needs.controls.insert(id.to_owned());
        }
    }
}

/// Returns what a plan needs in addition if it changes anything.
fn unsettled(plan: &Plan, actual: &Actual, options: &Options) -> Needs {
    let pending = plan.changes.iter().filter(|change| change.kind != ChangeKind::Unchanged || change.is_blocked());
    let pending: Vec<_> = pending.collect();
    let ids: BTreeSet<&str> = pending.iter().filter_map(|change| change.id.as_deref()).collect();
    let stale = |id: &&str| {
        let control = actual.controls.iter().find(|live| live.id == *id).map(|live| live.detail.is_fresh());
        let framework = actual.frameworks.iter().find(|live| live.id == *id).map(|live| live.detail.is_fresh());
        !control.or(framework).unwrap_or(true)
    };
    let mut needs = Needs { fresh: ids.into_iter().filter(stale).map(str::to_owned).collect(), ..Needs::default() };
    if needs.is_empty() && options.impact && pending.iter().any(|change| impact::matters(change)) {
        needs.impact = actual.impact.is_none();
        needs.frameworks.extend(if needs.impact { unread(actual.frameworks.iter()).collect() } else { Vec::new() });
    }
    needs
}

//! The third entry point: from the objects in the account to files that define them.
//!
//! Pure. [`step`] returns what must be read first, as that of a plan does. If the catalog already defines an object and
//! a plan shows no differences, its file is not changed. An object that no file can define is skipped, with a reason.
//!
//! In reading order: [`Target`], [`Options`] and [`Pulled`] are what is asked for and what results, `path` chooses paths, `definition` converts objects to definitions, `kept` adds the keys
//! that only their files have, `draft` writes them and checks
//! them with the rest of the catalog, `work` decides what to do with each object.

mod pulled;
mod path;
mod definition;
mod kept;
mod draft;
mod work;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::plan::{
    self, AccountControl, AccountFramework, AccountObject, Actual, Adopt, CATALOG_TAG, ControlOrigin, Detail, Needs,
};
use work::Puller;

pub(crate) use path::Taken;
pub use pulled::{Differing, File, NotPulled, Options, Pulled, Skipped, Step, Target};

/// Returns the files to write, or what must be read first.
pub fn step(target: &Target, actual: &Actual, options: &Options) -> Step {
    let needs = unread(actual);
    if !needs.is_empty() {
        return Step::Read(needs);
    }
    let checked = &target.checked;
    let (chosen, skipped) = choose(&checked.catalog.name, actual, options);
    let needs = unread_references(&checked.catalog.name, actual, &chosen);
    if !needs.is_empty() {
        return Step::Read(needs);
    }
    let planning = plan::Options { adopt: Adopt::All, ..plan::Options::default() };
    let plan = match plan::step(&checked.catalog, &checked.sources, actual, &planning) {
        plan::Step::Read(needs) => return Step::Read(needs),
        plan::Step::Done(plan) => *plan,
    };
    let mut work = Puller::new(target, actual, options, &plan.changes);
    for object in chosen.controls {
        work.control(object);
    }
    for object in chosen.frameworks {
        work.framework(object);
    }
    let (pulled, written) = work.finish(plan.target, skipped);
    // Cached objects are good enough to detect that there are no differences, but not to write them to a file.
    let stale = |id: &&str| written.contains(*id);
    let cached = cached(&actual.controls).chain(cached(&actual.frameworks));
    let fresh: BTreeSet<String> = cached.filter(stale).map(str::to_owned).collect();
    if fresh.is_empty() { Step::Done(Box::new(pulled)) } else { Step::Read(Needs { fresh, ..Needs::default() }) }
}

fn cached<T>(all: &[AccountObject<T>]) -> impl Iterator<Item = &str> {
    all.iter().filter(|object| matches!(object.detail, Detail::Cached(_))).map(|object| object.id.as_str())
}

/// Returns the objects whose details are not read yet.
fn unread(actual: &Actual) -> Needs {
    let controls = actual.controls.iter().filter(|object| matches!(object.detail, Detail::NotRead));
    let frameworks = actual.frameworks.iter().filter(|object| matches!(object.detail, Detail::NotRead));
    Needs {
        controls: controls.map(|object| object.id.clone()).collect(),
        frameworks: frameworks.map(|object| object.id.clone()).collect(),
        ..Needs::default()
    }
}

/// The selected objects, including those that cannot be read: their owner is unknown.
struct Chosen<'a> {
    controls: Vec<&'a AccountObject<AccountControl>>,
    frameworks: Vec<&'a AccountObject<AccountFramework>>,
}

fn choose<'a>(catalog: &str, actual: &'a Actual, options: &Options) -> (Chosen<'a>, Skipped) {
    let mut skipped = Skipped::default();
    let mut selects = |tags: Option<&BTreeMap<String, String>>| match tags.map(|tags| tags.get(CATALOG_TAG)) {
        None => true,
        Some(None) => {
            skipped.unmanaged += usize::from(!options.unmanaged);
            options.unmanaged
        }
        Some(Some(owner)) if owner == catalog => true,
        Some(Some(owner)) => {
            *skipped.others.entry(owner.clone()).or_default() += 1;
            false
        }
    };
    let mut controls: Vec<_> =
        actual.controls.iter().filter(|object| selects(object.detail.get().map(|detail| &detail.tags))).collect();
    let mut frameworks: Vec<_> =
        actual.frameworks.iter().filter(|object| selects(object.detail.get().map(|detail| &detail.tags))).collect();
    controls.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    frameworks.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    (Chosen { controls, frameworks }, skipped)
}

/// Returns what else must be read first: cached objects of other owners, because a list does not show changed tags; and
/// the AWS controls in the frameworks.
fn unread_references(catalog: &str, actual: &Actual, chosen: &Chosen<'_>) -> Needs {
    let is_ours = |tags: &BTreeMap<String, String>| tags.get(CATALOG_TAG).is_some_and(|owner| owner == catalog);
    let others =
        actual.controls.iter().filter(|other| matches!(&other.detail, Detail::Cached(of) if !is_ours(&of.tags)));
    let mut fresh: BTreeSet<String> = others.map(|object| object.id.clone()).collect();
    let others =
        actual.frameworks.iter().filter(|other| matches!(&other.detail, Detail::Cached(of) if !is_ours(&of.tags)));
    fresh.extend(others.map(|object| object.id.clone()));
    let mut needs = Needs { fresh, ..Needs::default() };
    let custom: HashSet<&str> = actual.controls.iter().map(|object| object.id.as_str()).collect();
    let details = chosen.frameworks.iter().filter_map(|object| object.detail.get());
    let sets = details.flat_map(|detail| &detail.control_sets);
    let foreign: BTreeSet<&str> =
        sets.flat_map(|set| set.controls.keys()).map(String::as_str).filter(|id| !custom.contains(id)).collect();
    if foreign.is_empty() {
        return needs;
    }
    needs.standard = actual.standard.is_none();
    needs.core = actual.core.is_none();
    if needs.standard || needs.core {
        return needs;
    }
    let by_id = definition::by_id(actual);
    let mut names: BTreeSet<(ControlOrigin, &str)> = BTreeSet::new();
    let lists = [(ControlOrigin::Standard, &actual.standard), (ControlOrigin::Core, &actual.core)];
    for id in foreign {
        if !by_id.contains_key(id) && !actual.unlisted.contains_key(id) {
            needs.controls.insert(id.to_owned());
        }
        let control = by_id.get(id).into_iter();
        names.extend(control.flat_map(|control| lists.map(|(origin, _)| (origin, control.name.as_str()))));
    }
    // Whether a name is unambiguous depends on which of its controls are still supported.
    for (origin, list) in lists {
        let unread = list.iter().flatten().filter(|object| matches!(object.detail, Detail::NotRead));
        let wanted = unread.filter(|object| names.contains(&(origin, object.name.as_str())));
        needs.controls.extend(wanted.map(|object| object.id.clone()));
    }
    needs
}

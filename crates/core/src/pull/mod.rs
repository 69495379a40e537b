//! The third entry point: from what the account holds to the files that say it.
//!
//! Pure. [`step`] says what must be read first, as that of a plan does. An object that the catalog already defines keeps
//! its file as long as a plan of that file shows no difference. What no file can say is left out, with the reason.
//!
//! In reading order: `path` knows where files can stand, `definition` what an object says, `draft` makes texts of that and
//! checks them with everything else in the catalog, `work` decides what becomes of each object.

mod path;
mod definition;
mod draft;
mod work;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::check::{self, Checked};
use crate::plan::{
    self, AccountControl, AccountFramework, AccountObject, Actual, Adopt, CATALOG_TAG, ControlOrigin, Detail, Needs,
    ObjectType,
};
use crate::source::FileKind;
use work::Puller;

/// What the caller decides.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Whether objects are written too that no catalog has made.
    pub unmanaged: bool,
    /// Whether files are replaced that say something else than the account holds.
    pub overwrite: bool,
    /// How the files are checked.
    pub check: check::Options,
}

/// What stands where the files go.
#[derive(Debug)]
pub struct Target {
    /// The catalog there; one without files where there is none.
    pub checked: Checked,
    /// Paths of all that stands below the folders of definitions and is no folder, whatever it is.
    pub files: BTreeSet<String>,
    /// Paths of all folders there.
    pub folders: BTreeSet<String>,
}

/// What comes next.
#[derive(Clone, Debug)]
pub enum Step {
    /// This is to be read.
    Read(Needs),
    /// Nothing is missing.
    Done(Box<Pulled>),
}

/// What is to be written, and what is not.
#[derive(Clone, Debug, Default)]
pub struct Pulled {
    /// The catalog whose objects are written.
    pub catalog: String,
    /// Account and Region.
    pub target: plan::Target,
    /// Files to write, by path.
    pub files: Vec<File>,
    /// How many objects have a file that says what the account holds.
    pub unchanged: usize,
    /// Objects whose files say something else.
    pub differing: Vec<Differing>,
    /// Objects that are not written although they were asked for.
    pub left_out: Vec<LeftOut>,
    /// Objects that were not asked for.
    pub passed_over: PassedOver,
}

/// A file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// What it defines.
    pub object: ObjectType,
    /// The object's name.
    pub name: String,
    /// Path from the root of the catalog.
    pub path: String,
    /// What it is to hold.
    pub text: String,
    /// What it holds; none where it is new.
    pub before: Option<String>,
    /// How many errors `lint` finds in it, which no comment can speak of.
    pub errors: usize,
}

/// An object whose file says something else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Differing {
    /// The file, from the root of the catalog.
    pub path: String,
    /// What it is.
    pub object: ObjectType,
    /// Its name.
    pub name: String,
}

/// An object that is not written although it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// What it is.
    pub object: ObjectType,
    /// Its name.
    pub name: String,
    /// Its id; several where several objects have the name.
    pub ids: Vec<String>,
    /// Why, as the end of a sentence.
    pub reason: String,
}

/// How many objects were not asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PassedOver {
    /// Those that no catalog has made.
    pub unmanaged: usize,
    /// Those of other catalogs, by their names.
    pub others: BTreeMap<String, usize>,
}

/// Why no file can say what an object is, as the end of a sentence.
struct Failed(String);

impl Pulled {
    /// Whether everything that was asked for is in files now.
    pub fn is_complete(&self) -> bool {
        self.differing.is_empty() && self.left_out.is_empty() && self.files.iter().all(|file| file.errors == 0)
    }
}

/// Says which files to write, or what is missing for that.
pub fn step(target: &Target, actual: &Actual, options: &Options) -> Step {
    let needs = unread(actual);
    if !needs.is_empty() {
        return Step::Read(needs);
    }
    let checked = &target.checked;
    let (chosen, passed_over) = choose(&checked.catalog.name, actual, options);
    let needs = unsettled(&checked.catalog.name, actual, &chosen);
    if !needs.is_empty() {
        return Step::Read(needs);
    }
    let planning = plan::Options { adopt: Adopt::All, ..plan::Options::default() };
    let plan = match plan::step(&checked.catalog, &checked.sources, actual, &planning) {
        plan::Step::Read(needs) => return Step::Read(needs),
        plan::Step::Done(plan) => *plan,
    };
    let mut work = Puller::new(target, actual, options, &plan.changes);
    for held in chosen.controls {
        work.control(held);
    }
    for held in chosen.frameworks {
        work.framework(held);
    }
    let (pulled, written) = work.finish(plan.target, passed_over);
    // What an earlier run has read is good enough to see that nothing differs, not to write it down.
    let stale = |id: &&str| written.contains(*id);
    let cached = cached(&actual.controls).chain(cached(&actual.frameworks));
    let fresh: BTreeSet<String> = cached.filter(stale).map(str::to_owned).collect();
    if fresh.is_empty() { Step::Done(Box::new(pulled)) } else { Step::Read(Needs { fresh, ..Needs::default() }) }
}

fn cached<T>(all: &[AccountObject<T>]) -> impl Iterator<Item = &str> {
    all.iter().filter(|held| matches!(held.detail, Detail::Cached(_))).map(|held| held.id.as_str())
}

/// All objects in full.
fn unread(actual: &Actual) -> Needs {
    let controls = actual.controls.iter().filter(|held| matches!(held.detail, Detail::NotRead));
    let frameworks = actual.frameworks.iter().filter(|held| matches!(held.detail, Detail::NotRead));
    Needs {
        controls: controls.map(|held| held.id.clone()).collect(),
        frameworks: frameworks.map(|held| held.id.clone()).collect(),
        ..Needs::default()
    }
}

/// The objects that were asked for. Those that cannot be read are among them: nobody knows whose they are.
struct Chosen<'a> {
    controls: Vec<&'a AccountObject<AccountControl>>,
    frameworks: Vec<&'a AccountObject<AccountFramework>>,
}

fn choose<'a>(catalog: &str, actual: &'a Actual, options: &Options) -> (Chosen<'a>, PassedOver) {
    let mut passed_over = PassedOver::default();
    let mut chooses = |tags: Option<&BTreeMap<String, String>>| match tags.map(|tags| tags.get(CATALOG_TAG)) {
        None => true,
        Some(None) => {
            passed_over.unmanaged += usize::from(!options.unmanaged);
            options.unmanaged
        }
        Some(Some(owner)) if owner == catalog => true,
        Some(Some(owner)) => {
            *passed_over.others.entry(owner.clone()).or_default() += 1;
            false
        }
    };
    let mut controls: Vec<_> =
        actual.controls.iter().filter(|held| chooses(held.detail.get().map(|detail| &detail.tags))).collect();
    let mut frameworks: Vec<_> =
        actual.frameworks.iter().filter(|held| chooses(held.detail.get().map(|detail| &detail.tags))).collect();
    controls.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    frameworks.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    (Chosen { controls, frameworks }, passed_over)
}

/// What must be read before the objects can be looked at: whether the others are still not ours, since a tag can be set
/// without the list showing it; and the controls of AWS that the frameworks hold.
fn unsettled(catalog: &str, actual: &Actual, chosen: &Chosen<'_>) -> Needs {
    let is_ours = |tags: &BTreeMap<String, String>| tags.get(CATALOG_TAG).is_some_and(|owner| owner == catalog);
    let others = actual.controls.iter().filter(|held| matches!(&held.detail, Detail::Cached(it) if !is_ours(&it.tags)));
    let mut fresh: BTreeSet<String> = others.map(|held| held.id.clone()).collect();
    let others =
        actual.frameworks.iter().filter(|held| matches!(&held.detail, Detail::Cached(it) if !is_ours(&it.tags)));
    fresh.extend(others.map(|held| held.id.clone()));
    let mut needs = Needs { fresh, ..Needs::default() };
    let custom: HashSet<&str> = actual.controls.iter().map(|held| held.id.as_str()).collect();
    let sets = chosen.frameworks.iter().filter_map(|held| held.detail.get()).flat_map(|detail| &detail.control_sets);
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
        names.extend(by_id.get(id).into_iter().flat_map(|held| lists.map(|(origin, _)| (origin, held.name.as_str()))));
    }
    // Whether a name means one control only is known when it is known which of its controls are supported.
    for (origin, list) in lists {
        let unread = list.iter().flatten().filter(|held| matches!(held.detail, Detail::NotRead));
        let wanted = unread.filter(|held| names.contains(&(origin, held.name.as_str())));
        needs.controls.extend(wanted.map(|held| held.id.clone()));
    }
    needs
}

const fn kind(object: ObjectType) -> FileKind {
    match object {
        ObjectType::Control => FileKind::Control,
        ObjectType::Framework => FileKind::Framework,
    }
}

//! What becomes of each object: its file stays, is written, or is not.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::definition::{self, Around};
use super::draft::{self, Draft};
use super::path::Taken;
use super::{Differing, Failed, LeftOut, Options, PassedOver, Pulled, Target, kind};
use crate::catalog::Definition;
use crate::diagnostic::{Diagnostic, Level};
use crate::plan::{
    self, AccountControl, AccountFramework, AccountObject, Actual, CATALOG_TAG, Change, ObjectType, SOURCE_TAG,
    is_ownership_tag,
};
use crate::source::Source;

/// A file of the target.
struct Existing<'a> {
    source: &'a Source,
    /// Whether it says what the account holds.
    same: bool,
}

/// An object that was asked for.
#[derive(Clone, Copy)]
struct Subject<'a> {
    object: ObjectType,
    name: &'a str,
    id: &'a str,
    /// None where it could not be read.
    tags: Option<&'a BTreeMap<String, String>>,
}

/// What the target has for an object.
enum TargetFile<'a> {
    File(Existing<'a>),
    Nothing,
}

/// Objects on their way into files.
pub(super) struct Puller<'a> {
    target: &'a Target,
    options: &'a Options,
    around: Around<'a>,
    taken: Taken,
    /// What planning the catalog as it is would do.
    changes: BTreeMap<(ObjectType, &'a str), &'a Change>,
    held_twice: BTreeMap<(ObjectType, &'a str), Vec<String>>,
    /// New names of objects that the catalog renames, by the old ones.
    given_up: BTreeMap<(ObjectType, &'a str), &'a str>,
    /// Files of which nobody knows what they define, by path.
    nameless: HashMap<&'a str, &'a Source>,
    drafts: Vec<Draft>,
    /// Drafts that have no path yet.
    unplaced: Vec<Draft>,
    pulled: Pulled,
    /// Ids of the objects of which more is told than that nothing differs.
    written: HashSet<String>,
}

/// Objects of one name, by name.
fn held_twice<T>(
    object: ObjectType,
    all: &[AccountObject<T>],
) -> impl Iterator<Item = ((ObjectType, &str), Vec<String>)> {
    let mut names: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for held in all {
        names.entry(&held.name).or_default().push(held.id.clone());
    }
    names.into_iter().filter(|(_, ids)| ids.len() > 1).map(move |(name, mut ids)| {
        ids.sort();
        ((object, name), ids)
    })
}

impl<'a> Puller<'a> {
    pub(super) fn new(target: &'a Target, actual: &'a Actual, options: &'a Options, changes: &'a [Change]) -> Self {
        let checked = &target.checked;
        let catalog = &checked.catalog;
        let controls = catalog.controls.iter().flat_map(|(new, entry)| {
            entry.value.renamed_from.iter().map(move |old| ((ObjectType::Control, old.as_str()), new.as_str()))
        });
        let frameworks = catalog.frameworks.iter().flat_map(|(new, entry)| {
            entry.value.renamed_from.iter().map(move |old| ((ObjectType::Framework, old.as_str()), new.as_str()))
        });
        let given_up: BTreeMap<_, _> = controls.chain(frameworks).collect();
        let names = given_up.keys().filter(|(object, _)| *object == ObjectType::Control).map(|(_, name)| *name);
        let around = Around::new(&catalog.name, &checked.config.tags, names, actual);
        let definitions: BTreeSet<_> = catalog.files_of_name.values().flatten().collect();
        let nameless =
            checked.sources.iter().filter(|(file, source)| source.text().is_ok() && !definitions.contains(file));
        Self {
            target,
            options,
            around,
            taken: Taken::new(target.files.iter().map(String::as_str), target.folders.iter().map(String::as_str)),
            changes: changes.iter().map(|change| ((change.object, change.name.as_str()), change)).collect(),
            held_twice: held_twice(ObjectType::Control, &actual.controls)
                .chain(held_twice(ObjectType::Framework, &actual.frameworks))
                .collect(),
            nameless: nameless.map(|(_, source)| (source.path(), source)).collect(),
            given_up,
            drafts: Vec::new(),
            unplaced: Vec::new(),
            pulled: Pulled { catalog: catalog.name.clone(), ..Pulled::default() },
            written: HashSet::new(),
        }
    }

    fn leave_out(&mut self, object: ObjectType, name: &str, ids: Vec<String>, reason: String) {
        self.pulled.left_out.push(LeftOut { object, name: name.to_owned(), ids, reason });
    }

    /// Finds out what becomes of a control.
    pub(super) fn control(&mut self, held: &AccountObject<AccountControl>) {
        let detail = held.detail.get();
        let make = |around: &Around<'_>| Some(definition::control(around, held, detail?).map(Definition::Control));
        let tags = detail.map(|detail| &detail.tags);
        self.object(&Subject { object: ObjectType::Control, name: &held.name, id: &held.id, tags }, make);
    }

    /// Finds out what becomes of a framework.
    pub(super) fn framework(&mut self, held: &AccountObject<AccountFramework>) {
        let detail = held.detail.get();
        let make = |around: &Around<'_>| Some(definition::framework(around, held, detail?).map(Definition::Framework));
        let tags = detail.map(|detail| &detail.tags);
        self.object(&Subject { object: ObjectType::Framework, name: &held.name, id: &held.id, tags }, make);
    }

    fn object(&mut self, subject: &Subject<'_>, make: impl Fn(&Around<'_>) -> Option<Result<Definition, Failed>>) {
        let Subject { object, name, id, tags } = *subject;
        let id = || vec![id.to_owned()];
        let Some(tags) = tags else {
            let reason = "the account lists it, but does not give it out: run the command again".to_owned();
            return self.leave_out(object, name, id(), reason);
        };
        if let Some(ids) = self.held_twice.get(&(object, name)) {
            let (noun, ids) = (object.noun(), ids.clone());
            let reason = format!("the account holds {} {noun}s of this name: rename or delete all but one", ids.len());
            if self.pulled.left_out.last().is_none_or(|last| (last.object, &*last.name) != (object, name)) {
                self.leave_out(object, name, ids, reason);
            }
            return;
        }
        if let Some(new) = self.given_up.get(&(object, name)) {
            let reason = format!("the catalog renames it to `{new}` (`renamedFrom`): apply that, or remove it there");
            return self.leave_out(object, name, id(), reason);
        }
        let is_ours = tags.get(CATALOG_TAG).is_some_and(|owner| owner == self.around.catalog);
        let own_path = tags.get(SOURCE_TAG).map(String::as_str).filter(|_| is_ours);
        let existing = match self.place(object, name, own_path) {
            Ok(TargetFile::File(Existing { same: true, .. })) => {
                self.pulled.unchanged += 1;
                return;
            }
            Ok(TargetFile::File(existing)) => Some(existing.source),
            Ok(TargetFile::Nothing) => None,
            Err(Failed(reason)) => return self.leave_out(object, name, id(), reason),
        };
        self.written.insert(subject.id.to_owned());
        let definition = match make(&self.around) {
            Some(Ok(definition)) => definition,
            Some(Err(Failed(reason))) => return self.leave_out(object, name, id(), reason),
            None => return,
        };
        let mut draft = Draft::new(object, subject.id, definition);
        if let Some(source) = existing {
            if !self.options.overwrite {
                let (path, name) = (source.path().to_owned(), name.to_owned());
                return self.pulled.differing.push(Differing { path, object, name });
            }
            draft.place(source.path());
            draft.before = Some(source.text_or_empty().to_owned());
            return self.drafts.push(draft);
        }
        match own_path.filter(|path| self.taken.take_own(path, kind(object))) {
            Some(path) => {
                draft.place(path);
                self.drafts.push(draft);
            }
            None => self.unplaced.push(draft),
        }
    }

    /// The file of the target that an object has.
    fn place(&mut self, object: ObjectType, name: &str, own_path: Option<&str>) -> Result<TargetFile<'a>, Failed> {
        let checked = &self.target.checked;
        let files = checked.catalog.files_of_name.get(&(kind(object), name.to_owned())).map(Vec::as_slice);
        match files.unwrap_or_default() {
            [] => {
                // Nobody knows what a file defines that cannot be read, but where the object stood, it is meant.
                // One object only: where several had it, nobody knows which of them it was last.
                let of_kind = |path: &&str| self.nameless.get(path).is_some_and(|source| source.kind() == kind(object));
                let source = own_path.filter(of_kind).and_then(|path| self.nameless.remove(path));
                Ok(source.map_or(TargetFile::Nothing, |source| TargetFile::File(Existing { source, same: false })))
            }
            [file] => {
                let same = self.changes.get(&(object, name)).is_some_and(|change| {
                    let tags = change.tags.set.keys().chain(change.tags.remove.keys());
                    change.fields.is_empty()
                        && change.blocked_by.is_empty()
                        && tags.into_iter().all(|key| is_ownership_tag(key))
                });
                // What `lint` refuses says it without the comments that a written file has.
                let refused = |found: &Diagnostic| found.file == *file && found.level == Level::Error;
                let same = same && !(self.options.overwrite && checked.diagnostics.iter().any(refused));
                Ok(TargetFile::File(Existing { source: checked.sources.get(*file), same }))
            }
            several => {
                let paths: Vec<String> =
                    several.iter().map(|file| format!("`{}`", checked.sources.get(*file).path())).collect();
                Err(Failed(format!("several files define it: {}; remove all but one", paths.join(", "))))
            }
        }
    }

    /// Writes the files; with the ids of the objects that they, or the reasons why there are none, are about.
    pub(super) fn finish(mut self, target: plan::Target, passed_over: PassedOver) -> (Pulled, HashSet<String>) {
        for mut draft in std::mem::take(&mut self.unplaced) {
            draft.place(&self.taken.take_slug(draft.name(), kind(draft.object)));
            self.drafts.push(draft);
        }
        self.pulled.target = target;
        self.pulled.passed_over = passed_over;
        draft::finish(self.target, self.drafts, &mut self.taken, &self.options.check, &mut self.pulled);
        self.pulled.left_out.sort();
        self.pulled.differing.sort();
        self.pulled.files.sort_by(|a, b| a.path.cmp(&b.path));
        (self.pulled, self.written)
    }
}
